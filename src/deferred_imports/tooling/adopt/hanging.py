"""What still hangs on imports that stay: the modules that nothing else would load, and the lines that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deferred_imports.tooling.adopt.moves import Kept
from deferred_imports.tooling.start.timing import Startup
from deferred_imports.tooling.table.names import parents


@dataclass(frozen=True)
class Hanging:
    """Modules that are loaded only because some lines import something while they are imported.

    Attributes:
        target: What these lines import: a foreign package, or a module of the project.
        count: How many modules that are.
        lines: The names that stay, each with its module.
    """

    target: str
    count: int
    lines: tuple[tuple[str, Kept], ...]


def find_hanging(startup: Startup, kept: Mapping[str, Iterable[Kept]], own: Iterable[str]) -> list[Hanging]:
    """Return what hangs on imports that stay, most modules first.

    Args:
        startup: A start of the program after all has moved.
        kept: What stays in each module, with the lines that it has there now.
        own: The top-level packages of the project.
    """
    tops = frozenset(own)
    at: dict[tuple[str, int], list[Kept]] = {}
    for module, names in kept.items():
        for one in names:
            at.setdefault((module, one.line), []).append(one)
    groups: dict[str, dict[tuple[str, int], None]] = {}
    for edge in startup.edges:
        place = (edge.importer, edge.line)
        if edge.body and place in at and edge.module not in startup.before:
            top = edge.module.partition(".")[0]
            groups.setdefault(edge.module if top in tops else top, {})[place] = None
    everything = len(_reached(startup, ()))
    found = []
    for target, places in groups.items():
        count = everything - len(_reached(startup, places))
        if count > 0:
            lines = tuple((module, one) for module, line in places for one in at[module, line])
            found.append(Hanging(target, count, lines))
    return sorted(found, key=lambda one: (-one.count, len(one.lines), one.target))


def _reached(startup: Startup, without: Iterable[tuple[str, int]]) -> set[str]:
    """Return the modules that are loaded when some statements do not run."""
    cut = set(without)
    out: dict[str, list[str]] = {}
    for edge in startup.edges:
        if not (edge.body and (edge.importer, edge.line) in cut):
            out.setdefault(edge.holder, []).append(edge.module)
    known = set(startup.loaded)
    waiting = ["__main__", *startup.before]
    found = set(waiting)
    while waiting:
        name = waiting.pop()
        more = {*out.get(name, ()), *(one for one in parents(name) if one in known)} - found
        found |= more
        waiting += more
    return found - startup.before
