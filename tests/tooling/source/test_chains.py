"""Chains: names with the attributes that are read from them."""

import ast

import pytest

from deferred_imports.tooling.source.chains import called_chain, chain_by_name, chain_of, innermost, spine_of


def parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "chain", "called", "spine"),
    [
        ("a", ("a",), ("a",), ("a",)),
        ("a.b.c", ("a", "b", "c"), ("a", "b", "c"), ("a", "b", "c")),
        ("a.b(1)", None, ("a", "b"), ("a", "b")),
        ("a.b[1]", None, ("a", "b"), ("a", "b")),
        ("a(1).b[2].c", None, None, ("a", "b", "c")),
        ("'a'.b", None, None, None),
        ("(a + b).c", None, None, None),
    ],
)
def test_each_kind(
    text: str, chain: tuple[str, ...] | None, called: tuple[str, ...] | None, spine: tuple[str, ...] | None
) -> None:
    """A chain is names and dots only; what is called or subscripted has one, and a longer expression hangs on one."""
    node = parsed(text)
    assert (chain_of(node), called_chain(node), spine_of(node)) == (chain, called, spine)


def test_by_name() -> None:
    """`getattr` with a text is the attribute; with anything else it is not."""
    calls = [
        parsed(text) for text in ("getattr(a.b, 'c', None)", "getattr(a, b)", "getattr(a(), 'b')", "other(a, 'b')")
    ]
    assert [chain_by_name(call) for call in calls if isinstance(call, ast.Call)] == [("a", "b", "c"), None, None, None]


def test_innermost() -> None:
    """What attributes are read from may be any expression."""
    assert ast.unparse(innermost(parsed("f(x).a.b"))) == "f(x)"
