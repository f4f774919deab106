"""Who imports whom, as a start showed it: what is reached when imports are left out, and what each import dominates.

A module dominates another when every way to that leads through it: without it, the other is not loaded. The algorithm
is that of Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm"; it takes time in proportion.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from typing import NamedTuple, TypeAlias

from deferred_imports.tooling.start.timing import Edge, Startup
from deferred_imports.tooling.table.names import parents, with_parents

Site: TypeAlias = "tuple[str, int, str]"
"""A statement that imports a module: the module that it stands in, its line, what it imports."""

_ROOT = ""


class Passed(NamedTuple):
    """An import that would run in the place of another, if what that imports was offered before it is there.

    Where `app` imports `area` from `app.shapes` in order to offer it, who takes it from `app` would load `app.shapes`.

    Attributes:
        edge: The import that would run.
        site: The statement that takes the name, which has to be deferred to prevent that.
    """

    edge: Edge
    site: Site


def _site(edge: Edge) -> Site:
    return edge.importer, edge.line, edge.module


class Deferrable:
    """Statements that can be deferred together."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._sites = frozenset(sites)
        self._below: dict[str, list[Site]] = {}
        for site in self._sites:
            for package in with_parents(site[2]):
                self._below.setdefault(package, []).append(site)

    def __contains__(self, site: object) -> bool:
        return site in self._sites

    def into(self, module: str) -> list[Site]:
        """Return those that import a module, or what lies in it."""
        return self._below.get(module, [])


