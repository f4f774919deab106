"""What the sources of a package tell about its imports: where each stands, what uses the registry, who imports whom.

From text alone: nothing is imported or run, and what cannot be parsed is left out and reported. What only running
would show stays unseen: names that are assigned to attributes or handed to functions, `importlib.import_module`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deferred_imports.tooling.project.attribution import Attribution, targets_of
from deferred_imports.tooling.project.tracing import Tracer
from deferred_imports.tooling.project.tree import Project
from deferred_imports.tooling.source.facts import Facts
from deferred_imports.tooling.source.imports import read_source
from deferred_imports.tooling.source.text import UnreadableSourceError, decode, platform_constants
from deferred_imports.tooling.source.usage import Import, Skipped, Usage
from deferred_imports.tooling.table.manifest import Manifest, Shipped
from deferred_imports.tooling.table.requirements import Requirements


def discover_in(project: Project) -> Usage:
    """Read and analyse the sources of a project."""
    return discover(project.manifest, project.read_sources(), project.shipped, project.requirements)


def discover(manifest: Manifest, sources: Mapping[str, bytes], shipped: Shipped, requirements: Requirements) -> Usage:
    """Analyse the sources of a package.

    Args:
        manifest: Says which package it is, how its registry is called and what it declares.
        sources: The sources of its modules by their absolute names, without the registry.
        shipped: All that the project ships.
        requirements: What the project requires.
    """
    facts, skipped = _read(sources, shipped)
    names = Tracer(manifest, facts, shipped)
    imports = [found for module in facts for found in names.imports(module)]
    uses = [use for module in facts for use in names.uses(module)]
    attribution = Attribution(manifest, shipped, requirements)
    entries = (
        attribution.nameless(imports, {name for name in facts if facts[name].conditional}) if manifest.discover else ()
    )
    used = {module: names.keys(module) for module in facts}
    keys = attribution.keys([*manifest.entries, *manifest.exports, *entries], imports, used)
    return Usage(
        imports=tuple(imports),
        uses=tuple(uses),
        openers=tuple(filter(names.opens, facts)),
        entries=entries,
        keys=keys,
        graph=_graph(manifest, sorted(sources), imports, keys),
        caught=attribution.caught(imports),
        undeclared=tuple(attribution.undeclared(imports)),
        skipped=skipped,
    )


def _read(sources: Mapping[str, bytes], shipped: Shipped) -> tuple[dict[str, Facts], tuple[Skipped, ...]]:
    texts: dict[str, str] = {}
    skipped = []
    for module in sorted(sources):
        try:
            texts[module] = decode(sources[module])
        except UnreadableSourceError as error:
            skipped.append(Skipped(module, str(error)))
    constants = {module: platform_constants(text) for module, text in texts.items()}
    facts = {}
    for module, text in texts.items():
        try:
            facts[module] = read_source(text, module, is_package=module in shipped.packages, constants=constants)
        except UnreadableSourceError as error:
            skipped.append(Skipped(module, str(error)))
    return facts, tuple(sorted(skipped, key=lambda item: item.module))


def _graph(
    manifest: Manifest, modules: Iterable[str], imports: Iterable[Import], keys: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Return which modules of the package each of its modules imports, by itself or through the registry."""
    package = manifest.package
    found: dict[str, set[str]] = {module: set() for module in modules}

    def add(importer: str, module: str) -> None:
        if module.startswith(f"{package}."):
            found[importer].add(module)
            while (module := module.rpartition(".")[0]) != package:
                if not importer.startswith(f"{module}."):
                    found[importer].add(module)

    for item in imports:
        if item.when not in {"typing", "main"}:
            add(item.importer, item.module)
    entries = {entry.name: entry for entry in (*manifest.entries, *manifest.exports)}
    for importer, names in keys.items():
        for name in names:
            for module in targets_of(entries[name], package) if name in entries else ():
                add(importer, module)
    return {module: tuple(sorted(others - {module})) for module, others in found.items()}
