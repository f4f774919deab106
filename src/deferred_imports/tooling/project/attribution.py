"""Which entry of the table an import belongs to, and which distribution; entries for imports that have no name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from packaging.utils import canonicalize_name

from deferred_imports.tooling.source.conditions import in_common
from deferred_imports.tooling.source.usage import Import
from deferred_imports.tooling.table.combining import all_of, either
from deferred_imports.tooling.table.entries import Entry, Target
from deferred_imports.tooling.table.manifest import Manifest, Shipped
from deferred_imports.tooling.table.requirements import Requirements, names_for
from deferred_imports.tooling.table.stdlib import NOT_EVERYWHERE, STANDARD_LIBRARY

# What is there before anybody imports it.
_ALWAYS_THERE = frozenset({"__main__", "builtins", "sys"})


@dataclass(frozen=True)
class Origin:
    """Where a module comes from.

    Attributes:
        kind: The project itself, the standard library, a declared requirement, or unknown.
        distribution: The requirement, as the user wrote it.
        extra: The extra that brings it, if only an extra does.
        sure: Whether it is there wherever `marker` holds and the package is installed, with the extra if there is one.
        marker: Where the requirement is installed; None for everywhere.
    """

    kind: Literal["own", "standard", "required", "unknown"]
    distribution: str | None = None
    extra: str | None = None
    sure: bool = True
    marker: str | None = None


class Attribution:
    """Knows the table and the requirements of a project."""

    def __init__(self, manifest: Manifest, shipped: Shipped, requirements: Requirements) -> None:
        self._manifest = manifest
        self._shipped = shipped
        self._requirements = requirements
        self._origins: dict[str, Origin] = {}
        # An entry for a whole module stands for its import rather than one for a part of it.
        whole_first = sorted(manifest.entries, key=lambda entry: any(target.attribute for target in entry.targets))
        self._modules = {entry: frozenset(targets_of(entry, manifest.package)) for entry in whole_first}
        self._resolved = {entry: self._modules[entry] | _parts_of(entry, manifest.package) for entry in whole_first}

    def entry_of(self, targets: Iterable[Target]) -> Entry | None:
        """Return the entry of the table that resolves what one of these candidates does, whichever it is."""
        wanted = {f"{target.module}.{target.attribute}" if target.attribute else target.module for target in targets}
        return next((entry for entry, resolved in self._resolved.items() if wanted <= resolved), None)

    def entry_for(self, modules: Iterable[str]) -> Entry | None:
        """Return the entry of the table that has all these modules as candidates."""
        wanted = set(modules)
        return next((entry for entry, known in self._modules.items() if wanted <= known), None)

    def nameless(self, imports: Iterable[Import], conditional: Iterable[str]) -> tuple[Entry, ...]:
        """Return entries for what functions import and the table does not name, in the order of their references.

        Args:
            imports: All imports of the package.
            conditional: The modules of the package that refuse to be imported on some platforms.
        """
        unsure = self._unsure_modules(imports, conditional)
        found: dict[tuple[Target, ...], list[Import]] = {}
        for item in imports:
            for targets in item.targets if item.when == "call" else ():
                if self.entry_of(targets) is None and not self._is_left_out(targets):
                    found.setdefault(targets, []).append(item)
        entries = [self._nameless(targets, unsure, *_marker_and_optional(items)) for targets, items in found.items()]
        return tuple(sorted(entries, key=lambda entry: [str(target) for target in entry.targets]))

    def keys(
        self, entries: Iterable[Entry], imports: Iterable[Import], uses: Mapping[str, Iterable[str]]
    ) -> dict[str, tuple[str, ...]]:
        """Return the names of the entries that each module uses, in their order.

        Args:
            entries: All entries of the registry.
            imports: What the modules import.
            uses: The names that each module uses of the registry, and of what the package exports.
        """
        order = {entry.name: number for number, entry in enumerate(entries)}
        found = {module: set(names) for module, names in uses.items()}
        for item in imports:
            if item.when in {"call", "lazy"}:
                names = found.setdefault(item.importer, set())
                names.update(_name(map(self._relative, targets)) for targets in item.targets)
                declared = [self.entry_for(item.candidates), *map(self.entry_of, item.targets)]
                names.update(entry.name for entry in declared if entry is not None)
        known = {module: order.keys() & names for module, names in sorted(found.items())}
        return {module: tuple(sorted(names, key=order.__getitem__)) for module, names in known.items() if names}

    def caught(self, imports: Iterable[Import]) -> dict[str, tuple[tuple[str, ...], ...]]:
        """Return for imports in functions, by name, which errors always lead from a candidate to the next one."""
        found: dict[str, list[tuple[tuple[str, ...], ...]]] = {}
        named = {entry.targets: entry.name for entry in self._manifest.entries}
        for item in imports:
            for targets in item.targets if item.when == "call" and len(item.caught) else ():
                relative = tuple(map(self._relative, targets))
                found.setdefault(named.get(relative, _name(relative)), []).append(item.caught)
        return {
            name: tuple(reduce(in_common, link) for link in zip(*chains, strict=False))
            for name, chains in found.items()
        }

    def undeclared(self, imports: Iterable[Import]) -> Iterator[Import]:
        """Yield the imports that run, and for which neither a requirement nor the table accounts."""
        for item in imports:
            runs = item.when not in {"typing", "main"}
            if runs and self._requirements.known and self.entry_for(item.candidates) is None:
                kinds = {self._origin(module).kind for module in item.candidates}
                taken = [target for targets in item.targets for target in targets]
                if kinds == {"unknown"} and any(self.origin(t.module, t.attribute).kind == "unknown" for t in taken):
                    yield item

    def origin(self, module: str, attribute: str | None = None) -> Origin:
        """Tell where a module comes from, or where a module of a namespace does that `from` takes from it."""
        found = self._origin(module)
        if attribute is None or found.kind != "unknown":
            return found
        part = self._origin(f"{module}.{attribute.partition('.')[0]}")  # `from google.cloud import bigquery`
        return part if part.kind == "required" else found

    def _origin(self, module: str) -> Origin:
        if module not in self._origins:
            self._origins[module] = self._find_origin(module)
        return self._origins[module]

    def _find_origin(self, module: str) -> Origin:
        top = module.partition(".")[0]
        if module in self._shipped.modules or f"{module}.".startswith(f"{self._manifest.package}."):
            return Origin("own")
        if top in STANDARD_LIBRARY or top in _ALWAYS_THERE:
            return Origin("standard", sure=not {top, module} & NOT_EVERYWHERE)
        requirements = self._requirements
        names = requirements.covering(module) or self._named_by_the_table(top)
        for name in filter(requirements.comes_with_package, names):
            marker, sure = requirements.where(name)
            return Origin("required", requirements.spelling[name], sure=sure, marker=marker)
        for name in names:
            for extra in requirements.extras_with(name):
                return Origin("required", requirements.spelling[name], extra)
        # Who installs the package need not have it.
        return Origin("unknown", sure=False)

    def _named_by_the_table(self, top: str) -> tuple[str, ...]:
        """Return the distribution that other entries of the table name for this import package, if they agree."""
        names = {
            canonicalize_name(entry.distribution)
            for entry, resolved in self._resolved.items()
            if entry.distribution is not None and all(_stands_for(name, top, entry.distribution) for name in resolved)
        }
        return tuple(names) if len(names) == 1 else ()

    def _is_left_out(self, targets: Iterable[Target]) -> bool:
        """Tell whether there is nothing to resolve, or nothing that one may: a program starts when it is imported."""
        modules = [target.module for target in targets]
        return any(name in {*_ALWAYS_THERE, self._manifest.package} or name.endswith(".__main__") for name in modules)

    def _unsure_modules(self, imports: Iterable[Import], conditional: Iterable[str]) -> set[str]:
        """Return the modules of the package that cannot be imported everywhere, because of what they import in turn."""
        needed: dict[str, set[str]] = {}
        unsure = set(conditional)
        for item in imports:
            if item.when == "import" and item.is_certain:
                origin = self._origin(item.module)
                if origin.kind == "own":
                    needed.setdefault(item.importer, set()).add(item.module)
                elif not all(self._is_everywhere(target) for targets in item.targets for target in targets):
                    unsure.add(item.importer)
        for module in self._shipped.modules:
            needed.setdefault(module, set()).add(module.rpartition(".")[0])
        # Without the package itself there is nobody to ask.
        needed.pop(self._manifest.package, None)
        unsure.discard(self._manifest.package)
        while more := {module for module, others in needed.items() if module not in unsure and others & unsure}:
            unsure |= more
        return unsure

    def _is_everywhere(self, target: Target) -> bool:
        """Tell whether what an import needs is there wherever the package is."""
        origin = self.origin(target.module, target.attribute)
        return origin.extra is None and origin.sure and origin.marker is None

    def _nameless(self, targets: tuple[Target, ...], unsure: set[str], marker: str | None, optional: bool) -> Entry:
        origins = [self.origin(target.module, target.attribute) for target in targets]
        first = next((origin for origin in origins if origin.distribution), Origin("unknown"))
        # Of several candidates, one that needs no extra is enough.
        extra = first.extra if all(origin.extra or origin.kind == "unknown" for origin in origins) else None
        # Whoever writes a fallback has seen to it that one of them is there.
        sure = len(origins) > 1 or (origins[0].sure and targets[0].module not in unsure)
        optional = optional or extra is not None or not sure
        if not optional and len(origins) == 1:  # it is required where the import runs and its requirement is installed
            marker = all_of([marker, first.marker])
        relative = tuple(map(self._relative, targets))
        return Entry(
            name=_name(relative),
            targets=relative,
            extra=extra,
            groups=(),
            marker=marker,
            distribution=first.distribution,
            optional=optional,
        )

    def _relative(self, target: Target) -> Target:
        package = f"{self._manifest.package}."
        if target.module.startswith(package):
            return Target(f".{target.module.removeprefix(package)}", target.attribute)
        return target


def _marker_and_optional(imports: Iterable[Import]) -> tuple[str | None, bool]:
    """Return where at least one of several imports of the same can run, and whether all go on without it somewhere."""
    optional: dict[str | None, bool] = {}
    for item in imports:
        optional[item.marker] = item.optional and optional.get(item.marker, True)
    if None in optional:  # it runs everywhere, and what some platforms need in addition is not needed on all
        return None, optional[None]
    return either(marker for marker in optional if marker), any(optional.values())


def targets_of(entry: Entry, package: str) -> list[str]:
    """Return the absolute names of an entry's modules."""
    return [f"{package}{target.module}" if target.module.startswith(".") else target.module for target in entry.targets]


def _stands_for(module: str, top: str, distribution: str) -> bool:
    """Tell whether what brings a module brings all of its top-level package, which is no namespace of several."""
    below = [name for name in names_for(module) if name != canonicalize_name(top)]
    return module.partition(".")[0] == top and canonicalize_name(distribution) not in below


def _name(targets: Iterable[Target]) -> str:
    return f"<{'|'.join(map(str, targets))}>"


def _parts_of(entry: Entry, package: str) -> frozenset[str]:
    """Return what else an entry resolves: of `a:b.c` this is `a.b`, be it a module or not."""
    pairs = zip(targets_of(entry, package), entry.targets, strict=True)
    return frozenset(f"{module}.{target.attribute.partition('.')[0]}" for module, target in pairs if target.attribute)
