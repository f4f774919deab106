"""What may evaluate annotations that Python does not evaluate: decorators, base classes, calls. Nothing is run.

An annotation is unread for sure only where nothing from outside can read it. What another distribution gets into its
hands may be read unless its sources mention nothing that evaluates annotations; what the standard library or the
program itself gets is read where that says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from deferred_imports.tooling.scan.following import Follower, Meaning
from deferred_imports.tooling.source.annotations import reads_annotations
from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.mentions import Mention
from deferred_imports.tooling.source.module import Module
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY

Holder = tuple[str, str]
"""A class or function: its module, and its name there."""

# These mention annotations, and leave those alone that their users write.
_HARMLESS = frozenset(
    "attr attrs click cloup jinja2 mypy_extensions numpy pandas pytest rich_click typing_extensions".split()
)
# Of what is not known where it comes from, this may read annotations, by its last name.
_TELLING = frozenset(
    """
    command callback register get post put patch delete route websocket validate_call validate_arguments beartype
    typechecked inject tool task Depends Security get_type_hints
    """.split()
)
# These evaluate what they are handed; of `inspect` some do only on demand before Python 3.14, and always from there on.
_STANDARD = frozenset({"from_callable", "get_annotations", "get_type_hints", "getfullargspec", "signature"})
_MOST = 30_000_000  # bytes of a distribution's sources that are looked at
_DEPTH = 10


def readers(modules: Mapping[str, Module], follower: Follower) -> dict[Holder, str]:
    """Return what may evaluate the annotations of classes and functions."""
    found = _Readers(modules, follower)
    for place, reader, deep in found.handed_over():
        found.add(place, reader, deep=deep)
    found.spread()
    return found.found


class _Readers:
    def __init__(self, modules: Mapping[str, Module], follower: Follower) -> None:
        self._modules = modules
        self._follower = follower
        self.found: dict[Holder, str] = {}
        self._annotated: dict[Holder, list[Mention]] = {}
        for name, module in modules.items():
            for mention in module.names.mentions:
                if mention.role in {"annotation", "unread"}:
                    self._annotated.setdefault((name, mention.detail), []).append(mention)

    def handed_over(self) -> Iterator[tuple[Holder, str, bool]]:
        """Yield what is decorated with, derived from or handed to a reader; whether its methods are read, too."""
        for name, module in self._modules.items():
            for path, chains in module.names.decorated.items():
                yield from (((name, path), _shown(one), True) for one in chains if self._reads(name, one))
            for path in module.names.classes:
                if base := self._inherited(name, path):
                    yield (name, path), base, False
            for handed in module.names.handed:
                definitions = list(self._follower.defined(name, handed.chain))
                if definitions and self._reads(name, handed.to):
                    yield from ((place, _shown(handed.to), True) for place in definitions)
        if any(module.names.type_aliases for module in self._modules.values()):
            yield from self._evaluated_aliases()

    def _evaluated_aliases(self) -> Iterator[tuple[Holder, str, bool]]:
        """Yield the type aliases (PEP 695) that are used as values, which may ask for what they stand for."""
        for name, module in self._modules.items():
            for mention in module.names.mentions:
                if mention.role not in {"annotation", "unread", "typing", "rebound"}:
                    origin = self._follower.origin(name, mention.chain)
                    holder = self._modules.get(origin.module)
                    if holder is not None and origin.path in holder.names.type_aliases:
                        yield (origin.module, origin.path), _shown(mention.chain), False

    def add(self, place: Holder, reader: str, *, deep: bool) -> None:
        """Note that something is read, and with it what lies in it."""
        self.found.setdefault(place, reader)
        if deep:
            module, path = place
            for inner in self._modules[module].names.functions:
                if inner.startswith(f"{path}."):
                    self.found.setdefault((module, inner), reader)

    def spread(self) -> None:
        """Note that the classes are read which annotations name that are read themselves."""
        waiting = list(self.found)
        while waiting:
            place = waiting.pop()
            for mention in self._annotated.get(place, ()):
                for inner in self._follower.defined(place[0], mention.chain):
                    if inner not in self.found:
                        self.found[inner] = self.found[place]
                        waiting.append(inner)

    def _inherited(self, module: str, path: str, depth: int = 0) -> str:
        """Return the base class that reads the annotations of a class, directly or of a base."""
        for base in self._modules[module].names.classes.get(path, ()):
            origin = self._follower.origin(module, base)
            if origin.kind == "own" and not origin.rest and depth < _DEPTH:
                if self._inherited(origin.module, origin.path, depth + 1):
                    return _shown(base)
            elif origin.kind == "foreign" and self._foreign(origin):
                return _shown(base)
        return ""

    def _reads(self, module: str, chain: Chain) -> bool:
        """Tell whether a decorator, or what is called, may read annotations of what it gets."""
        if not chain[0]:
            return chain[-1] in _TELLING
        origin = self._follower.origin(module, chain)
        if origin.kind == "own":
            if not origin.module or origin.module not in self._modules:
                return False
            holder = self._modules[origin.module]
            generic = any(one[-1].startswith("singledispatch") for one in holder.names.decorated.get(origin.path, ()))
            return generic if origin.rest else holder.reads_annotations
        if origin.kind == "foreign":
            return self._foreign(origin)
        return origin.kind == "unknown" and chain[-1] in _TELLING

    def _foreign(self, origin: Meaning) -> bool:
        if origin.top in STANDARD_LIBRARY:
            return origin.path.rpartition(".")[2] in _STANDARD
        return origin.top not in _HARMLESS and _distribution_reads(origin.top)


def _shown(chain: Chain) -> str:
    return ".".join(filter(None, chain))


@cache
def _distribution_reads(top: str) -> bool:
    """Tell whether a package of another distribution may evaluate annotations; it may where its sources are not seen.

    Nothing of it is imported or run.
    """
    try:
        spec = PathFinder.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return True
    places = list(spec.submodule_search_locations or ())
    left = _MOST
    for path in [Path(spec.origin)] if not places and spec.origin else _sources(places):
        try:
            text = path.read_bytes()
        except OSError:
            return True
        left -= len(text)
        if left < 0 or reads_annotations(text.decode("utf-8", "replace")):
            return True
    return False


def _sources(places: list[str]) -> Iterator[Path]:
    for place in places:
        for directory, folders, files in os.walk(place):
            folders[:] = [folder for folder in folders if folder not in {"tests", "test", "__pycache__"}]
            paths = (Path(directory, file) for file in files if file.endswith(".py"))
            yield from (path for path in paths if path.is_file())  # whoever opens a pipe may wait for ever
