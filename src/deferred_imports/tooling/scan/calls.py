"""Which functions of a package run while it is imported: calls followed by name, across its modules. Nothing is run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import chain as chained
from typing import NamedTuple

from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.module import Module

# What adds to something that outlives the call: commands, routes, handlers, implementations of a generic function.
_REGISTERING = re.compile(
    r"(?:add|connect|on|register|subscribe)(?:_|$)|(?:callback|command|errorhandler|group|hook|listen|listens_for|"
    r"middleware|receiver|route|task|websocket)$"
)
_ROUTES = frozenset({"delete", "get", "patch", "post", "put"})  # as decorators


class Ran(NamedTuple):
    """The call that makes a function run while a module is imported."""

    module: str
    name: str


class Calls:
    """Follows names through the modules of a package, and calls through its functions."""

    def __init__(self, modules: Mapping[str, Module], known: Collection[str]) -> None:
        self._modules = modules
        self._known = known

    def at_import(self) -> set[Ran]:
        """Return the functions that modules call while they are imported, directly or through others.

        Calls are followed by name, across modules of the package: what is called through objects stays unseen.
        """
        waiting = [one for name in self._modules if not name.endswith(".__main__") for one in self._started(name)]
        calls: dict[Ran, list[Chain]] = {}
        for name, module in self._modules.items():
            for owner, chain, _ in module.names.calls:
                calls.setdefault(Ran(name, owner), []).append(chain)
        ran: set[Ran] = set()
        while waiting:
            one = waiting.pop()
            if one not in ran:
                ran.add(one)
                for chain in calls.get(one, ()):
                    waiting += self._definitions(one.module, one.name, chain)
        return ran

    def readers(self) -> dict[tuple[str, str], str]:
        """Return what may evaluate the annotations of classes and functions, which are told by module and name.

        It may be a base class of a base class, or something that they are handed to.
        """
        found: dict[tuple[str, str], str] = {}
        for name, module in self._modules.items():
            for chain, reader in module.names.handed:
                for place, path in self._defined(name, chain):
                    found.setdefault((place, path), reader)
            for path in module.names.classes:
                if reader := self._inherited_reader(name, path):
                    found.setdefault((name, path), reader)
        return found

    def registering(self) -> dict[str, str]:
        """Return the modules that add something to what another module of the package holds, and by what."""
        found: dict[str, str] = {}
        for name in self._modules:
            chain = next(chained(self._registering_calls(name), self._registering_bases(name)), None)
            if chain is not None:
                found[name] = ".".join(chain)
        return found

    def _registering_calls(self, name: str) -> Iterator[Chain]:
        """Yield calls of a method of something elsewhere, or of a function there, by a name that says so."""
        names = self._modules[name].names
        decorating = {use.chain for use in names.mentions if use.role == "decorator"}
        for _, chain, at_import in names.calls:
            last = chain[-1]
            by_name = _REGISTERING.match(last) or (chain in decorating and last in _ROUTES)
            if at_import and by_name:
                for place, rest in self.follow(name, chain):
                    if place != name and (len(rest) > 1 or last.startswith("register")):
                        yield chain

    def _registering_bases(self, name: str) -> Iterator[Chain]:
        """Yield base classes elsewhere that want to know of their subclasses."""
        for path, bases in self._modules[name].names.classes.items():
            for base in bases if "." not in path else ():
                if any(ran.module != name for ran in self._methods(name, base, "__init_subclass__")):
                    yield base

    def _inherited_reader(self, module: str, path: str, depth: int = 0) -> str:
        found = self._modules[module].names
        if path in found.readers or depth > 10:
            return found.readers.get(path, "")
        bases = (one for base in found.classes.get(path, ()) for one in self._defined(module, base))
        return next(filter(None, (self._inherited_reader(*base, depth + 1) for base in bases)), "")

    def _started(self, name: str) -> Iterator[Ran]:
        """Yield the functions that the code of a module runs, outside of functions."""
        found = self._modules[name].names
        for owner, chain, at_import in found.calls:
            if at_import:
                yield from self._definitions(name, owner, chain)
        for path, bases in found.classes.items():
            if path.rpartition(".")[0] not in found.functions:
                for base in bases:
                    yield from self._methods(name, base, "__init_subclass__")

    def _definitions(self, module: str, owner: str, chain: Chain) -> Iterator[Ran]:
        """Yield the functions that calling a chain runs."""
        found = self._modules[module].names
        if chain[0] in {"self", "cls"}:
            path = f"{owner.rpartition('.')[0]}.{'.'.join(chain[1:])}"
            if path in found.functions:
                yield Ran(module, path)
            return
        scope = owner
        while scope:  # a function in this one, or beside it
            if (path := f"{scope}.{chain[0]}") in found.functions and len(chain) == 1:
                yield Ran(module, path)
                return
            scope = scope.rpartition(".")[0]
        for place, path in self._defined(module, chain):
            if path in self._modules[place].names.functions:
                yield Ran(place, path)
            else:
                for method in ("__new__", "__init__", "__post_init__"):
                    yield from self._methods(place, tuple(path.split(".")), method)

    def _defined(self, module: str, chain: Chain, depth: int = 0) -> Iterator[tuple[str, str]]:
        """Yield the definition that a chain stands for: the module, and the name there."""
        found = self._modules[module].names
        path = ".".join(chain)
        if path in found.functions or path in found.classes:
            yield module, path
        elif depth < 10:  # a name that is imported in a circle
            for place, rest in self.follow(module, chain):
                if rest:
                    yield from self._defined(place, rest, depth + 1)

    def _methods(self, module: str, chain: Chain, method: str, depth: int = 0) -> Iterator[Ran]:
        """Yield a method of a class, its own or that of a base."""
        for place, path in self._defined(module, chain):
            found = self._modules[place].names
            if f"{path}.{method}" in found.functions:
                yield Ran(place, f"{path}.{method}")
            elif depth < 10:
                for base in found.classes.get(path, ()):
                    yield from self._methods(place, base, method, depth + 1)

    def follow(self, module: str, chain: Chain) -> Iterator[tuple[str, Chain]]:
        """Follow a chain through imports to modules of the package, as far as these go."""
        for origin, attribute in self._modules[module].facts.bound.get(chain[0], ()):
            rest = chain[1:] if attribute is None else (attribute, *chain[1:])
            place = origin
            while rest and f"{place}.{rest[0]}" in self._known:
                place, rest = f"{place}.{rest[0]}", rest[1:]
            if place in self._modules:
                yield place, rest
