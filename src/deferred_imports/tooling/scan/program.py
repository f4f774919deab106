"""The modules of a package joined to one program: what runs while it is imported, who takes what from whom.

Made once from what each source says; `verdicts` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, islice, takewhile
from pathlib import Path
from types import MappingProxyType

from deferred_imports.tooling.scan.bodies import Bodies
from deferred_imports.tooling.scan.calls import Ran, calls_at_import
from deferred_imports.tooling.scan.effects import Effect, effects
from deferred_imports.tooling.scan.following import Follower
from deferred_imports.tooling.scan.foreign import ForeignSources, KnownModules
from deferred_imports.tooling.scan.hooks import Hooks
from deferred_imports.tooling.scan.observers import Uses, uses_of
from deferred_imports.tooling.scan.readers import Holder, readers
from deferred_imports.tooling.source.facts import Statement
from deferred_imports.tooling.source.module import Module
from deferred_imports.tooling.table.names import with_parents


@dataclass(frozen=True)
class Offer:
    """What `__all__` of a module offers: these names, or what only running tells."""

    names: frozenset[str]
    computed: bool


@dataclass(frozen=True)
class Program:
    """A package as a whole, or several.

    Attributes:
        modules: Its modules, analysed.
        known: The names of these and of all other modules that are known to be modules.
        entry_points: What entry points take: a module, and a name there.
        ran: The functions that run while its modules are imported.
        readers: What may evaluate the annotations of a class or function.
        offers: What each module offers in `__all__`.
        takers: Who takes which name out of which module, when that name is not a module.
        borrowers: Who reads which module as an attribute of its package without importing it.
        effects: What modules do by being imported, each in the order of its source.
        uses: Who uses the modules that this changes.
        sources: These modules, and those of other distributions.
    """

    modules: Mapping[str, Module]
    known: frozenset[str]
    entry_points: frozenset[tuple[str, str]]
    ran: frozenset[Ran]
    readers: Mapping[Holder, str]
    offers: Mapping[str, Offer]
    takers: Mapping[tuple[str, str], frozenset[str]]
    borrowers: Mapping[str, frozenset[str]]
    effects: Mapping[str, tuple[Effect, ...]]
    uses: Uses
    sources: ForeignSources

    def imported(self, statement: Statement) -> Iterator[tuple[str, str | None, str]]:
        """Yield what a statement imports: the module, what is taken from it, and the name that this has here."""
        return imports_of(statement, self.known)


def join(
    modules: Mapping[str, Module],
    known: Iterable[str] = (),
    entry_points: Iterable[tuple[str, str]] = (),
    files: Mapping[str, Path] = MappingProxyType({}),
) -> Program:
    """Join modules to a program.

    Args:
        modules: These, by name.
        known: Other modules that are known to be modules.
        entry_points: What entry points take: the module, and the name there.
        files: Where the sources of the modules are.
    """
    every = frozenset(modules.keys() | set(known) | _imported_whole(modules))
    follower = Follower(modules, every)
    calls = calls_at_import(modules, follower)
    offers = {name: _offer(name, modules, follower) for name in modules}
    sources = ForeignSources(modules, files)
    wide = Follower(sources, KnownModules(every, sources))
    done = effects(modules, follower, calls, Hooks(sources, wide), Bodies(sources, wide))
    changed = {effect.target for every in done.values() for effect in every if effect.target}
    return Program(
        modules=modules,
        known=every,
        entry_points=frozenset(entry_points),
        ran=frozenset(calls.onward),
        readers=readers(modules, follower),
        offers=offers,
        takers=_takers(modules, every, follower, offers),
        borrowers=_borrowers(modules, every),
        effects=done,
        uses=uses_of(changed, modules, follower),
        sources=sources,
    )


def imports_of(statement: Statement, known: frozenset[str]) -> Iterator[tuple[str, str | None, str]]:
    """Yield what a statement imports: the module, what is taken from it, and the name that this has here."""
    if statement.names is None:
        bound = statement.bound[0]
        yield statement.module, None, bound.partition(".")[0]
        return
    for name, bound in zip(statement.names, statement.bound, strict=True):
        whole = f"{statement.module}.{name}"
        yield (whole, None, bound) if whole in known else (statement.module, name, bound)


def _imported_whole(modules: Mapping[str, Module]) -> set[str]:
    """Return what `import` statements show to be modules, wherever they are from."""
    return {
        name
        for module in modules.values()
        for statement in module.facts.statements
        if statement.names is None
        for name in with_parents(statement.module)
    }


# What one module takes from another


def _offer(name: str, modules: Mapping[str, Module], follower: Follower, seen: frozenset[str] = frozenset()) -> Offer:
    found: set[str] = set()
    computed = False
    for export in modules[name].names.exports:
        if isinstance(export, str):
            found.add(export)
            continue
        places = [place for place, rest in follower.follow(name, export) if not rest] if export else []
        computed |= not places
        for place in places:
            if place not in seen and place != name:
                inner = _offer(place, modules, follower, seen | {name})
                found |= inner.names
                computed |= inner.computed
    return Offer(frozenset(found), computed)


def _takers(
    modules: Mapping[str, Module], known: frozenset[str], follower: Follower, offers: Mapping[str, Offer]
) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for taker, module in modules.items():
        for origin, name in (*_by_import(module, modules, offers), *_by_read(taker, module, follower)):
            if origin in modules and taker != origin and f"{origin}.{name}" not in known:
                found.setdefault((origin, name), set()).add(taker)
    return {place: frozenset(takers) for place, takers in found.items()}


def _by_import(module: Module, modules: Mapping[str, Module], offers: Mapping[str, Offer]) -> Iterator[tuple[str, str]]:
    for statement in module.facts.statements:
        if statement.when != "typing":
            for name in statement.names or ():
                for one in _starred(statement.module, modules, offers) if name == "*" else (name,):
                    yield statement.module, one


def _starred(name: str, modules: Mapping[str, Module], offers: Mapping[str, Offer]) -> Iterable[str]:
    """Return what `from module import *` takes."""
    if name not in modules:
        return ()
    if offers[name].names and not offers[name].computed:
        return offers[name].names
    return offers[name].names.union(one for one in modules[name].facts.bound if not one.startswith("_"))


def _by_read(taker: str, module: Module, follower: Follower) -> Iterator[tuple[str, str]]:
    for read in module.facts.reads:
        if read.when != "typing":
            for origin, rest in follower.passed(taker, read.chain):
                if rest:
                    yield origin, rest[0]


def _borrowers(modules: Mapping[str, Module], known: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return who reads which module as an attribute of its package, without importing that module.

    It is there because another module has imported it.
    """
    found: dict[str, set[str]] = {}
    for name, module in modules.items():
        own = {
            whole
            for statement in module.facts.statements
            for one, _, _ in imports_of(statement, known)
            for whole in with_parents(one)
        }
        for whole in _modules_read(module, known):
            if whole not in own:
                found.setdefault(whole, set()).add(name)
    return {whole: frozenset(readers) for whole, readers in found.items()}


def _modules_read(module: Module, known: frozenset[str]) -> Iterator[str]:
    """Yield the modules that a module reads as attributes of their packages: `a.b` and `a.b.c` of `a.b.c.name`."""
    for read in module.facts.reads:
        if read.when != "typing":
            for origin, attribute in read.bound:
                first = origin if attribute is None else f"{origin}.{attribute}"
                longer = islice(accumulate(read.chain[1:], "{}.{}".format, initial=first), 1, None)
                yield from takewhile(known.__contains__, longer)
