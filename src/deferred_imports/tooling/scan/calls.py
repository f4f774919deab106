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
_FACTORIES = frozenset({"default_factory", "factory"})
_DEPTH = 10  # of classes
# Special methods that no operator, loop or `with` calls.
_UNASKED = frozenset({*_MADE, "__init_subclass__", "__set_name__", "__del__", "__repr__", "__str__", "__reduce__"})
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

    Calls are followed by name, across modules of the program, to what names of a module stand for, and to methods of
    what calls make; what is called through other objects stays unseen.
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
        for _, made, at_import in module.names.operands:
            if at_import:
                yield from ((made, found) for found in self._operated(name, made))
        for path in module.names.classes:
            if path.rpartition(".")[0] not in module.names.functions:
                yield from self._class_made(name, path)

    def from_function(self, one: Ran) -> Iterator[Ran]:
        """Yield the functions that a function calls."""
        for chain, factory in self._by_owner.get(one, ()):
            yield from self._definitions(one.module, one.name, chain, factory=factory)
        for owner, made, _ in self._modules[one.module].names.operands:
            if owner == one.name:
                yield from self._operated(one.module, made)

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

        for made in self._modules[module].names.attributes.get(path, ()):
            for found in self._follower.methods(module, made, "__set_name__"):
                yield made, Ran._make(found)
        if self._is_enumeration(module, path):  # whose members are made with it
            for method in _MADE:
                yield from (
                    (bases[0], Ran._make(found))
                    for found in self._follower.methods(module, tuple(path.split(".")), method)
                )

    def _is_enumeration(self, module: str, path: str, depth: int = 0) -> bool:
        """Tell whether a class is an `enum.Enum`, or derived from one."""
        for base in self._modules[module].names.classes.get(path, ()):
            origin = self._follower.origin(module, base)
            is_own = origin.kind == "own" and origin.module in self._modules and depth < _DEPTH
            if origin.top == "enum" or (is_own and self._is_enumeration(origin.module, origin.path, depth + 1)):
                return True
        return False

    def _operated(self, module: str, made: Chain) -> Iterator[Ran]:
        """Yield what operators may call of what a call makes: the special methods of the class."""
        for place, path in self._follower.defined(module, made):
            functions = self._modules[place].names.functions
            if path in self._modules[place].names.classes:
                special = (one for one in functions if one.startswith(f"{path}.__") and one.endswith("__"))
                yield from (Ran(place, one) for one in special if one.rpartition(".")[2] not in _UNASKED)

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
        if chain[0] == "super()":
            around = owner.rpartition(".")[0]
            for base in self._modules[module].names.classes.get(around, ()):
                yield from map(Ran._make, self._follower.methods(module, base, chain[1]))
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
                yield from self._instance_made(place, path)
        instances = self._modules[module].names.instances
        if len(chain) == 1 and chain[0] in instances:
            yield from map(Ran._make, self._follower.methods(module, instances[chain[0]], "__call__"))

    def _instance_made(self, module: str, path: str) -> Iterator[Ran]:
        """Yield what making an instance of a class calls, the factories of its fields (dataclasses, attrs) too."""
        for method in _MADE:
            yield from map(Ran._make, self._follower.methods(module, tuple(path.split(".")), method))
        for handed in self._modules[module].names.handed:
            if handed.within == path and handed.keyword in _FACTORIES:
                yield from self._definitions(module, "", handed.chain, factory=False)


def _all_calls(module: Module) -> Iterator[tuple[str, Chain, bool, bool]]:
    """Yield the calls of a module: who does it, of what, whether that makes a decorator, whether at import."""
    for owner, chain, at_import in module.names.calls:
        yield owner, chain, False, at_import
    for owner, chain, at_import in module.names.factories:
        yield owner, chain, True, at_import
    for handed in module.names.handed:
        if handed.to[-1] in _CALLING:
            yield handed.owner, handed.chain, False, handed.at_import
