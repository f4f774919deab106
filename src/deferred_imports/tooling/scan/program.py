"""The modules of a package joined to one program: what runs while it is imported, who takes what from whom.

Made once from what each source says; `verdicts` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from deferred_imports.tooling.scan.calls import Calls, Ran
from deferred_imports.tooling.source.imports import Statement
from deferred_imports.tooling.source.module import Module


@dataclass(frozen=True)
class Program:
    """A package as a whole.

    Attributes:
        modules: Its modules, analysed.
        known: The names of these and of all other modules that are known to be modules.
        entry_points: What entry points take: a module, and a name there.
        ran: The functions that run while its modules are imported.
        readers: What may evaluate the annotations of a class or function, which are told by module and name.
        takers: Who takes which name out of which module, when that name is not a module.
        registering: The modules that register something by being imported, and by what.
    """

    modules: Mapping[str, Module]
    known: frozenset[str]
    entry_points: frozenset[tuple[str, str]]
    ran: frozenset[Ran]
    readers: Mapping[tuple[str, str], str]
    takers: Mapping[tuple[str, str], frozenset[str]]
    registering: Mapping[str, str]

    def imported(self, statement: Statement) -> Iterator[tuple[str, tuple[str, ...] | None]]:
        """Yield the modules that a statement imports, each with what is taken from it."""
        return _imported(statement, self.known)


def join(
    modules: Mapping[str, Module], known: Iterable[str] = (), entry_points: Iterable[tuple[str, str]] = ()
) -> Program:
    """Join modules to a program.

    Args:
        modules: These, by name.
        known: Other modules that are known to be modules.
        entry_points: What entry points take: the module, and the name there.
    """
    every = modules.keys() | set(known)
    calls = Calls(modules, every)
    return Program(
        modules=modules,
        known=frozenset(every),
        entry_points=frozenset(entry_points),
        ran=frozenset(calls.at_import()),
        readers=calls.readers(),
        takers=_takers(modules, every, calls),
        registering=_with_what_imports_them(calls.registering(), modules, every),
    )


def _imported(statement: Statement, known: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    if statement.names is None:
        yield statement.module, None
        return
    submodules = [name for name in statement.names if f"{statement.module}.{name}" in known]
    for name in submodules:
        yield f"{statement.module}.{name}", None
    if others := tuple(name for name in statement.names if name not in submodules):
        yield statement.module, others


# What one module takes from another


def _takers(modules: Mapping[str, Module], known: Iterable[str], calls: Calls) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for taker, module in modules.items():
        for origin, name in (*_taken_by_import(module, modules), *_taken_by_read(taker, module, calls)):
            if origin in modules and taker != origin and f"{origin}.{name}" not in known:
                found.setdefault((origin, name), set()).add(taker)
    return {place: frozenset(takers) for place, takers in found.items()}


def _taken_by_import(module: Module, modules: Mapping[str, Module]) -> Iterator[tuple[str, str]]:
    for statement in module.facts.statements:
        if statement.when != "typing":
            for name in statement.names or ():
                for one in _offered(modules.get(statement.module)) if name == "*" else (name,):
                    yield statement.module, one


def _taken_by_read(taker: str, module: Module, calls: Calls) -> Iterator[tuple[str, str]]:
    for read in module.facts.reads:
        if read.when != "typing":
            for origin, rest in calls.follow(taker, read.chain):
                if rest:
                    yield origin, rest[0]


def _offered(module: Module | None) -> Iterable[str]:
    """Return what `from module import *` takes."""
    if module is None:
        return ()
    return module.names.exported or {name for name in module.facts.bound if not name.startswith("_")}


# What registers something


def _with_what_imports_them(
    registering: Mapping[str, str], modules: Mapping[str, Module], known: Iterable[str]
) -> dict[str, str]:
    """Return the modules that register something by being imported, or by what they import that lies in them."""
    imported: dict[str, set[str]] = {}
    for name, module in modules.items():
        for statement in module.facts.statements:
            if statement.when == "import":
                imported.setdefault(name, set()).update(below for below, _ in _imported(statement, known))
    found: dict[str, str] = {}
    for name, call in registering.items():
        waiting = [name]
        for below in waiting:
            if below not in found:
                found[below] = f"`{call}` in {name}"
                waiting += [above for above in imported if below.startswith(f"{above}.") and below in imported[above]]
    return found
