"""What modules serve through the registry: exports of the table, and the two lines that have it serve them.

A name that others take from a module becomes an entry of `[tool.deferred-imports.exports]`. One that no entry can stand
for, such as a submodule that an import only loads, the module serves by a function of its own; that asks the registry
for all others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.layout import Item
from deferred_imports.tooling.adopt.moves import Kept
from deferred_imports.tooling.adopt.outline import Outline, OutlinedMove
from deferred_imports.tooling.adopt.plan import MovePlan
from deferred_imports.tooling.table.entries import is_dunder, is_name
from deferred_imports.tooling.table.names import lies_in

ATTACH = "attach"


@dataclass(frozen=True)
class Exporting:
    """What the registry serves for the modules of a package.

    Attributes:
        package: The package that has the registry.
        registry: The name of the registry in it.
        targets: The names that modules offer, each with what the table says of it.
    """

    package: str
    registry: str
    targets: Mapping[Name, str]

    def only(self, names: frozenset[Name]) -> Exporting:
        """Return what some names need."""
        return replace(self, targets={name: target for name, target in self.targets.items() if name in names})

    def without(self, names: Iterable[Name]) -> Exporting:
        """Return the same without some names."""
        gone = set(names)
        return replace(self, targets={name: one for name, one in self.targets.items() if name not in gone})

    def relative(self, module: str) -> str:
        """Return what the table calls a module: nothing for the package, else its name from there, as in `.cli`."""
        return module.removeprefix(self.package)


def find_exports(
    plans: Mapping[str, Outline], package: str, registry: str, table: Mapping[str, object], modules: Iterable[str]
) -> Exporting:
    """Return what the registry can serve.

    Args:
        plans: What can move.
        package: The package that has the registry.
        registry: The name of the registry in it.
        table: What the table exports already.
        modules: All modules of the project.
    """
    known = frozenset(modules)
    targets: dict[Name, str] = {}
    for module, plan in plans.items():
        # A module that has an array in the table can have no table there; one that serves names itself goes on so.
        if plan.answers or not lies_in(module, package) or isinstance(table.get(module.removeprefix(package)), list):
            continue
        found = {move.name: _target(move, package, known) for move in plan.moves.values() if move.offered}
        targets |= {Name(module, name): target for name, target in found.items() if target is not None}
    return Exporting(package, registry, targets)


def _target(move: OutlinedMove, package: str, modules: frozenset[str]) -> str | None:
    """Return what the table says of a name, or None where it can say nothing."""
    name, member = move.name, move.members[0]
    if not is_name(name) or is_dunder(name) or name == ATTACH or len({one.target for one in move.members}) > 1:
        return None
    module, is_own = member.module, lies_in(member.module, package)
    if member.is_from:
        if module == package:  # which might offer the name otherwise, if that is no module
            return f".{member.taken}" if member.target in modules else None
        return f"{module.removeprefix(package) if is_own else module}:{member.taken}"
    if module == package or ("." in module and not member.asname):
        return None
    return module.removeprefix(package) if is_own else module


def settled(plans: Mapping[str, Outline], exporting: Exporting | None) -> dict[str, Outline]:
    """Return what can move now that it is known what the registry serves: what only it could serve stays otherwise."""
    served = exporting.targets if exporting is not None else {}
    found = {}
    for module, plan in plans.items():
        left = [
            move
            for move in plan.moves.values()
            if move.offered and (move.hidden or plan.attaches) and Name(module, move.name) not in served
        ]
        found[module] = plan.keeping(
            Kept(move.name, move.members[0].line, "submodule" if move.hidden else "served", "", ()) for move in left
        )
    return found


def import_from(plan: MovePlan, package: str, of: str, name: str) -> Item:
    """Return what imports a name from the registry, or that itself, written as the module writes its imports."""
    module = plan.module
    level = module.name.count(".") - package.count(".") + module.is_package
    if level and any(isinstance(node, ast.ImportFrom) and node.level for node in module.tree.body):
        return Item(level, of, name, None)
    return Item(0, f"{package}.{of}" if of else package, name, None)
