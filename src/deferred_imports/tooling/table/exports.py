"""The table `exports`: what the package, and other modules of it, offer, and import on first access.

Each export is an entry whose name begins with a dot: `.Forecast` is what `weather` offers, `.commands.report` what
`weather.commands` does. Only `manifest` reads this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from deferred_imports.tooling.table.coverage import BroughtBy, nothing
from deferred_imports.tooling.table.entries import EntriesReader, Entry, is_name
from deferred_imports.tooling.table.problems import TABLE, Place, Problems, address, describe, quote
from deferred_imports.tooling.table.requirements import Requirements

EXAMPLE = 'Forecast = ".model:Forecast"'
# By this one the registry is asked to serve them; the others that it uses are no names of the modules that export.
_RESERVED = frozenset({"attach"})


class ExportsReader:
    """Reads the table `exports`.

    Args:
        problems: Gets what is wrong.
        requirements: What the project declares.
        modules: The absolute names of all modules that the wheel ships.
        package: The package that gets the registry, or "" when it is not known.
        registry: The name of the registry in it.
        brought_by: Says which installed distributions bring a module.
    """

    def __init__(
        self,
        problems: Problems,
        requirements: Requirements,
        modules: frozenset[str],
        package: str,
        registry: str,
        *,
        brought_by: BroughtBy = nothing,
    ) -> None:
        self._problems = problems
        self._about = (problems, requirements, modules, package, registry)
        self._modules = modules
        self._brought_by = brought_by
        self._package = package
        self._registry = registry

    def read(self, table: object, imports: tuple[Entry, ...] = ()) -> tuple[Entry, ...]:
        """Read all exports.

        Args:
            table: What stands there.
            imports: The entries of the table `imports`; what the package exports by such a name has to be the same.
        """
        place: Place = (*TABLE, "exports")
        if not isinstance(table, Mapping):
            self._problems.add(place, f"expected a table, got {describe(table)}")
            return ()
        exports = [*self._read_module(place, "", table)]
        declared = {f".{entry.name}": entry for entry in imports}
        for entry in exports:
            if entry.name in declared and declared[entry.name].targets != entry.targets:
                what = f"expected another name, or what {address((*TABLE, 'imports', entry.name[1:]))} is"
                self._problems.add((*place, entry.name[1:]), f"{what}, got {', '.join(map(quote, _texts(entry)))}")
        for key, value in table.items():
            if key.startswith(".") and isinstance(value, Mapping) and self._is_module((*place, key), key):
                exports += self._read_module((*place, key), key, value)
        return tuple(exports)

    def _read_module(self, place: Place, module: str, table: Mapping[str, object]) -> Iterator[Entry]:
        """Yield what one module exports; `module` is relative, and "" for the package."""
        reader = EntriesReader(*self._about, brought_by=self._brought_by, reserved=_RESERVED)
        for key, value in table.items():
            at = (*place, key)
            if not key.startswith("."):
                found = [reader.read_entry(at, key, value, once=False)]
            elif isinstance(value, list):
                found = [*self._read_attributes(reader, at, key, value)]
            else:
                if module or not isinstance(value, Mapping):
                    remedy = f"; write [{quote(value)}]" if isinstance(value, str) else ""
                    expected = "an array of names that are in this module" + ("" if module else ", or a table")
                    self._problems.add(at, f"expected {expected}, got {describe(value)}{remedy}")
                continue
            for entry in filter(None, found):
                if any(target.module == module and module for target in entry.targets):
                    self._problems.add(at, f"expected another module than the one that exports it, got {quote(module)}")
                yield replace(entry, name=f"{module}.{entry.name}")
        reader.check_needs()

    def _read_attributes(
        self, reader: EntriesReader, place: Place, module: str, names: list[object]
    ) -> Iterator[Entry | None]:
        """Yield what is exported of one module under its own names."""
        if reader.read_target(place, module) is None:
            return
        for index, name in enumerate(names):
            if not isinstance(name, str) or not is_name(name):
                got = describe(name) if not isinstance(name, str) else quote(name)
                self._problems.add((*place, index), f'expected a Python name, as in ["Forecast"], got {got}')
            else:
                yield reader.read_entry((*place, index), name, f"{module}:{name}", once=False)

    def _is_module(self, place: Place, module: str) -> bool:
        """Tell whether a key names a module that can export something."""
        name = f"{self._package}{module}"
        if not self._package or (name in self._modules and module != f".{self._registry}"):
            return True
        own = [f".{other.removeprefix(self._package + '.')}" for other in self._modules if other != self._package]
        near = self._problems.did_you_mean(module, own)
        self._problems.add(place, f"expected a module of this package that the wheel ships, got {quote(module)}{near}")
        return False


def _texts(entry: Entry) -> list[str]:
    return [str(target) for target in entry.targets]