class Graph:
    """The imports of one start."""

    def __init__(
        self,
        startup: Startup,
        passed: Sequence[Passed] = (),
        without: Container[Site] = (),
        roots: tuple[str, ...] | None = None,
    ) -> None:
        self._startup = startup
        self._passed = passed
        self.before = startup.before
        self.sites = {_site(edge) for edge in startup.edges}
        self._costs = startup.costs
        self._order = startup.loaded
        self._position = {name: position for position, name in enumerate(startup.loaded)}
        self._loaded = frozenset(startup.loaded)
        # Each end of an import, with the statement that has to be deferred to be without it, if there is one.
        self._out: dict[str, list[tuple[str, Site | None]]] = {}
        self._in: dict[str, list[tuple[str, Site | None]]] = {}
        for edge, site in self.edges():
            cuts = site if edge.body else None
            if cuts is None or cuts not in without:
                self._out.setdefault(edge.holder, []).append((edge.module, cuts))
                self._in.setdefault(edge.module, []).append((edge.holder, cuts))
        self._roots = self._all_roots() if roots is None else roots
        self._everything = frozenset(self.reached(()))
        self._packages = {parent for name in self._everything for parent in parents(name)}
        self._below: dict[str, list[str]] | None = None

    @property
    def roots(self) -> tuple[str, ...]:
        """What is there whatever is deferred."""
        return self._roots

    def edges(self) -> Iterator[tuple[Edge, Site]]:
        """Yield all imports that ran, and those that would, each with the statement that makes it run."""
        yield from ((edge, _site(edge)) for edge in self._startup.edges)
        yield from self._passed

    def _all_roots(self) -> tuple[str, ...]:
        """Return the modules that deferral cannot save: the program, the interpreter's, and those without an importer.

        What was loaded in an unobserved way stays; what cost nothing and imports nothing is only a name. What a
        loader executes imports others, and no statement shows who has asked for it.
        """
        roots = ["__main__", *sorted(self.before)]
        reached = self.reached((), roots)
        # What nobody imports, and what imports others, first: it may be in sys.modules after these, or never.
        alone = self._out.keys() - self._in.keys() - {"__main__"}
        first = sorted(alone, key=lambda name: (self._position.get(name, -1), name))
        for name in (*first, *self._order):
            if name not in reached and (name in self._costs or name in self._out):
                roots.append(name)
                reached.update(self.reached((), [name], reached))
        return tuple(roots)

    def reached(
        self, without: Iterable[Site], roots: Collection[str] | None = None, known: Collection[str] = ()
    ) -> dict[str, str]:
        """Return what is loaded when some imports are deferred, and what each was first needed by.

        Args:
            without: The statements.
            roots: Where to begin; by default where the program does.
            known: What has been reached before, which is left out.
        """
        cut = set(without)
        roots = self._roots if roots is None else roots
        needed_by = dict.fromkeys(roots, "")
        queue = list(roots)
        for name in queue:
            for below in self._next(name, cut):
                if below not in needed_by and below not in known:
                    needed_by[below] = name
                    queue.append(below)
        return needed_by

    def _next(self, name: str, cut: Collection[Site]) -> Iterator[str]:
        for parent in parents(name):
            if parent in self._loaded:
                yield parent
        for below, site in self._out.get(name, ()):
            if site is None or site not in cut:
                yield below

    def rest(self, without: Container[Site]) -> Graph:
        """Return the graph that is left when some imports are deferred."""
        return Graph(self._startup, self._passed, without, self._roots)

    def dominated_by(self, module: str) -> tuple[str, ...]:
        """Return a module and all that only it leads to, in the order in which that was loaded."""
        return tuple(sorted(set(self._dominated_by(module)) & self._loaded, key=self._position.__getitem__))

    def without(self, cut: Iterable[Site]) -> tuple[str, ...]:
        """Return what is not loaded when some imports are deferred, in the order in which it was."""
        reached = self.reached(cut)
        return tuple(name for name in self._order if name in self._everything and name not in reached)

    def saved_by(self, module: str, deferrable: Deferrable) -> tuple[str, ...]:
        """Return what is not loaded when all imports of a module are deferred, and of what lies in it, that can be.

        If the module stays all the same, deferring what lies in it is not what this saves.
        """
        if module in self._packages:  # importing what lies in it loads it as well, so that is cut, too
            inside = deferrable.into(module)
            saved = self.without(inside)
            return saved if module in saved else self.without(site for site in inside if site[2] == module)
        dominated = set(self._dominated_by(module))
        kept = (holder for holder, site in self._in.get(module, ()) if site is None or site not in deferrable)
        if module in self._roots or any(holder not in dominated for holder in kept):
            return ()
        return tuple(sorted(dominated & self._loaded, key=self._position.__getitem__))

    def cost(self, modules: Iterable[str]) -> int:
        """Return the microseconds that these take together."""
        return sum(self._costs[name].self_us for name in modules if name in self._costs)

    def who(self, rest: Mapping[str, str], module: str) -> str:
        """Return what needs a module when all that can be is deferred; what lies in it does not count."""
        name = rest[module]
        while name.startswith(f"{module}."):
            name = rest[name]
        return name or "something that no statement shows"

    # Dominators

    def _dominated_by(self, module: str) -> Iterator[str]:
        """Yield a module and all that only it leads to."""
        if self._below is None:
            self._below = self._tree()
        waiting = [module] if module in self._everything else []
        for name in waiting:
            yield name
            waiting += self._below.get(name, ())

    def _tree(self) -> dict[str, list[str]]:
        """Return what each module dominates at once."""
        order, before = self._numbered()
        number = {name: index for index, name in enumerate(order)}
        above = [-1] * len(order)
        above[0] = 0
        changed = True
        while changed:
            changed = False
            for index in range(1, len(order)):
                others = (number[name] for name in before[order[index]])
                found = reduce(partial(_common, above), (other for other in others if above[other] >= 0))
                if found != above[index]:
                    above[index], changed = found, True
        below: dict[str, list[str]] = {}
        for index in range(1, len(order)):
            below.setdefault(order[above[index]], []).append(order[index])
        return below

    def _numbered(self) -> tuple[list[str], dict[str, list[str]]]:
        """Return all modules so that each stands after one that leads to it, and what leads to each."""
        before: dict[str, list[str]] = {root: [_ROOT] for root in self._roots}
        done: list[str] = []
        seen = {_ROOT}
        stack: list[tuple[str, Iterator[str]]] = [(_ROOT, iter(self._roots))]
        while stack:
            name, rest = stack[-1]
            for below in rest:
                if name != _ROOT:
                    before.setdefault(below, []).append(name)
                if below not in seen:
                    seen.add(below)
                    stack.append((below, self._next(below, ())))
                    break
            else:
                done.append(name)
                stack.pop()
        return done[::-1], before


def _common(above: list[int], first: int, second: int) -> int:
    """Return the nearest of all that dominate both."""
    while first != second:
        while first > second:
            first = above[first]
        while second > first:
            second = above[second]
    return first
