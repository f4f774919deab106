"""Where the names of a program lead: through imports, renamings and aliases to what is defined. Nothing is run."""

from __future__ import annotations

import builtins
from collections.abc import Container, Iterator, Mapping
from typing import Literal, NamedTuple

from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.module import Module

_DEPTH = 10  # of names that are imported in a circle
_BUILTINS = frozenset(dir(builtins))


class Meaning(NamedTuple):
    """What a chain stands for.

    Attributes:
        kind: Whether that is the program's own, another distribution's or the standard library's, a builtin, or not
            known.
        module: The module that holds it, where it is the program's own.
        path: What it is called there; elsewhere its dotted name as a whole.
        rest: What is read from it beyond that.
    """

    kind: Literal["own", "foreign", "builtin", "unknown"]
    module: str
    path: str
    rest: Chain = ()

    @property
    def top(self) -> str:
        """The top-level package that it is from, where that is another."""
        return self.path.partition(".")[0] if self.kind == "foreign" else ""


class Follower:
    """Follows names through the modules of a program."""

    def __init__(self, modules: Mapping[str, Module], known: Container[str]) -> None:
        self._modules = modules
        self._known = known
        self._by_stars: dict[tuple[str, Chain], tuple[tuple[str, str], ...]] = {}

    def follow(self, module: str, chain: Chain) -> Iterator[tuple[str, Chain]]:
        """Follow a chain through imports to modules of the program, as far as these go."""
        for origin, attribute in self._modules[module].facts.bound.get(chain[0], ()):
            rest = chain[1:] if attribute is None else (attribute, *chain[1:])
            place = origin
            while rest and f"{place}.{rest[0]}" in self._known:
                place, rest = f"{place}.{rest[0]}", rest[1:]
            if place in self._modules:
                yield place, rest

    def passed(self, module: str, chain: Chain, depth: int = 0) -> Iterator[tuple[str, Chain]]:
        """Follow a chain as `follow` does, through modules that are renamed, and through aliases; yield each step."""
        if depth < _DEPTH:
            for place, rest in self.follow(module, chain):
                yield place, rest
                if rest:
                    yield from self.passed(place, rest, depth + 1)
            for alias in self._modules[module].facts.aliases.get(chain[0], ()):
                yield from self.passed(module, (*alias, *chain[1:]), depth + 1)

    def defined(self, module: str, chain: Chain, depth: int = 0) -> Iterator[tuple[str, str]]:
        """Yield the definition that a chain stands for: the module, and the name there."""
        names = self._modules[module].names
        path = ".".join(chain)
        if path in names.functions or path in names.classes or path in names.type_aliases:
            yield module, path
        elif depth < _DEPTH:
            if chain[0] in names.same:
                yield from self.defined(module, (*names.same[chain[0]], *chain[1:]), depth + 1)
            elif chain[0] in names.instances and len(chain) > 1:
                yield from self.methods(module, names.instances[chain[0]], chain[1], depth + 1)
            for place, rest in self.follow(module, chain):
                if rest:
                    yield from self.defined(place, rest, depth + 1)
            if chain[0] not in self._modules[module].facts.bound:
                yield from self._by_star(module, chain)

    def _by_star(self, module: str, chain: Chain) -> tuple[tuple[str, str], ...]:
        """Return the definition that a chain stands for where a module has it from `from other import *`."""
        if (module, chain) not in self._by_stars:
            self._by_stars[module, chain] = ()  # until it is known, for modules that import each other
            statements = self._modules[module].facts.statements
            for place in [one.module for one in reversed(statements) if one.names == ("*",)]:
                if place in self._modules and (found := tuple(self.defined(place, chain, 1))):
                    self._by_stars[module, chain] = found
                    break
        return self._by_stars[module, chain]

    def methods(self, module: str, chain: Chain, method: str, depth: int = 0) -> Iterator[tuple[str, str]]:
        """Yield a method of a class, its own or that of a base, as `defined` does."""
        for place, path in self.defined(module, chain, depth):
            names = self._modules[place].names
            if f"{path}.{method}" in names.functions:
                yield place, f"{path}.{method}"
            elif depth < _DEPTH:
                for base in names.classes.get(path, ()):
                    yield from self.methods(place, base, method, depth + 1)

    def metaclasses(self, module: str, path: str, depth: int = 0) -> Iterator[tuple[str, Chain]]:
        """Yield the metaclass of a class, as a chain in a module; it may be that of a base."""
        names = self._modules[module].names
        if path in names.metaclasses:
            yield module, names.metaclasses[path]
        elif depth < _DEPTH:
            for base in names.classes.get(path, ()):
                for place, inner in self.defined(module, base):
                    yield from self.metaclasses(place, inner, depth + 1)

    def origin(self, module: str, chain: Chain, depth: int = 0) -> Meaning:
        """Tell what a chain stands for; of a name that is made by a call, what is called."""
        facts, names = self._modules[module].facts, self._modules[module].names
        for end in range(len(chain), 0, -1):
            path = ".".join(chain[:end])
            if path in names.functions or path in names.classes or path in names.type_aliases:
                return Meaning("own", module, path, chain[end:])
        found = Meaning("unknown", "", ".".join(chain))
        if chain[0] in facts.bound and depth < _DEPTH:
            found = self._imported(module, chain, depth)
        elif chain[0] in names.assigned and depth < _DEPTH:
            made = self.origin(module, names.assigned[chain[0]], depth + 1)
            if made.kind == "own":
                found = made._replace(rest=(*made.rest, *chain[1:]))
            else:
                found = made._replace(path=".".join((made.path, *chain[1:])))
        elif depth:  # somebody has imported it from here
            found = Meaning("own", module, chain[0], chain[1:])
        elif chain[0] in _BUILTINS:
            found = Meaning("builtin", "", ".".join(chain))
        return found

    def _imported(self, module: str, chain: Chain, depth: int) -> Meaning:
        place, attribute = min(self._modules[module].facts.bound[chain[0]], key=str)
        rest = chain[1:] if attribute is None else (attribute, *chain[1:])
        while rest and f"{place}.{rest[0]}" in self._known:
            place, rest = f"{place}.{rest[0]}", rest[1:]
        if place not in self._modules:
            return Meaning("foreign", "", ".".join((place, *rest)))
        return self.origin(place, rest, depth + 1) if rest else Meaning("own", place, "")
