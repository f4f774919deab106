"""A source as a whole: read once, with what comments keep and what may evaluate annotations."""

import pytest

from deferred_imports.tooling.source.module import read_module
from deferred_imports.tooling.source.text import UnreadableSourceError


def test_keeps() -> None:
    """A comment that keeps an import is told by its line, with why if it says so."""
    text = (
        "import a  # deferred-imports: keep -- why not\nimport b  # noqa # deferred-imports: keep\nimport c  # keep\n"
    )
    assert read_module(text, "m", is_package=False).keeps == {1: "why not", 2: ""}


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("import typing\ntyping.get_type_hints(f)\n", True),
        ("x.__annotations__\n", True),
        ("inspect.signature(f, eval_str=True)\n", True),
        ("from pydantic import BaseModel\n", True),
        ("import typing\n", False),
        ("inspect.signature(f)\n", False),
    ],
)
def test_what_may_evaluate_annotations(text: str, *, reads: bool) -> None:
    """A source that mentions nothing that evaluates annotations does not."""
    assert read_module(text, "m", is_package=False).reads_annotations is reads


@pytest.mark.parametrize("text", ["import", f"x = {'+'.join(['1'] * 50_000)}"], ids=["syntax", "depth"])
def test_what_cannot_be_read(text: str) -> None:
    """A source that cannot be parsed or walked through is refused."""
    with pytest.raises(UnreadableSourceError):
        read_module(text, "m", is_package=False)
