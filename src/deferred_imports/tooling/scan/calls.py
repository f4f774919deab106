"""Which functions of a program run while it is imported: calls followed by name, across its modules. Nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from deferred_imports.tooling.scan.following import Follower
from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.module import Module

# What calls the functions that it is handed, by its last name.
_CALLING = frozenset(
    "Process Thread Timer any all call_soon filter map max min reduce run sorted starmap submit sum".split()
)
_MADE = ("__new__", "__init__", "__post_init__")  # what making an instance calls
MAKING = ("__prepare__", "__new__", "__init__", "__call__")  # what making a class calls in its metaclass


class Ran(NamedTuple):
    """A function that runs while modules are imported."""

    module: str
    name: str


@dataclass(frozen=True)
class Calls:
    """What runs while the modules of a program are imported.

    Attributes:
        first: For each module the functions that its own code runs, each with the chain that stands there for it: what
            is called, decorates or is a base class.
        onward: The functions that run, directly or through others, with those that each calls.
    """

    first: Mapping[str, tuple[tuple[Chain, Ran], ...]]
    onward: Mapping[Ran, tuple[Ran, ...]]


def calls_at_import(modules: Mapping[str, Module], follower: Follower) -> Calls:
    """Return the functions that modules call while they are imported, directly or through others.

    Calls are followed by name, across modules of the program: what is called through objects stays unseen.
    """
    calls = _CallReader(modules, follower)
    first = {name: tuple(calls.started(name)) for name in modules if not name.endswith(".__main__")}
    waiting = [one for started in first.values() for _, one in started]
    onward: dict[Ran, tuple[Ran, ...]] = {}
    while waiting:
        one = waiting.pop()
        if one not in onward:
            onward[one] = tuple(calls.from_function(one))
            waiting += onward[one]
    return Calls(first, onward)


class _CallReader:
    def __init__(self, modules: Mapping[str, Module], follower: Follower) -> None:
        self._modules = modules
        self._follower = follower
        self._by_owner: dict[Ran, list[tuple[Chain, bool]]] = {}
        for name, module in modules.items():
            for owner, chain, factory, _ in _all_calls(module):
                self._by_owner.setdefault(Ran(name, owner), []).append((chain, factory))

    def started(self, name: str) -> Iterator[tuple[Chain, Ran]]:
        """Yield the functions that the code of a module runs, outside of functions, and what stands there for them."""
        module = self._modules[name]
        for owner, chain, factory, at_import in _all_calls(module):
            if at_import:
                for found in self._definitions(name, owner, chain, factory=factory):
                    yield chain, found
        for path in module.names.classes:
            if path.rpartition(".")[0] not in module.names.functions:
                yield from self._class_made(name, path)

    def from_function(self, one: Ran) -> Iterator[Ran]:
        """Yield the functions that a function calls."""
        for chain, factory in self._by_owner.get(one, ()):
            yield from self._definitions(one.module, one.name, chain, factory=factory)

    def _class_made(self, module: str, path: str) -> Iterator[tuple[Chain, Ran]]:
        """Yield what defining a class calls: in its bases, and in its metaclass."""
        bases = self._modules[module].names.classes[path]
        for base in bases:
            for found in self._follower.methods(module, base, "__init_subclass__"):
                yield base, Ran._make(found)
        for place, chain in self._follower.metaclasses(module, path):
            for method in MAKING:
                for found in self._follower.methods(place, chain, method):
                    yield bases[0] if bases else chain, Ran._make(found)

    def _definitions(self, module: str, owner: str, chain: Chain, *, factory: bool) -> Iterator[Ran]:
        """Yield the functions that calling a chain runs; of a factory also those that it defines and returns."""
        for found in self._called(module, owner, chain):
            yield found
            if factory:
                inner = self._modules[found.module].names.functions
                yield from (Ran(found.module, path) for path in inner if path.rpartition(".")[0] == found.name)

    def _called(self, module: str, owner: str, chain: Chain) -> Iterator[Ran]:
        functions = self._modules[module].names.functions
        if chain[0] in {"self", "cls"}:
            path = f"{owner.rpartition('.')[0]}.{'.'.join(chain[1:])}"
            if path in functions:
                yield Ran(module, path)
            return
        scope = owner
        while scope:  # a function in this one, or beside it
            if (path := f"{scope}.{chain[0]}") in functions and len(chain) == 1:
                yield Ran(module, path)
                return
            scope = scope.rpartition(".")[0]
        for place, path in self._follower.defined(module, chain):
            if path in self._modules[place].names.functions:
                yield Ran(place, path)
            else:
                for method in _MADE:
                    yield from map(Ran._make, self._follower.methods(place, tuple(path.split(".")), method))


def _all_calls(module: Module) -> Iterator[tuple[str, Chain, bool, bool]]:
    """Yield the calls of a module: who does it, of what, whether that makes a decorator, whether at import."""
    for owner, chain, at_import in module.names.calls:
        yield owner, chain, False, at_import
    for owner, chain, at_import in module.names.factories:
        yield owner, chain, True, at_import
    for handed in module.names.handed:
        if handed.to[-1] in _CALLING:
            yield handed.owner, handed.chain, False, handed.at_import
