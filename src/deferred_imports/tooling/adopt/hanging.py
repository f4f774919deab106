"""What still hangs on imports that stay: the modules that nothing else would load, and the lines that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from deferred_imports.tooling.adopt.moves import Kept
from deferred_imports.tooling.adopt.outline import Outline
from deferred_imports.tooling.start.timing import Startup
from deferred_imports.tooling.table.names import parents


@dataclass(frozen=True)
class Hanging:
    """Modules that are loaded only because some lines import something while they are imported.

    Attributes:
        target: What these lines import: a foreign package, or a module of the project.
        count: How many modules that are.
        lines: The names that stay, each with its module; those that could move in vain come last.
    """

    target: str
    count: int
    lines: tuple[tuple[str, Kept], ...]


def staying(before: Outline, now: Outline) -> Iterator[tuple[int, Kept]]:
    """Yield what stays of a module, as it was read first, each with the line that it has now.

    The reasons are the first ones: a module that serves some names by now can serve no others, by its own sources.
    """
    lines: dict[str, list[int]] = {}
    for kept in now.kept:
        lines.setdefault(kept.name, []).append(kept.line)
    for name, move in now.moves.items():
        lines.setdefault(name, []).extend(member.line for member in move.members)
    for kept in before.kept:
        if left := lines.get(kept.name):
            yield left.pop(0), kept
    for name, move in before.moves.items():
        where = ", ".join(f"`{function}`" for function in move.functions) or "where it is used"
        for member, line in zip(move.members, lines.get(name, ()), strict=False):
            yield line, Kept(name, member.line, "idle", where, ())


def find_hanging(startup: Startup, kept: Mapping[str, Iterable[tuple[int, Kept]]], own: Iterable[str]) -> list[Hanging]:
    """Return what hangs on imports that stay, most modules first.

    Args:
        startup: A start of the program after all has moved.
        kept: What stays in each module, with the lines that it has there now.
        own: The top-level packages of the project.
    """
    tops = frozenset(own)
    at: dict[tuple[str, int], list[Kept]] = {}
    for module, names in kept.items():
        for line, one in names:
            at.setdefault((module, line), []).append(one)
    groups: dict[str, dict[tuple[str, int], None]] = {}
    for edge in startup.edges:
        place = (edge.importer, edge.line)
        if edge.body and place in at and edge.module not in startup.before:
            top = edge.module.partition(".")[0]
            groups.setdefault(edge.module if top in tops else top, {})[place] = None
    everything = len(_reached(startup, ()))
    found = []
    # What the same lines hold is told once: of a module and its package only the module.
    for target, places in {frozenset(places): (target, places) for target, places in sorted(groups.items())}.values():
        count = everything - len(_reached(startup, places))
        if count > 0:
            lines = [(module, one) for module, line in places for one in at[module, line]]
            lines.sort(key=lambda line: line[1].reason == "idle")
            found.append(Hanging(target, count, tuple(lines)))
    return sorted(found, key=lambda one: (-one.count, len(one.lines), one.target))


def _reached(startup: Startup, without: Iterable[tuple[str, int]]) -> set[str]:
    """Return the modules that are loaded when some statements do not run.

    A function imports when the module that holds it is loaded, and so is that whose code calls it.
    """
    cut = set(without)
    known = {"__main__", *startup.before, *startup.loaded}
    needed: dict[str, list[tuple[str, str, str]]] = {}
    for edge in startup.edges:
        if not (edge.body and (edge.importer, edge.line) in cut):
            importer = edge.importer if edge.importer in known else edge.holder
            for name in {edge.holder, importer}:
                needed.setdefault(name, []).append((edge.holder, importer, edge.module))
    waiting = ["__main__", *startup.before]
    found = set(waiting)
    while waiting:
        name = waiting.pop()
        more = {module for *both, module in needed.get(name, ()) if found.issuperset(both)}
        more |= {one for one in parents(name) if one in known}
        more -= found
        found |= more
        waiting += more
    return found - startup.before
