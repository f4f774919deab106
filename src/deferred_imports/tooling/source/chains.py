"""Chains: a name with the attributes that are read from it, as in `np.linalg.norm`. Syntax only."""

from __future__ import annotations

import ast
from typing import TypeAlias

Chain: TypeAlias = "tuple[str, ...]"
"""A name and the attributes read from it, as in `_deferred.np.zeros`."""


def chain_of(node: ast.expr) -> Chain | None:
    """Return the name and the attributes that an expression consists of, if it does."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, *reversed(attributes)) if isinstance(node, ast.Name) else None


def called_chain(node: ast.expr) -> Chain | None:
    """Return the chain that a decorator or base class consists of, called or subscripted or not."""
    return chain_of(unsubscripted(node.func if isinstance(node, ast.Call) else node))


def chain_by_name(node: ast.Call) -> Chain | None:
    """Return the chain that `getattr(d, "np")` stands for."""
    match node:
        case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=[value, ast.Constant(value=str(name)), *_]):
            chain = chain_of(value)
            return (*chain, name) if chain else None
    return None


def unsubscripted(node: ast.expr) -> ast.expr:
    """Return what a subscript is taken of: `List` of `List[int]`."""
    return node.value if isinstance(node, ast.Subscript) else node


def innermost(node: ast.expr) -> ast.expr:
    """Return what attributes are read from in the end."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


def spine_of(node: ast.expr) -> Chain | None:
    """Return the chain that a longer expression hangs on: `a.b` of `a.b["c"]`, `a.b.c` of `a.b(1).c`."""
    attributes = []
    while True:
        match node:
            case ast.Attribute(value=value, attr=attr):
                attributes.append(attr)
                node = value
            case ast.Call(func=value) | ast.Subscript(value=value):
                node = value
            case ast.Name(id=name):
                return (name, *reversed(attributes))
            case _:
                return None
