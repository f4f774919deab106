"""Which build backend `init` wraps."""

from pathlib import Path
from typing import Any

import pytest

from deferred_imports.tooling.init.wrapping import to_wrap, what_is_wrapped, wrapping
from deferred_imports.tooling.table.wrapping import OURS
from goldens import write_app


@pytest.mark.parametrize(
    ("document", "table"),
    [
        ({}, {"backend": "setuptools.build_meta:__legacy__"}),
        ({"build-system": {"build-backend": "flit_core.buildapi"}}, {"backend": "flit_core.buildapi"}),
        (
            {"build-system": {"build-backend": "own", "backend-path": ["tools"]}},
            {"backend": "own", "backend-path": ["tools"]},
        ),
        ({"build-system": {"build-backend": "hatchling.build"}}, {}),
        ({"build-system": {"build-backend": OURS}}, {}),
    ],
)
def test_what_is_wrapped(document: dict[str, Any], table: dict[str, Any], tmp_path: Path) -> None:
    """Any backend but hatchling, which has a hook, and ours; where none is named, that of PEP 517."""
    assert to_wrap(tmp_path, document) == table


def test_a_committed_registry_needs_no_backend(tmp_path: Path) -> None:
    """Where the registry lies in the tree, builds ship it as they are."""
    document: dict[str, Any] = {"project": {"name": "app"}, "tool": {"deferred-imports": {"discover": True}}}
    assert to_wrap(write_app(tmp_path, {}), document) != {}
    assert to_wrap(write_app(tmp_path, {"app/_deferred.py": ""}), document) == {}
    assert to_wrap(tmp_path, document, is_generated=True) != {}


def test_the_build_system_then() -> None:
    """Ours stands there, the requirements stay, and the path of the other one goes to the table."""
    system = {"requires": ["x"], "build-backend": "own", "backend-path": ["."]}
    assert wrapping({"build-system": system}) == {"requires": ["x"], "build-backend": OURS}
    assert wrapping({}) == {"requires": [], "build-backend": OURS}


@pytest.mark.parametrize(
    ("backend", "past"),
    [
        ("setuptools.build_meta:__legacy__", ""),
        ("own", ""),
        ("flit_core.buildapi", '; "flit build" and "flit publish" leave it out, as they ask no backend: build with '),
        ("maturin", '; "maturin build" and "maturin develop" leave it out, as they ask no backend: build with '),
        ("poetry.core.masonry.api", '; "poetry install" leaves it out, as it asks no backend: run "deferred-imports '),
    ],
)
def test_what_goes_past_the_backend(backend: str, past: str) -> None:
    """What a backend's own command builds or installs without asking ours lacks the registry, and that is said."""
    assert what_is_wrapped(backend).partition(" to its wheels")[2].startswith(past)
    assert bool(past) == (
        what_is_wrapped(backend) != f'"{backend}" builds as before, and {OURS} adds the registry to its wheels'
    )
