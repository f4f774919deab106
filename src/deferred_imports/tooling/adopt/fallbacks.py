"""Modules that a project does without where something is missing: they have to fail when they are imported.

`try: from weather.fast import mean` with a handler for ImportError expects that the module fails at once where numpy is
missing. An import that moves into a function of it would fail there, later, and nothing would fall back. Syntax only.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from deferred_imports.tooling.adopt.moves import Definition, ImportStatement, is_for_checkers
from deferred_imports.tooling.adopt.wanted import Source
from deferred_imports.tooling.source.conditions import catches_import_error

_BODIES = ("body", "handlers", "orelse", "finalbody", "cases")


@dataclass(frozen=True)
class Fallback:
    """A module that has to fail when something is missing.

    Attributes:
        path: The file that then does without it.
        missing: What may be missing, or fail for that reason: top-level packages of others, modules of its own.
    """

    path: str
    missing: frozenset[str]


class Needs(NamedTuple):
    """What one module imports while it is imported itself.

    Attributes:
        module: It.
        path: Its file.
        tried: What may fail to be imported in it, as a handler expects.
        needed: That without which it fails.
        tops: The top-level packages among that.
    """

    module: str
    path: str
    tried: tuple[str, ...]
    needed: tuple[str, ...]
    tops: frozenset[str]


def needs_of(source: Source) -> Needs:
    """Return what a module imports while it is imported itself."""
    spared = _tried(source.tree, only=_goes_on)
    needed = [node for node in _at_import(source.tree.body) if node not in spared]
    return Needs(
        source.module,
        source.path,
        tuple(name for node in _tried(source.tree) for name in _modules(node, source)),
        tuple(name for node in needed for name in _modules(node, source)),
        frozenset(_tops(needed)),
    )


def find_fallbacks(modules: Iterable[Needs], optional: Callable[[str], bool]) -> dict[str, Fallback]:
    """Return the modules that have to fail when something is missing.

    Args:
        modules: What the modules of the package import.
        optional: Tells of a top-level package of others whether it may be missing.
    """
    by_name = {needs.module: needs for needs in modules}
    found: dict[str, str] = {}
    for needs in by_name.values():
        for module in needs.tried:
            if module in by_name:
                found.setdefault(module, needs.path)
    eager = {name: [module for module in needs.needed if module in by_name] for name, needs in by_name.items()}
    waiting = list(found)
    while waiting:
        name = waiting.pop()
        for module in eager.get(name, ()):
            if module not in found:
                found[module] = found[name]
                waiting.append(module)
    missing = {name: {top for top in by_name[name].tops if optional(top)} for name in found}
    failing = {name for name in found if missing[name]}
    while more := {name for name in found if name not in failing and not failing.isdisjoint(eager[name])}:
        failing |= more
    return {name: Fallback(path, frozenset(missing[name] | failing)) for name, path in found.items()}


def _tops(nodes: Iterable[ImportStatement]) -> set[str]:
    """Return the top-level packages that some statements import."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def _tried(tree: ast.Module, only: Callable[[ast.ExceptHandler], bool] = bool) -> dict[ImportStatement, None]:
    """Return the imports that may fail, as a handler expects, or `suppress`; of handlers only some."""
    found: dict[ImportStatement, None] = {}
    for node in _blocks(tree):
        # `except*` has a type of its own, and catches the same.
        handlers: list[ast.ExceptHandler] = getattr(node, "handlers", [])
        if any(catches_import_error(handler.type) and only(handler) for handler in handlers) or _suppresses(node):
            body: list[ast.stmt] = getattr(node, "body", [])
            found |= dict.fromkeys(_at_import(body))
    return found


def _blocks(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield all that holds statements, wherever it stands."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for name in _BODIES:
            waiting += (one for one in getattr(node, name, ()) if hasattr(one, "body"))


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Tell whether the module is there after a handler, which may also raise an error of its own."""
    return not any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def _suppresses(node: ast.AST) -> bool:
    """Tell whether a statement is `with suppress(ImportError)`, or an ExitStack enters that somewhere in it."""
    managers = [item.context_expr for item in node.items] if isinstance(node, ast.With) else []
    for statement in getattr(node, "body", ()):
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="enter_context" | "push"), args=[entered])):
                managers.append(entered)
    for manager in managers:
        match manager:
            case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=kinds):
                if any(map(catches_import_error, kinds)):
                    return True
    return False


def _at_import(body: Iterable[ast.AST]) -> Iterator[ImportStatement]:
    """Yield the imports that run when some statements do."""
    for node in body:
        if isinstance(node, ImportStatement):
            yield node
        elif not isinstance(node, Definition):
            is_typing = isinstance(node, ast.If) and is_for_checkers(node)
            for name in ("orelse",) if is_typing else _BODIES:
                yield from _at_import(getattr(node, name, ()))


def _modules(node: ImportStatement, source: Source) -> list[str]:
    """Return the modules that a statement may import."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    module = source.origin(node) or ""
    return [module, *(f"{module}.{alias.name}" for alias in node.names)]
