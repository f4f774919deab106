"""What moves and what stays, as values and in words."""

import ast
from typing import get_args

import pytest

from deferred_imports.tooling.adopt.moves import (
    REASONS,
    ImportStatement,
    Kept,
    Member,
    StayReason,
    is_for_checkers,
    told,
)


@pytest.mark.parametrize(
    ("code", "module", "bound", "target"),
    [
        ("import a", "a", "a", "a"),
        ("import a.b", "a.b", "a", "a.b"),
        ("import a.b as c", "a.b", "c", "a.b"),
        ("from a import b", "a", "b", "a.b"),
        ("from a import b as c", "a", "c", "a.b"),
    ],
)
def test_what_a_name_binds_and_imports(code: str, module: str, bound: str, target: str) -> None:
    """As the import statement does (https://docs.python.org/3/reference/simple_stmts.html#import)."""
    node = ast.parse(code).body[0]
    assert isinstance(node, ImportStatement)
    member = Member(node, node.names[0], module)
    assert (member.bound, member.target) == (bound, target)


def test_each_reason_has_its_words() -> None:
    """Every code has a sentence, and no sentence is without a code."""
    assert set(get_args(StayReason)) == REASONS.keys()


def test_reasons_in_words() -> None:
    """A reason names what holds the import, and the first lines that do."""
    assert str(Kept("json", 1, "base", "", (4, 9))) == "a base class, or an argument of one (line 4, 9)"
    assert told("compiled", "`f`", ()) == "used in `f`, which something other than Python compiles"
    assert told("module", "", (1, 2, 3, 4, 5, 6)).endswith("(line 1, 2, 3, 4, 5)")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("if TYPE_CHECKING: ...", True),
        ("if typing.TYPE_CHECKING: ...", True),
        ("if not TYPE_CHECKING: ...", False),
        ("while TYPE_CHECKING: ...", False),
        ("if DEBUG: ...", False),
    ],
)
def test_what_only_checkers_take_for_true(code: str, expected: bool) -> None:
    """The name that type checkers know, of `typing` or of the module's own, and nothing else."""
    assert is_for_checkers(ast.parse(code).body[0]) is expected
