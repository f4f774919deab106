"""Looking into a document that may be of any shape."""

import pytest

from deferred_imports.tooling.table.document import table_at, text_at, texts_at

DOCUMENT = {"tool": {"a": {"name": "x", "number": 1}, "b": "text"}}


def test_what_is_there() -> None:
    """Keys lead to a table, a string, or the strings of a table."""
    assert table_at(DOCUMENT, "tool", "a") == {"name": "x", "number": 1}
    assert text_at(DOCUMENT, "tool", "b") == "text"
    assert texts_at(DOCUMENT, "tool", "a") == {"name": "x"}


@pytest.mark.parametrize("keys", [("tool", "c"), ("tool", "b", "c"), ("tool", "a", "number"), ("else",)])
def test_what_is_not_there_or_of_another_type_is_empty(keys: tuple[str, ...]) -> None:
    """No shape of a document makes these raise."""
    assert (table_at(DOCUMENT, *keys), text_at(DOCUMENT, *keys), texts_at(DOCUMENT, *keys)) == ({}, "", {})
    assert table_at("no table", *keys) == {}
