"""Where an import goes: the innermost functions that use what it binds."""

from __future__ import annotations

import ast
from collections.abc import Container

from deferred_imports.tooling.adopt.moves import Definition, Member
from deferred_imports.tooling.adopt.uses import NameScope, PlacedUse


def functions_for(uses: list[PlacedUse], members: list[Member]) -> dict[Definition, tuple[Member, ...]] | None:
    """Return the functions that need an import, those inside another of them left out; None where there is none."""
    found: dict[ast.AST, NameScope] = {}
    held: list[tuple[PlacedUse, list[ast.AST]]] = []
    for use in uses:
        if use.role == "call":
            around = [one for one in (use.scope, *enclosing(use.scope)) if isinstance(one.node, Definition)]
            if not around:
                return None
            found[around[0].node] = around[0]
            held.append((use, [one.node for one in around]))
    outer = {node for node, scope in found.items() if not any(above.node in found for above in enclosing(scope))}
    needed: dict[ast.AST, list[PlacedUse]] = {}
    for use, nodes in held:
        needed.setdefault(next(node for node in nodes if node in outer), []).append(use)
    functions = [node for node in outer if isinstance(node, Definition)]
    functions.sort(key=lambda node: (node.lineno, node.col_offset))
    return {node: _needed(needed[node], members) for node in functions}


def _needed(uses: list[PlacedUse], members: list[Member]) -> tuple[Member, ...]:
    """Return the members of `import a.b, a.c` that a function uses; all, when it uses anything else of `a`, too."""
    found: dict[Member, None] = {}
    for use in uses:
        chain = ".".join((use.name, *use.attributes)) + "."
        fitting = [member for member in members if chain.startswith(f"{member.alias.name}.")]
        if len(members) < 2 or not fitting or any(isinstance(one.statement, ast.ImportFrom) for one in members):
            return tuple(members)
        found.update(dict.fromkeys(fitting))
    return tuple(member for member in members if member in found)


def enclosing(scope: NameScope) -> list[NameScope]:
    """Return the scopes around one, the innermost first."""
    found = []
    while scope.parent is not None:
        scope = scope.parent
        found.append(scope)
    return found


def is_inside(scope: NameScope, functions: Container[ast.AST]) -> bool:
    """Tell whether a scope is one of these functions, or stands in one."""
    return any(one.node in functions for one in (scope, *enclosing(scope)))
