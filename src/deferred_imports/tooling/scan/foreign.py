"""The sources of other distributions: found and read when they are asked for, each once. Nothing of them is imported.

How much is read is bounded: what lies beyond that is taken for what cannot be found.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from importlib.machinery import ModuleSpec
from pathlib import Path

from deferred_imports._finding import Known
from deferred_imports.tooling.registry.environment import find_spec
from deferred_imports.tooling.source.module import Module, read_module
from deferred_imports.tooling.source.text import UnreadableSourceError, decode, parse_source
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY

_MOST = 4_000_000  # bytes that are looked at
_MOST_ANALYSED = 1_000_000  # bytes of these that are analysed, which takes some ten times as long


class ForeignSources(Mapping[str, Module]):
    """The modules of a program, and all others that can be found from it, by name.

    Iterating yields the program's own; asking for another reads it. The standard library is not looked at: what that
    does by being imported, the interpreter does anyway.
    """

    def __init__(self, own: Mapping[str, Module], files: Mapping[str, Path]) -> None:
        """Take what is known.

        Args:
            own: The modules of the program.
            files: Where the sources of these are.
        """
        self._own = own
        self._files = files
        self._tops = {name.partition(".")[0] for name in own}
        self._known = Known()
        self._trees: dict[str, ast.Module | None] = {}
        self._found: dict[str, Module | None] = {}
        self._left = _MOST
        self._left_to_analyse = _MOST_ANALYSED

    def __getitem__(self, name: str) -> Module:
        if name in self._own:
            return self._own[name]
        module = self._read(name)
        if module is None:
            raise KeyError(name)
        return module

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)

    def __contains__(self, name: object) -> bool:
        return name in self._own or (isinstance(name, str) and self._read(name) is not None)

    def is_module(self, name: str) -> bool:
        """Tell whether there is such a module, in the program or among what is installed."""
        return name in self._own or self._spec(name) is not None

    def is_foreign(self, name: str) -> bool:
        """Tell whether a module is neither the program's own nor the standard library's."""
        top = name.partition(".")[0]
        return top not in self._tops and top not in STANDARD_LIBRARY

    def is_package(self, name: str) -> bool:
        """Tell whether a foreign module is a package."""
        spec = self._spec(name)
        return spec is not None and spec.submodule_search_locations is not None

    def text(self, name: str) -> str | None:
        """Return the source of a module, or None where that cannot be read."""
        path = self._files.get(name) or self._path(name)
        if path is None:
            return None
        try:
            found = path.stat()
            if name not in self._own:
                self._left -= found.st_size
                if self._left <= 0:
                    return None
            return _text(path, found.st_mtime_ns, found.st_size)
        except (OSError, UnreadableSourceError):
            return None

    def tree(self, name: str) -> ast.Module | None:
        """Return the source of a module, parsed."""
        if name not in self._trees:
            self._trees[name] = None
            text = self.text(name)
            if text is not None:
                with suppress(UnreadableSourceError, RecursionError):
                    self._trees[name], _ = parse_source(text)
        return self._trees[name]

    def _read(self, name: str) -> Module | None:
        if name not in self._found:
            self._found[name] = None
            text = self.text(name) if self.is_foreign(name) else None
            self._left_to_analyse -= len(text or "")
            if text is not None and self._left_to_analyse > 0:
                with suppress(UnreadableSourceError):
                    self._found[name] = read_module(text, name, is_package=self.is_package(name))
        return self._found[name]

    def _path(self, name: str) -> Path | None:
        spec = self._spec(name) if self.is_foreign(name) else None
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            return None
        return Path(spec.origin)

    def _spec(self, name: str) -> ModuleSpec | None:
        return find_spec(name, self._known)


class KnownModules:
    """Which names are modules; it asks the sources about those that the program does not show to be."""

    def __init__(self, shown: frozenset[str], sources: ForeignSources) -> None:
        self._shown = shown
        self._sources = sources

    def __contains__(self, name: object) -> bool:
        return name in self._shown or (
            isinstance(name, str) and self._sources.is_foreign(name) and self._sources.is_module(name)
        )


@lru_cache(maxsize=2_000)
def _text(path: Path, changed: int, size: int) -> str:  # noqa: ARG001, a file that has changed is read again
    return decode(path.read_bytes())
