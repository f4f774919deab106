"""What is left of an import statement of which some names move."""

import ast

import pytest

from deferred_imports.tooling.adopt.layout import Style
from deferred_imports.tooling.adopt.shortening import comments_above, shortening_edits
from deferred_imports.tooling.adopt.text import Text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import a, b", "import a"),
        ("from m import a, b", "from m import a"),
        ("from m import a, b  # why", "from m import a  # why"),
        ("from m import (\n    a,  # one\n    b,\n)", "from m import (\n    a,  # one\n)"),
        ("from m import (a,  # one\n    b)", "from m import (a)"),
    ],
)
def test_the_rest_is_as_it_was(before: str, after: str) -> None:
    """One line, a list with a name on each line, or words between comments."""
    text = Text(before.encode())
    (node,) = ast.parse(before).body
    assert isinstance(node, ast.Import | ast.ImportFrom)
    edits = shortening_edits(node, [node.names[1]], None, text, Style())
    assert text.edited(edits).decode() == after


def test_a_name_is_added_in_its_order() -> None:
    """Constants come first, as linters have it."""
    text = Text(b"from typing import Any, cast\n")
    (node,) = ast.parse(text.text).body
    edits = shortening_edits(node, (), "TYPE_CHECKING", text, Style())
    assert text.edited(edits) == b"from typing import TYPE_CHECKING, Any, cast\n"


def test_comments_above_a_name_in_a_list() -> None:
    """Comments on lines of their own belong to the name below them."""
    text = Text(b"from a import (\n    # one\n    b,\n    # two\n    # three\n    c,\n)\n")
    node = ast.parse(text.text).body[0]
    assert isinstance(node, ast.ImportFrom)
    assert list(comments_above(text, node, node.names[1], [node.names[1]])) == [4, 5]
