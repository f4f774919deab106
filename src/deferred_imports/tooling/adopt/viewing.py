"""Which names a file looks for by `vars(module)` or `dir(module)`, which show all of them. Syntax only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

ALL = ".*"


def find_views(nodes: Iterable[ast.AST]) -> dict[ast.expr, str]:
    """Return a regular expression of the names that are looked for, for each expression of names where that shows.

    Such as `[v for v in dir(module) if v.endswith("View")]`, `"json" in vars(module)`, and
    `for name in ("json", "csv"): if name in vars(module): ...`.
    """
    found: dict[ast.expr, str] = {}
    for node in nodes:
        match node:
            case ast.comprehension(target=ast.Name(id=name), iter=view, ifs=tests):
                found[view] = next((names for test in tests if (names := _tested(test, name)) != ALL), ALL)
            case ast.For(target=ast.Name(id=name), iter=ast.Tuple() | ast.List() | ast.Set() as names, body=body):
                texts = _texts(names)
                for view in _asked(body, name) if texts is not None else ():
                    found[view] = _any(texts or ())
            case ast.Compare(left=ast.Constant(value=str(text)), ops=[ast.In() | ast.NotIn()], comparators=[view]):
                found[view] = re.escape(text)
    return {view: names for view, names in found.items() if names != ALL}


def _tested(test: ast.expr, name: str) -> str:
    """Return what a condition leaves of the names, as a regular expression."""
    match test:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=tested), attr=how), args=[what]) if tested == name:
            texts = _texts(what)
            if texts is not None and how in {"startswith", "endswith"}:
                return f"{_any(texts)}.*" if how == "startswith" else f".*{_any(texts)}"
        case ast.Compare(left=ast.Name(id=tested), ops=[ast.Eq()], comparators=[ast.Constant(value=str(text))]):
            return re.escape(text) if tested == name else ALL
        case ast.Compare(
            left=ast.Name(id=tested), ops=[ast.In()], comparators=[ast.Tuple() | ast.List() | ast.Set() as what]
        ):
            texts = _texts(what)
            return ALL if texts is None or tested != name else _any(texts)
    return ALL


def _asked(body: list[ast.stmt], name: str) -> Iterator[ast.expr]:
    """Yield what a loop asks for its name, unless that becomes another on the way."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    if any(isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load) for node in nodes):
        return
    for node in nodes:
        match node:
            case ast.Compare(left=ast.Name(id=asked), ops=[ast.In() | ast.NotIn()], comparators=[view]):
                if asked == name:
                    yield view


def _texts(node: ast.expr) -> list[str] | None:
    """Return the text that an expression is, or those that it holds; None for anything else."""
    parts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return texts if len(texts) == len(parts) else None


def _any(texts: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, texts))})"
