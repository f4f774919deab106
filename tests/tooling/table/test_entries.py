"""Entries of the table: which names they may have."""

import builtins
import keyword

import pytest

from deferred_imports.tooling.table.entries import RESERVED_NAMES, Target, is_dunder, is_name


@pytest.mark.parametrize(("text", "fine"), [("np", True), ("größe", True), ("1a", False), ("a.b", False), ("", False)])
def test_names(text: str, fine: bool) -> None:
    """A name is an identifier, and no keyword of any Python."""
    assert is_name(text) is fine
    assert not any(map(is_name, keyword.kwlist))


def test_names_that_python_gives_a_meaning() -> None:
    """What stands between double underscores is Python's; what registries need for themselves is reserved."""
    assert is_dunder("__getattr__")
    assert not is_dunder("_private")
    assert RESERVED_NAMES.isdisjoint(keyword.kwlist)
    assert RESERVED_NAMES - {*dir(builtins)} != RESERVED_NAMES


def test_a_target_is_written_as_an_object_reference() -> None:
    """As the entry-points specification has it."""
    assert str(Target("a.b")) == "a.b"
    assert str(Target("a.b", "c.d")) == "a.b:c.d"
