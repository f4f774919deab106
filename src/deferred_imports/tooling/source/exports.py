"""What `__all__` of a module holds, in every spelling; where that is computed, anything may be in it. Syntax only."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from deferred_imports.tooling.source.chains import Chain, chain_of

Export: TypeAlias = "str | Chain | None"
"""One thing in `__all__`: a name, the `__all__` of another module as a chain to that, or something computed."""

_ADDING = frozenset({"append", "extend", "insert", "__iadd__"})


def exports_in(body: Iterable[ast.stmt]) -> list[Export]:
    """Return what the statements of a module put into `__all__`."""
    body = list(body)
    constants: dict[str, ast.expr] = {}
    for node in _outside(body):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            constants |= {target.id: node.value for target in targets if isinstance(target, ast.Name)}
    constants.pop("__all__", None)
    return [one for node in _outside(body) for one in _of_statement(node, constants)]


def _outside(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements outside of functions and classes."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            handlers = getattr(node, "handlers", [])
            cases = getattr(node, "cases", [])
            for part in (node, *handlers, *cases):
                for name in ("body", "orelse", "finalbody"):
                    yield from _outside(getattr(part, name, []))


def _of_statement(node: ast.stmt, constants: Mapping[str, ast.expr]) -> Iterator[Export]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if _is_all(target):
                    yield from _of_value(value, constants)
                elif isinstance(target, ast.Tuple) and any(map(_is_all, target.elts)):
                    yield None
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
            if _is_all(target):
                yield from _of_value(value, constants)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=holder, attr=method), args=arguments)):
            if _is_all(holder) and method in _ADDING:
                yield from _of_value(arguments[-1], constants) if arguments else ()


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "__all__"


def _of_value(node: ast.expr, constants: Mapping[str, ast.expr], depth: int = 0) -> Iterator[Export]:
    """Yield what an expression adds to `__all__`; None for what only running tells."""
    match node:
        case ast.Constant(value=str(name)):
            yield name
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            for part in parts:
                yield from _of_value(part, constants, depth)
        case ast.BinOp(left=left, right=right, op=ast.Add() | ast.BitOr()):
            yield from _of_value(left, constants, depth)
            yield from _of_value(right, constants, depth)
        case ast.Starred(value=value):
            yield from _of_value(value, constants, depth)
        case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" | "set" | "frozenset"), args=[value]):
            yield from _of_value(value, constants, depth)
        case ast.Attribute():
            yield _of_attribute(node)
        case ast.Name(id="__all__"):  # added to itself
            return
        case ast.Name(id=name) if name in constants and depth < 10:
            yield from _of_value(constants[name], constants, depth + 1)
        case _:
            yield None


def _of_attribute(node: ast.Attribute) -> Export:
    """Return what an attribute adds: the `__all__` of another module, or the name of something defined here."""
    match chain_of(node):
        case (*module, "__all__") if module:
            return tuple(module)
        case (name, "__name__"):
            return name
    return None
