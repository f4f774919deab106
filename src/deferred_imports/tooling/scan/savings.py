"""What deferring would really save: the modules that would then not be loaded at all. Values in, values out.

Takes who imports whom from a start of the program (`timing`), leaves out the imports that can be deferred (`verdicts`),
and sees what is still reached; the cumulative column of importtime counts what something else would load anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from deferred_imports.tooling.project.judged import Judged, Reason
from deferred_imports.tooling.start.timing import Edge, Startup
from deferred_imports.tooling.table.names import parents


def weigh(judged: list[Judged], startup: Startup, called: Iterable[tuple[str, str]] = ()) -> list[Judged]:
    """Add to verdicts what a start of the program showed; what would save most comes first.

    Args:
        judged: The verdicts by the sources.
        startup: What happened while the program started.
        called: The functions of the package that ran then: module and qualified name.
    """
    graph = _Graph(startup)
    ran = frozenset(called)
    loaded = frozenset(startup.loaded)
    seen = [replace(item, loaded=item.module in loaded) for item in judged]
    seen = [_with_start(item, graph, ran) for item in seen]
    removable = [item for item in seen if item.verdict == "can" and item.reason is not Reason.CALLED]
    groups: dict[str, list[Judged]] = {}
    for item in removable:
        for name in (item.module, *parents(item.module)):
            groups.setdefault(name, []).append(item)
    rest = graph.reached(removable)
    saves: dict[str, tuple[str, ...]] = {}
    for item in removable:
        if item.module in graph.everything and item.module not in rest and item.module not in saves:
            saved = graph.without(groups[item.module])
            # If the module stays all the same, deferring what lies in it is not what this import saves.
            own = [other for other in groups[item.module] if other.module == item.module]
            saves[item.module] = saved if item.module in saved else graph.without(own)
    return sorted((_weighed(item, graph, rest, saves) for item in seen), key=_rank)


def total(judged: Iterable[Judged], startup: Startup) -> tuple[tuple[str, ...], int]:
    """Return what would not be loaded if all that can be was deferred, and the microseconds that this takes."""
    graph = _Graph(startup)
    saved = graph.without([item for item in judged if item.verdict == "can" and item.reason is not Reason.CALLED])
    return saved, graph.cost(saved)


def _rank(item: Judged) -> tuple[object, ...]:
    order = ("can", "cannot", "must not", "deferred").index(item.verdict)
    return (-item.saves_us, -len(item.saves), order, item.importer, item.line, item.module)


def _with_start(item: Judged, graph: _Graph, ran: frozenset[tuple[str, str]]) -> Judged:
    if item.verdict == "deferred":
        if (item.importer, item.line, item.module) in graph.sites:
            return replace(item, detail="and ran during the start")
        return item
    if item.module in graph.before:
        return replace(item, reason=Reason.LOADED, detail="", lines=(), owners=())
    if item.verdict == "can":
        early = [owner for owner in item.owners if (item.importer, owner) in ran]
        if early and item.loaded:
            return replace(item, reason=Reason.CALLED, detail=early[0])
    return item


def _weighed(item: Judged, graph: _Graph, rest: Mapping[str, str], saves: Mapping[str, tuple[str, ...]]) -> Judged:
    if item.verdict != "can" or item.reason is Reason.CALLED or not item.loaded:
        return item
    if item.module in rest:
        return replace(item, reason=Reason.SHARED, detail=graph.who(rest, item.module))
    saved = saves.get(item.module, ())
    if item.module not in saved:
        return replace(item, reason=Reason.TOGETHER, saves=saved, saves_us=graph.cost(saved))
    return replace(item, saves=saved, saves_us=graph.cost(saved))


class _Graph:
    """Who imports whom, as a start showed it."""

    def __init__(self, startup: Startup) -> None:
        self.before = startup.before
        self.sites = {(edge.importer, edge.line, edge.module) for edge in startup.edges}
        self._costs = startup.costs
        self._order = startup.loaded
        self._loaded = frozenset(startup.loaded)
        self._out: dict[str, list[Edge]] = {}
        for edge in startup.edges:
            self._out.setdefault(edge.holder, []).append(edge)
        self._roots: tuple[str, ...] = ("__main__", *sorted(self.before))
        # What was loaded in a way that nobody saw stays, whatever is deferred; what cost nothing is only a name.
        reached = self.reached(())
        for name in startup.loaded:
            if name in startup.costs and name not in reached:
                self._roots += (name,)
                reached = self.reached(())
        self.everything = frozenset(self.reached(()))

    def reached(self, without: Iterable[Judged]) -> dict[str, str]:
        """Return what is loaded when some imports are deferred, and what each was first needed by."""
        cut = {(item.importer, item.line, item.module) for item in without}
        needed_by = dict.fromkeys(self._roots, "")
        queue = list(self._roots)
        for name in queue:
            for parent in parents(name):
                if parent in self._loaded and parent not in needed_by:
                    needed_by[parent] = name
                    queue.append(parent)
            for edge in self._out.get(name, ()):
                if edge.module in needed_by or (edge.body and (edge.importer, edge.line, edge.module) in cut):
                    continue
                needed_by[edge.module] = name
                queue.append(edge.module)
        return needed_by

    def without(self, cut: Iterable[Judged]) -> tuple[str, ...]:
        """Return what is not loaded when some imports are deferred, in the order in which it was."""
        reached = self.reached(cut)
        return tuple(name for name in self._order if name in self.everything and name not in reached)

    def cost(self, modules: Iterable[str]) -> int:
        """Return the microseconds that these take together."""
        return sum(self._costs[name].self_us for name in modules if name in self._costs)

    def who(self, rest: Mapping[str, str], module: str) -> str:
        """Return what needs a module when all that can be is deferred; what lies in it does not count."""
        name = rest[module]
        while name.startswith(f"{module}."):
            name = rest[name]
        return name or "something that no statement shows"
