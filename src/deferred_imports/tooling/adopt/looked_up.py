"""What a module looks up by text, and which functions hand on all that they hold. Syntax only."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from deferred_imports.tooling.adopt.moves import Definition
from deferred_imports.tooling.source.lookups import lookup

# Without these words, a module looks nothing up: walking through it takes long.
_NAMING = re.compile(r"\b(?:globals|vars|locals|dir|eval|exec|modules)\b")
_HOLDING = frozenset({"locals", "vars", "dir"})


@dataclass
class LookedUp:
    """What a module looks up.

    Attributes:
        texts: The names that it looks up, with the line.
        anything: The line that may look up any name, or 0.
        by: What does that.
        holders: Functions that read all that they hold, to which an import would add, with the line.
    """

    texts: dict[str, int] = field(default_factory=dict)
    anything: int = 0
    by: str = ""
    holders: dict[Definition, int] = field(default_factory=dict)


def find_lookups(tree: ast.Module, text: str) -> LookedUp:
    """Find what a module looks up, given its syntax and its text."""
    found = LookedUp()
    if not _NAMING.search(text):
        return found
    waiting: list[tuple[ast.AST, ast.AST | None]] = [(tree, None)]
    while waiting:
        node, owner = waiting.pop()
        is_looking = isinstance(node, _LOOKING)
        for name in lookup(node, in_function=owner is not None) if is_looking else ():
            line: int = getattr(node, "lineno", 0) or getattr(getattr(node, "iter", None), "lineno", 0)
            if name is not None:
                found.texts.setdefault(name, line)
            elif not found.anything:
                is_code = isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"eval", "exec"}
                by = "`eval` or `exec`" if is_code else "`globals()` or the like"
                found.anything, found.by = line, f"{by} may read any name of"
        if isinstance(node, ast.Call) and isinstance(owner, Definition) and _holds(node):
            found.holders.setdefault(owner, node.lineno)
        inner = set(_body(node))
        waiting += ((child, node if child in inner else owner) for child in ast.iter_child_nodes(node))
    return found


_LOOKING = (ast.Subscript, ast.Call, ast.Compare, ast.For, ast.comprehension)


def _holds(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in _HOLDING and not node.args and not node.keywords


def _body(node: ast.AST) -> list[ast.stmt] | list[ast.expr]:
    """Return what of a definition stands in a scope of its own."""
    if isinstance(node, ast.Lambda):
        return [node.body]
    return node.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else []
