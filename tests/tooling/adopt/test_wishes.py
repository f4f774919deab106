"""What the user wants."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling.adopt.target import find_target
from deferred_imports.tooling.adopt.wishes import FORMS, Wishes, default_forms

MakeProject = Callable[..., Path]


def test_whether_a_registry_serves() -> None:
    """It does where the form is wanted, and the table may say so."""
    assert Wishes(()).registered
    assert not Wishes((), table=False).registered
    assert not Wishes((), forms=("functions",)).registered


@pytest.mark.parametrize(
    ("requires", "version", "forms"),
    [
        (">=3.15", (3, 15), ("native",)),
        (">=3.15", (3, 14), FORMS),
        (">=3.14", (3, 15), FORMS),
        ("", (3, 15), FORMS),
    ],
)
def test_the_forms_by_themselves(
    requires: str, version: tuple[int, int], forms: tuple[str, ...], make_project: MakeProject
) -> None:
    """Where each Python that the project is for has lazy imports, these are the form; on an older one none is tried."""
    manifest = make_project() / "pyproject.toml"
    manifest.write_text(f'{manifest.read_text("utf-8")}requires-python = "{requires}"\n', "utf-8")
    assert default_forms(find_target(manifest.parent), version) == forms
