"""One module, read: where its imports come from, and what stands at its top."""

import ast

import pytest

from deferred_imports.tooling.adopt.moves import ImportStatement, Wanted
from deferred_imports.tooling.adopt.parsed import parsed_module, top_statements


@pytest.mark.parametrize(
    ("statement", "origin"),
    [
        ("import json", ""),
        ("from json import loads", "json"),
        ("from . import a", "app.part"),
        ("from ..b import a", "app.b"),
        ("from .... import a", None),
    ],
)
def test_relative_imports_start_from_the_package(statement: str, origin: str | None) -> None:
    """What leaves the top package comes from nowhere."""
    module = parsed_module(statement.encode(), "app.part.cli", is_package=False, wanted=Wanted())
    (node,) = module.tree.body
    assert isinstance(node, ImportStatement)
    assert module.origin(node) == origin
    package = parsed_module(statement.encode(), "app.part", is_package=True, wanted=Wanted())
    assert package.package == module.package == "app.part"


def test_what_stands_in_conditions_is_at_the_top() -> None:
    """A condition and both its branches are there."""
    tree = ast.parse("a\nif b:\n    c\nelse:\n    d\n")
    assert [ast.unparse(node) for node in top_statements(tree)][::2] == ["a", "c"]
    assert len(top_statements(tree)) == 4
