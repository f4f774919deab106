"""What a module binds by its own statements, outside of functions; what uses that is read after it. Syntax only."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from deferred_imports.tooling.source.bindings import Binding, bindings, bound_by
from deferred_imports.tooling.source.chains import chain_of, spine_of
from deferred_imports.tooling.source.conditions import TRIES, Scope
from deferred_imports.tooling.source.mentions import Mention, Names

_REBINDING = frozenset({"definition", "handler", "pattern"})  # an assignment is met on the way


@dataclass
class Bound:
    """The names that a module binds.

    Attributes:
        imported: Those that an import binds.
        names: These, and those of its functions and classes.
        scope: What `from` statements bind them to.
    """

    imported: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    scope: Scope = field(default_factory=lambda: Scope("", {}))


def collect(body: list[ast.stmt], found: Names) -> Bound:
    """Note where imports stand and what is bound again; return the names that the module binds.

    Args:
        body: The statements of the module.
        found: What is noted of it.
    """
    bound = Bound()
    for node, block in _outside_functions(body, _Block()):
        if isinstance(node, ast.Import | ast.ImportFrom):
            _collect_import(node, block, found, bound)
        elif block.kind == "class":
            continue
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.names.add(node.name)
        elif type(node).__name__ == "TypeAlias":  # which Python 3.12 brought
            bound.names.add(node.name.id)  # type: ignore[attr-defined]  # Python 3.11 has no such class to ask for
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    _collect_assignment(target.id, node.value, found)
    found.mentions += rebound(bindings(body), bound.imported)
    return bound


def rebound(
    found: Iterable[Binding], imported: set[str], declared: set[str] | None = None, *, of_class: bool = False
) -> Iterator[Mention]:
    """Yield what binds names of the module again: definitions, handlers, patterns, and imports in functions.

    Args:
        found: What a block binds.
        imported: The names that imports of the module bind.
        declared: The names of which a function or class says that they are the module's; None for the module itself.
        of_class: Whether it is a class, of which assignments are not met on the way.
    """
    kinds = _REBINDING if declared is None else {*_REBINDING, "import", *(["assignment"] if of_class else [])}
    for binding in found:
        ours = declared is None or binding.name in declared
        if ours and binding.by in kinds and binding.name in imported:
            yield Mention(binding.line, (binding.name,), "rebound")


def _collect_import(node: ast.Import | ast.ImportFrom, block: _Block, found: Names, bound: Bound) -> None:
    found.ends[node.lineno] = node.end_lineno or node.lineno
    if block.kind:
        found.blocks[node.lineno] = block.kind
    if block.condition:
        found.conditions[node.lineno] = block.condition
    found.renamed.update((node.lineno, alias.name) for alias in node.names if alias.asname == alias.name)
    if block.kind == "class":
        return
    for alias in node.names:
        name = bound_by(alias)
        bound.names.add(name)
        bound.imported.add(name)
        if isinstance(node, ast.ImportFrom):
            bound.scope.bind(name, node.module or "", alias.name)


def _collect_assignment(name: str, value: ast.expr, found: Names) -> None:
    """Note what a name of the module is made from, or stands for."""
    if isinstance(value, ast.Constant) and type(value.value) is int:
        found.numbers.add(name)
    made_from = spine_of(value)
    if made_from and made_from[0] != name:
        found.assigned[name] = made_from
        if isinstance(value, ast.Call) and (called := chain_of(value.func)):
            found.instances[name] = called
        elif named := chain_of(value):
            found.same[name] = named


class _Block(NamedTuple):
    """What stands around a statement outside of functions."""

    kind: str = ""  # what keeps an import where it is
    condition: int = 0  # the line of an `if` or a loop around it


def _outside_functions(body: Iterable[ast.stmt], block: _Block) -> Iterator[tuple[ast.stmt, _Block]]:
    """Yield the statements outside of functions, each with what stands around it."""
    for node in body:
        yield node, block
        for part, around in _parts(node, block):
            yield from _outside_functions(part, around)


def _parts(node: ast.stmt, block: _Block) -> Iterator[tuple[list[ast.stmt], _Block]]:
    match node:
        case ast.With():
            yield node.body, block._replace(kind=block.kind or "with")
        case ast.If() | ast.For() | ast.While():
            around = block._replace(condition=node.lineno)
            yield node.body, around
            yield node.orelse, around
        case ast.Match():
            for case in node.cases:
                yield case.body, block._replace(condition=node.lineno)
        case ast.ClassDef():
            yield node.body, block._replace(kind="class")
    if isinstance(node, TRIES):
        for part in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
            yield part, block._replace(kind="class" if block.kind == "class" else "try")
