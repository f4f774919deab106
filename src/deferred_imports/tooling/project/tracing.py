"""Follows names across the modules of a package: to the modules that they stand for, and to the registry's names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import accumulate

from deferred_imports.tooling.project.attribution import targets_of
from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.conditions import BoundTo
from deferred_imports.tooling.source.facts import Facts, Read, Statement
from deferred_imports.tooling.source.usage import Import, Use
from deferred_imports.tooling.table.entries import Target, is_dunder
from deferred_imports.tooling.table.manifest import Manifest, Shipped
from deferred_imports.tooling.table.stdlib import PACKAGES, STANDARD_LIBRARY


class Tracer:
    """Follows the names of one package."""

    def __init__(self, manifest: Manifest, facts: Mapping[str, Facts], shipped: Shipped) -> None:
        self._registry = f"{manifest.package}.{manifest.registry}"
        self._declared = {entry.name for entry in manifest.entries}
        self._exported = {manifest.package + entry.name: entry.name for entry in manifest.exports}
        self._lazy = {module for entry in manifest.entries for module in targets_of(entry, manifest.package)}
        self._facts = facts
        # With the parents of the package, which may be namespaces.
        parents = accumulate(manifest.package.split("."), lambda parent, name: f"{parent}.{name}")
        self._modules = {*shipped.modules, *parents, self._registry}

    def imports(self, module: str) -> Iterator[Import]:
        """Yield what a module imports, but for the registry."""
        statements = self._facts[module].statements
        chains: dict[tuple[int | None, str], list[Target]] = {}
        caught: dict[int | None, dict[int, tuple[str, ...]]] = {}  # by line
        for statement in statements:
            caught.setdefault(statement.chain, {})[statement.line] = statement.caught
            for _, _, pieces in self._imported(statement):
                for bound, target in pieces.items():
                    chains.setdefault((statement.chain, bound), []).append(target)
        for statement in statements:
            lazy = statement.listed and statement.when == "import" and statement.module in self._lazy
            for found, names, pieces in self._imported(statement):
                targets = [
                    [target] if statement.chain is None else chains[statement.chain, bound]
                    for bound, target in pieces.items()
                ]
                yield Import(
                    importer=module,
                    line=statement.line,
                    module=found,
                    names=names,
                    when="lazy" if lazy else statement.when,
                    optional=statement.optional,
                    marker=statement.marker,
                    candidates=tuple(dict.fromkeys(target.module for candidates in targets for target in candidates)),
                    targets=tuple(dict.fromkeys(tuple(dict.fromkeys(candidates)) for candidates in targets)),
                    caught=() if statement.chain is None else tuple(caught[statement.chain].values())[:-1],
                )

    def uses(self, module: str) -> Iterator[Use]:
        """Yield where a module uses names of the registry, each once on a line."""
        facts = self._facts[module]
        found = []
        for statement in facts.statements:
            names = {name for name in statement.names or () if self._is_taken(statement.module, name)}
            found += [Use(module, statement.line, name, statement.when, taken=True) for name in names]
        for read in facts.reads:
            if read.when not in {"typing", "main"}:
                names = self._read(module, read)
                found += [Use(module, read.line, name, read.when, taken=False) for name in names]
        yield from sorted(set(found), key=lambda use: (use.line, use.name, use.when))

    def keys(self, module: str) -> set[str]:
        """Return by what names the registry knows what a module uses of it, and of what the package exports."""
        found = {use.name for use in self.uses(module)}
        for statement in self._facts[module].statements:
            taken = {f"{statement.module}.{name}" for name in statement.names or ()}
            if statement.when not in {"typing", "main"}:
                found |= {self._exported[path] for path in taken & self._exported.keys()}
                if f"{self._registry}.*" in taken and not self._exported:  # then `attach` is all that it offers
                    found |= self._declared
        for read in self._facts[module].reads if self._exported else ():
            if read.when not in {"typing", "main"}:
                steps = self._steps(module, read)
                paths = {f"{before}.{attribute}" for reached, attribute in steps for before in reached}
                found |= {self._exported[path] for path in paths & self._exported.keys()}
        return found

    def opens(self, module: str) -> bool:
        """Tell whether a module imports the registry when it is imported itself."""
        for statement in self._facts[module].statements:
            taken = {f"{statement.module}.{name}" for name in statement.names or ()}
            if statement.when == "import" and self._registry in {statement.module, *taken}:
                return True
        return False

    def _imported(self, statement: Statement) -> Iterator[tuple[str, tuple[str, ...] | None, dict[str, Target]]]:
        """Yield the modules that a statement imports, what it takes from each, and what that has to resolve by name."""
        base = statement.module
        if base == self._registry:
            return
        if statement.names is None:
            yield base, None, {statement.bound[0]: Target(base)}
            return
        others: dict[str, Target] = {}
        names = []
        for name, bound in zip(statement.names, statement.bound, strict=True):
            # What the package binds itself comes before a module of that name, which would take its place if loaded.
            hidden = base in self._facts and name in self._facts[base].defined
            if hidden or f"{base}.{name}" not in self._modules:
                names.append(name)
                others[bound] = Target(base, name if self._may_be_module(base, name) else None)
            elif f"{base}.{name}" != self._registry:
                yield f"{base}.{name}", None, {bound: Target(f"{base}.{name}")}
        if names:
            yield base, tuple(names), others

    def _may_be_module(self, base: str, name: str) -> bool:
        """Tell whether `from base import name` may have to import a module of this name, too."""
        known = base in self._modules or (base.partition(".")[0] in STANDARD_LIBRARY and base not in PACKAGES)
        return name != "*" and not known

    def _is_taken(self, module: str, name: str) -> bool:
        """Tell whether `from module import name` takes a name of the registry."""
        if module == self._registry:
            return name != "*" and not is_dunder(name)
        return name in self._declared and self._forwards(module, name)

    def _read(self, module: str, read: Read) -> set[str]:
        """Return the names of the registry that are read."""
        found: set[str] = set()
        for reached, attribute in self._steps(module, read):
            if self._registry in reached:
                found.add(attribute)
            if attribute in self._declared and any(self._forwards(module, attribute) for module in reached):
                found.add(attribute)
        return {name for name in found if not is_dunder(name)}

    def _steps(self, module: str, read: Read) -> Iterator[tuple[set[str], str]]:
        """Yield each attribute that is read with the modules of the project that what stands before it may be."""
        reached = self._stands_for(module, read.bound, read.aliases, set())
        for attribute in read.chain[1:]:
            yield reached, attribute
            reached = {after for before in reached for after in self._attribute(before, attribute, set())}

    def _forwards(self, module: str, name: str) -> bool:
        """Tell whether a module has the registry's `__getattr__`, so that its names are that module's, too."""
        facts = self._facts.get(module)
        if facts is None or name in facts.bound:
            return False
        return (self._registry, "__getattr__") in facts.bound.get("__getattr__", ())

    def _bound(self, module: str, name: str, seen: set[tuple[str, str]]) -> set[str]:
        """Return the modules of the project that a name stands for in a module."""
        facts = self._facts.get(module)
        if facts is None or (module, name) in seen:
            return set()
        seen.add((module, name))
        found = self._stands_for(module, facts.bound.get(name, ()), facts.aliases.get(name, ()), seen)
        if not name.startswith("_"):
            for origin, attribute in facts.bound.get("*", ()):
                found |= self._bound(origin, name, seen) if attribute == "*" else set()
        return found

    def _stands_for(
        self, module: str, bound: Collection[BoundTo], aliases: Collection[Chain], seen: set[tuple[str, str]]
    ) -> set[str]:
        """Return the modules of the project that a name stands for, which is bound to this and assigned that."""
        found = set()
        for origin, attribute in bound:
            if attribute is None:
                found |= {origin} & self._modules
            elif attribute != "*":
                found |= self._attribute(origin, attribute, seen)
        for first, *rest in aliases:
            reached = self._bound(module, first, seen)
            for attribute in rest:
                reached = {after for before in reached for after in self._attribute(before, attribute, seen)}
            found |= reached
        return found

    def _attribute(self, module: str, name: str, seen: set[tuple[str, str]]) -> set[str]:
        """Return the modules of the project that an attribute of one of them stands for."""
        if f"{module}.{name}" in self._modules:
            return {f"{module}.{name}"}
        return self._bound(module, name, seen)
