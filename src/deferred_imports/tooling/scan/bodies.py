"""Whether calling a function changes anything but what it makes itself, by what its body says. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from deferred_imports.tooling.scan.following import Follower
from deferred_imports.tooling.scan.foreign import ForeignSources
from deferred_imports.tooling.scan.signs import SAYING
from deferred_imports.tooling.source.bindings import locals_of
from deferred_imports.tooling.source.chains import Chain, spine_of
from deferred_imports.tooling.source.walking import children
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY

_DEPTH = 6
_CHANGING = frozenset({"__import__", "delattr", "eval", "exec", "setattr"})


class Bodies:
    """Looks at the bodies of functions, and at those of the functions that these call."""

    def __init__(self, sources: ForeignSources, follower: Follower) -> None:
        """Take what finds them.

        Args:
            sources: All sources.
            follower: Follows names through these.
        """
        self._sources = sources
        self._follower = follower
        self._known: dict[tuple[str, str], bool] = {}

    def changes(self, place: str, path: str, depth: int = 0) -> bool:
        """Tell whether a function may change what outlives the call; what it is handed is its caller's to answer for.

        Args:
            place: Its module.
            path: Its name there.
            depth: How many functions lead to it.
        """
        if (place, path) not in self._known:
            self._known[place, path] = False  # until it is known, for functions that call themselves
            node = function_at(self._sources.tree(place), path) if depth < _DEPTH else None
            self._known[place, path] = node is None or self._changes(place, node, depth)
        return self._known[place, path]

    def _changes(self, place: str, function: ast.FunctionDef | ast.AsyncFunctionDef, depth: int) -> bool:
        own = locals_of(function)
        for node in inside(function.body):
            match node:
                case ast.Global() | ast.Yield() | ast.YieldFrom() | ast.Await():
                    return True
                case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                    chain = spine_of(node)
                    if chain is None or chain[0] not in own:
                        return True
                case ast.Call(func=func):
                    if self._calls(place, spine_of(func), own, depth):
                        return True
        return False

    def _calls(self, place: str, chain: Chain | None, own: set[str], depth: int) -> bool:
        """Tell whether a call may change something."""
        if chain is None or chain[0] in own:
            return chain is not None and len(chain) == 1  # else a method of a value, or of something of its own
        origin = self._follower.origin(place, chain)
        if origin.kind == "builtin":
            return chain[0] in _CHANGING
        if origin.kind == "foreign":
            return origin.top not in STANDARD_LIBRARY and chain[-1] not in SAYING
        if origin.kind == "own" and not origin.rest and origin.module in self._sources:
            names = self._sources[origin.module].names
            if origin.path in names.functions:
                return self.changes(origin.module, origin.path, depth + 1)
            return origin.path not in names.classes
        return True


def inside(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield what lies in a function, in the order of the source; inner functions belong to themselves."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield node
        yield from inside(children(node))


def function_at(tree: ast.Module | None, path: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the definition of a function by its dotted name; of several the last."""
    body: list[ast.stmt] = tree.body if tree else []
    *around, last = path.split(".")
    for name in around:
        classes = [node for node in _statements(body) if isinstance(node, ast.ClassDef) and node.name == name]
        body = classes[-1].body if classes else []
    found = None
    for node in _statements(body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == last:
            found = node
    return found


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements, and those in `if` and `try`, where definitions stand, too."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _statements([*node.body, *node.orelse])
