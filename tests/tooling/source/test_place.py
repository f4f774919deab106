"""The place of a statement: when it runs and on which platforms, by the conditions around it."""

import ast

import pytest

from deferred_imports.tooling.source.conditions import Scope
from deferred_imports.tooling.source.guards import Guard
from deferred_imports.tooling.source.place import Standing, beyond, both_ways, branches


def scope() -> Scope:
    found = Scope("app", {})
    found.bind("sys", "sys")
    return found


def an_if(source: str) -> ast.If:
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.If)
    return node


def test_a_place_narrows() -> None:
    """A function runs later and guards nothing of its own; what never runs stays so; markers add up."""
    assert Standing(guarded=True).called() == Standing("call", native=False)
    assert Standing("typing").called().when == "typing"
    assert Standing("typing").only("main").when == "typing"
    narrowed = Standing(marker="os_name == 'nt'").where(Guard("sys_platform == 'win32'", whole=False))
    assert narrowed == Standing(marker="os_name == 'nt' and sys_platform == 'win32'", conditional=True)


def test_every_branch_is_met() -> None:
    """An `if` and each `elif` come one after the other, and the `if` below `else` is none of them."""
    source = "if a: ...\n" + "elif a: ...\n" * 100 + "else:\n    if b: ...\n    x = 1"
    assert len(list(branches(an_if(source)))) == 101


@pytest.mark.parametrize(
    ("test", "inside", "otherwise"),
    [
        ("TYPE_CHECKING", Standing("typing"), Standing()),
        ("not TYPE_CHECKING", Standing(), Standing("typing")),
        ("__name__ == '__main__'", Standing("main"), Standing()),
        (
            "sys.platform == 'win32'",
            Standing(marker="sys_platform == 'win32'"),
            Standing(marker="sys_platform != 'win32'"),
        ),
        ("anything", Standing(), Standing()),
    ],
)
def test_both_ways(test: str, inside: Standing, otherwise: Standing) -> None:
    """A condition that tells something tells it of what runs where it holds, and of what runs where it does not."""
    node = ast.parse(test, mode="eval").body
    assert both_ways(node, scope().judge(node), scope(), Standing()) == (inside, otherwise)


@pytest.mark.parametrize(
    ("source", "marker"),
    [
        ("if sys.platform == 'win32': raise ImportError", "sys_platform != 'win32'"),
        ("if sys.platform == 'win32': x = 1\nelse: raise ImportError", "sys_platform == 'win32'"),
        ("if sys.version_info < (3, 9): raise ImportError", None),  # a version that the package does not support
        ("if sys.platform == 'win32': x = 1", None),
    ],
)
def test_what_follows_a_branch_that_leaves(source: str, marker: str | None) -> None:
    """What follows an `if` is reached where no branch of it has left the block."""
    node = an_if(source)
    found = beyond(node, scope().judge(node.test), scope())
    assert (found.marker if found else None) == marker
