"""The forms that go through the registry: *names*, whose uses read it, and *native*, whose imports it makes lazy.

Of these a name is an entry of the table. In the form *names* `np.mean` becomes `_deferred.np.mean`; in *native*
the import stays where it is, below `from ._deferred import __lazy_modules__`, which Python 3.15 asks (PEP 810).
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import resolve_name
from typing import Literal, TypeAlias

from deferred_imports.tooling.adopt.exporting import import_from
from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.layout import Item
from deferred_imports.tooling.adopt.moves import ImportStatement, Member, Move
from deferred_imports.tooling.adopt.plan import MovePlan
from deferred_imports.tooling.adopt.text import Edit
from deferred_imports.tooling.table.entries import RESERVED_NAMES
from deferred_imports.tooling.table.names import lies_in

Registered: TypeAlias = Literal["names", "native"]
LAZY = "__lazy_modules__"
NATIVE = (3, 15)
"""The first Python that asks a module which of its imports are lazy (PEP 810)."""
_AT_ONCE = frozenset({"dynamic", "effect", "fallback", "holds", "kept", "order", "rebound", "skip", "star"})
"""Why an import must run where it stands; one that a dictionary is asked for would be found there as what is lazy."""


@dataclass(frozen=True)
class Registering:
    """How names go through the registry.

    Attributes:
        form: In which form.
        package: The package that has the registry.
        registry: The name of the registry in it.
        entries: The names that have an entry, each with the key of that in the table.
        targets: What the table says of each key.
    """

    form: Registered
    package: str
    registry: str
    entries: Mapping[Name, str]
    targets: Mapping[str, str]

    def without(self, keys: Iterable[str]) -> Registering:
        """Return the same without some entries."""
        gone = set(keys)
        entries = {name: key for name, key in self.entries.items() if key not in gone}
        targets = {key: target for key, target in self.targets.items() if key not in gone}
        return Registering(self.form, self.package, self.registry, entries, targets)

    def key(self, plan: MovePlan, name: str) -> str:
        """Return the key of a name of a module, or nothing."""
        return self.entries.get(Name(plan.module.name, name), "")

    def import_in(self, plan: MovePlan) -> Item:
        """Return what imports from the registry, written as the module writes its imports."""
        of, name = (self.registry, LAZY) if self.form == "native" else ("", self.registry)
        return import_from(plan, self.package, of, name)


def register(
    form: Registered,
    plans: Mapping[str, MovePlan],
    package: str,
    registry: str,
    table: Mapping[str, object],
    *,
    line_length: int,
    hot: bool = False,
) -> Registering:
    """Return which names can go through the registry, with an entry for each.

    Args:
        form: The form.
        plans: What can move.
        package: The package that has the registry.
        registry: The name of the registry in it.
        table: The entries that there are already.
        line_length: How long the lines of the project may be.
        hot: Whether only those do that had better be read from one place.
    """
    keys = _Keys(table, package, registry)
    entries: dict[Name, str] = {}
    for module, plan in plans.items():
        if not lies_in(module, package):
            continue
        if form == "native":
            patched = plan.module.wanted.patched
            movable = [move for move in plan.moves.values() if not move.choice and move.name not in patched]
        else:
            wanted = [move for move in plan.moves.values() if move.hot or not hot]
            movable = [move for move in wanted if _is_readable(plan, move, registry)]
        for move in movable:
            for member in move.members:
                keys.of(member)  # import a.b, a.c
        own = {move.name: keys.of(move.members[0]) for move in movable}
        gone = _too_long(plan, own, registry, line_length) if form == "names" else ()
        entries |= {Name(module, name): key for name, key in own.items() if name not in gone}
    if form == "native":
        modules = keys.modules()
        unsafe = {module for module, plan in plans.items() if not modules.isdisjoint(_has_to_run(plan))}
        entries = {name: key for name, key in entries.items() if name.module not in unsafe}
    return Registering(form, package, registry, entries, keys.new)


class _Keys:
    """The keys of the table: those that there are, and new ones."""

    def __init__(self, table: Mapping[str, object], package: str, registry: str) -> None:
        self.new: dict[str, str] = {}
        self._package = package
        self._taken = {*table, registry}
        self._keys = {target: key for key, target in table.items() if isinstance(target, str)}

    def of(self, member: Member) -> str:
        """Return the key of what an import binds."""
        target = _target(member, self._package)
        if target not in self._keys:
            self._keys[target] = key = _free_key(member, {*self._taken, *self.new})
            self.new[key] = target
        return self._keys[target]

    def modules(self) -> set[str]:
        """Return the modules that the registry lets wait."""
        whole = (f"{self._package}{target}" if target[0] == "." else target for target in self._keys)
        return {target.partition(":")[0] for target in whole}


def _has_to_run(plan: MovePlan) -> set[str]:
    """Return what a module imports at its top that must not wait."""
    lines = {kept.line for kept in plan.kept if kept.reason in _AT_ONCE}
    # What tests replace, they look up in the dictionary of the module, which knows what is lazy as such.
    patched = (move for move in plan.moves.values() if move.name in plan.module.wanted.patched)
    lines |= {member.statement.lineno for move in patched for member in move.members}
    own = plan.module.name if plan.module.is_package else plan.module.name.rpartition(".")[0]
    found: set[str] = set()
    for node in plan.module.tree.body:
        if isinstance(node, ImportStatement) and node.lineno in lines:
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            else:
                name = "." * node.level + (node.module or "")
                found.add(resolve_name(name, own) if node.level else name)
    return found


def reading_edits(plan: MovePlan, move: Move, registering: Registering) -> list[Edit]:
    """Return the edits by which all uses of a name in functions read the registry."""
    text, read = plan.module.text, f"{registering.registry}.{registering.key(plan, move.name)}"
    places = (text.offset(node.lineno, node.col_offset) for node in move.calls)
    return [Edit(place, place + len(move.name), read) for place in places]


def lazy_edits(plan: MovePlan, line: str) -> list[Edit]:
    """Return the edit that has Python ask the registry which of the imports that follow are lazy."""
    imports = [node for node in plan.module.tree.body if isinstance(node, ImportStatement)]
    if any(alias.name == LAZY for node in imports for alias in node.names):
        return []
    text = plan.module.text
    first = next(node for node in imports if getattr(node, "module", "") != "__future__").lineno
    while first > 2 and text.line(first - 1).startswith("#"):
        first -= 1
    place = text.starts[first - 1]
    # Python reads the name, and it has to stand before what it is about.
    return [Edit(place, place, f"{line}  # noqa: F401  # isort: skip\n\n")]


def _too_long(plan: MovePlan, keys: Mapping[str, str], registry: str, line_length: int) -> set[str]:
    """Return the names of a module that would make a line too long."""
    text, calls = plan.module.text, [(plan.moves[name], node) for name in keys for node in plan.moves[name].calls]
    longer: Counter[int] = Counter()
    for move, node in calls:
        longer[node.lineno] += len(registry) + 1 + len(keys[move.name]) - len(move.name)
    lines = {line for line, more in longer.items() if len(text.line(line).expandtabs(4)) + more > line_length}
    return {move.name for move, node in calls if node.lineno in lines}


def _is_readable(plan: MovePlan, move: Move, registry: str) -> bool:
    """Tell whether all uses of a name in functions can read the registry."""
    member = move.members[0]
    is_dotted = isinstance(member.statement, ast.Import) and not member.alias.asname and "." in member.alias.name
    if move.offered or move.choice or not move.functions or len(move.members) > 1 or is_dotted:
        return False
    text, inner = plan.module.text, _in_texts(plan.module.tree)
    if registry in text.text:
        return False
    for node in move.calls:
        place = text.offset(node.lineno, node.col_offset)
        if node in inner or text.text[place : place + len(move.name)] != move.name:
            return False
    return bool(move.calls)


def _in_texts(tree: ast.Module) -> set[ast.AST]:
    """Return what stands in f-strings: up to Python 3.11, its place is unknown."""
    joined = (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
    return {part for node in joined for part in ast.walk(node)}


def _target(member: Member, package: str) -> str:
    module = member.module
    if lies_in(module, package) and module != package:
        module = module.removeprefix(package)
    is_from = isinstance(member.statement, ast.ImportFrom)
    if module == package and is_from:
        return f".{member.alias.name}"
    return f"{module}:{member.alias.name}" if is_from else module


def _free_key(member: Member, taken: set[str]) -> str:
    """Return a key for an entry: the name that the code has for it, if that is free."""
    name = member.alias.asname or member.alias.name.rpartition(".")[2]
    candidates = [name, f"{member.module.rpartition('.')[2]}_{name}", f"{member.module.replace('.', '_')}_{name}"]
    return next(
        key
        for key in (*candidates, *(f"{name}_{number}" for number in range(2, 10_000)))
        if key not in taken and key not in RESERVED_NAMES and not key.startswith("_")
    )
