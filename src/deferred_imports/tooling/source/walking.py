"""The parts of a syntax tree that can say something: without operators, contexts and what is only text.

`ast.iter_child_nodes` asks for every field of every node, and for leaves that say nothing: this is the same walk at a
third of the time, which is most of the time that reading a package takes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

# Fields that hold no node, or one of those that say nothing.
_SILENT = frozenset(
    """
    arg asname attr conversion ctx id is_async is_lazy kind kwd_attrs level module op ops rest simple str tag
    type_comment
    """.split()
)
_WITH_TEXT = frozenset({ast.Constant, ast.MatchSingleton})  # whose `value` is no node
_WITH_NAMES = frozenset({ast.Global, ast.Nonlocal})  # whose `names` are text


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of each kind of node that hold others; each kind is looked at when it is first met."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        silent = {*_SILENT, *(("value",) if kind in _WITH_TEXT else ()), *(("names",) if kind in _WITH_NAMES else ())}
        self[kind] = tuple(field for field in kind._fields if field not in silent)
        return self[kind]


_FIELDS = _Fields()


def children(node: ast.AST) -> list[ast.AST]:
    """Return the parts that a node consists of, in the order of its fields."""
    found: list[ast.AST] = []
    for field in _FIELDS[type(node)]:
        value = getattr(node, field, None)
        if value.__class__ is list:
            found += value if None not in value else filter(None, value)
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all that lies in it, in no fixed order."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack += children(one)
