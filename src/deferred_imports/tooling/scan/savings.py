"""What deferring would really save: the modules that would then not be loaded at all. Values in, values out.

Takes who imports whom from a start of the program (`timing`), leaves out the imports that can be deferred (`verdicts`),
and sees what is still reached; the cumulative column of importtime counts what something else would load anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from deferred_imports.tooling.project.judged import DEFERRABLE, Judged, Reason, Verdict
from deferred_imports.tooling.scan.graph import Deferrable, Graph, Passed, Site
from deferred_imports.tooling.start.timing import Startup
from deferred_imports.tooling.table.names import with_parents

LEVELS: tuple[Verdict, ...] = ("can", "change", "risky")
"""What can be deferred, from what is easy to what is not: each level takes those before it along."""


@dataclass(frozen=True)
class Saving:
    """Modules that would not be loaded, and the microseconds that this takes."""

    modules: tuple[str, ...] = ()
    us: int = 0


def still_loaded(judged: Iterable[Judged], startup: Startup, passed: Sequence[Passed] = ()) -> frozenset[str]:
    """Return what a start would load although all is deferred that can be, with the changes shown."""
    sites = [item.site for item in judged if item.verdict in {"can", "change"}]
    return frozenset(Graph(startup, passed).reached(sites))


def weigh(
    judged: list[Judged],
    startup: Startup,
    called: Iterable[tuple[str, int]] = (),
    passed: Sequence[Passed] = (),
) -> list[Judged]:
    """Add to verdicts what a start of the program showed; what would save most comes first.

    Args:
        judged: The verdicts by the sources.
        startup: What happened while the program started.
        called: The functions of the package that ran then: module, and the line that the function begins at.
        passed: The imports that would run in the place of others.
    """
    scales = _Scales(judged, Graph(startup, passed), frozenset(called), frozenset(startup.loaded))
    return sorted(_within(scales.weighed()), key=rank)


def totals(judged: Iterable[Judged], startup: Startup, passed: Sequence[Passed] = ()) -> dict[Verdict, Saving]:
    """Return what would not be loaded if all was deferred up to each level."""
    graph = Graph(startup, passed)
    judged = list(judged)
    by_site = levels(judged)
    found = {}
    for level, verdict in enumerate(LEVELS):
        modules = graph.without([site for site, its in by_site.items() if its <= level])
        found[verdict] = Saving(modules, graph.cost(modules))
    return found


def rank(item: Judged) -> tuple[object, ...]:
    """Return what findings are sorted by: by modules first, as times differ from run to run."""
    order = ("can", "change", "risky", "no gain", "cannot", "must not", "deferred").index(item.verdict)
    return (-len(item.saves), -item.saves_us, order, item.importer, item.line, item.module, item.bound)


def levels(judged: Iterable[Judged]) -> dict[Site, int]:
    """Return the level of each statement: what one name of it needs, all of it needs."""
    none = len(LEVELS)
    found: dict[Site, int] = {}
    for item in judged:
        free = item.verdict == "no gain" and item.reason is not Reason.CALLED
        level = LEVELS.index(item.verdict) if item.verdict in LEVELS else 0 if free else none
        found[item.site] = max(level, found.get(item.site, 0))
    return found


class _Scales:
    """Weighs the imports of a program by one start."""

    def __init__(
        self, judged: list[Judged], graph: Graph, called: frozenset[tuple[str, int]], loaded: frozenset[str]
    ) -> None:
        self._graph = graph
        self._called = called
        self._loaded = loaded
        self._judged = [self._with_start(replace(item, loaded=item.module in self._loaded)) for item in judged]
        self._levels = levels(self._judged)
        free = [{site for site, its in self._levels.items() if its <= level} for level in range(len(LEVELS))]
        self._free = [Deferrable(sites) for sites in free]
        self._rests = [self._graph.reached(sites) for sites in free]
        self._saves: dict[tuple[str, int], tuple[str, ...]] = {}
        self._holds: dict[str, tuple[str, ...]] = {}
        self._rest: Graph | None = None

    def weighed(self) -> list[Judged]:
        """Return the verdicts, weighed."""
        keepers = {
            item.site: item for item in self._judged if item.verdict not in DEFERRABLE or item.reason is Reason.CALLED
        }
        return [self._weighed(item, keepers.get(item.site)) for item in self._judged]

    def _with_start(self, item: Judged) -> Judged:
        """Return a verdict as the start corrects it."""
        if item.verdict == "deferred":
            return replace(item, detail="and ran during the start") if item.site in self._graph.sites else item
        if item.module in self._graph.before:
            return replace(item, reason=Reason.LOADED, detail="", lines=())
        if item.verdict in LEVELS and item.loaded:
            early = [use for use in item.uses if use.role == "call" and (item.importer, use.start) in self._called]
            if early:
                lines = tuple(sorted({use.line for use in early}))
                return replace(item, reason=Reason.CALLED, detail=early[0].owner, lines=lines, path=())
        return item

    def _weighed(self, item: Judged, keeper: Judged | None) -> Judged:
        if item.verdict == "cannot" and item.loaded:
            return replace(item, holds=self._held_by(item))
        if item.verdict not in LEVELS or not item.loaded:
            return item
        level = self._levels[item.site]
        if level == len(LEVELS):
            kept_by = keeper.bound if keeper else item.bound
            return replace(item, reason=Reason.HELD, detail=kept_by, lines=(), path=())
        rest = self._rests[level]
        by_use = item.reason in {Reason.FUNCTIONS, Reason.ANNOTATIONS}
        if item.module in self._rests[-1]:
            who = self._graph.who(rest, item.module)
            return replace(item, reason=Reason.SHARED, detail=who, lines=(), path=())
        if item.module in rest:  # until others are deferred that need a change, or care
            return replace(item, reason=Reason.TOGETHER) if by_use else item
        key = item.module, level
        if key not in self._saves:
            self._saves[key] = self._graph.saved_by(item.module, self._free[level])
        saved = self._saves[key]
        reason = item.reason if item.module in saved or not by_use else Reason.TOGETHER
        return replace(item, reason=reason, saves=saved, saves_us=self._graph.cost(saved))

    def _held_by(self, item: Judged) -> tuple[str, ...]:
        """Return what hangs on an import once all is deferred that can be, with the changes shown.

        That is what hangs on the module, and on the packages around it, which are not there without the import.
        """
        if self._rest is None:
            self._rest = self._graph.rest(self._free[LEVELS.index("change")])
        own = with_parents(item.importer)
        found: dict[str, None] = {}
        for module in with_parents(item.module):
            if module not in own and module not in self._holds:
                self._holds[module] = self._rest.dominated_by(module)
            found |= dict.fromkeys(self._holds[module] if module not in own else ())
        return tuple(found)


def _within(judged: list[Judged]) -> list[Judged]:
    """Return the verdicts, each with the module further up whose deferral saves it, too: that is one cut for many."""
    above: dict[str, str] = {}
    for item in sorted(judged, key=rank):
        for module in item.saves:
            above.setdefault(module, item.module)
    return [replace(item, within=_other(above, item)) if item.verdict in DEFERRABLE else item for item in judged]


def _other(above: Mapping[str, str], item: Judged) -> str:
    found = above.get(item.importer, "")
    return found if found != item.module else ""


def best(judged: list[Judged], weighed: list[list[Judged]]) -> list[Judged]:
    """Return the verdicts of several starts as one: of each import the one that saves most.

    Args:
        judged: The verdicts by the sources, which hold where nothing was started.
        weighed: Those of each start.
    """
    if not weighed:
        return sorted(judged, key=rank)
    chosen: dict[tuple[object, ...], Judged] = {}
    for item in sorted((item for start in weighed for item in start), key=lambda item: (not item.loaded, rank(item))):
        chosen.setdefault((*item.site, item.name, item.bound), item)
    return sorted(chosen.values(), key=rank)
