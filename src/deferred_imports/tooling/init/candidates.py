"""Which imports inside functions could have a name in the table, and what their entries would say. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import packages_distributions

from packaging.utils import canonicalize_name

from deferred_imports.tooling.registry.environment import find_spec
from deferred_imports.tooling.source.usage import Import, Usage
from deferred_imports.tooling.table.entries import RESERVED_NAMES, is_name
from deferred_imports.tooling.table.names import with_parents
from deferred_imports.tooling.table.requirements import Requirements
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY


def candidates(usage: Usage, requirements: Requirements) -> dict[str, dict[str, object]]:
    """Return entries for the modules of other distributions that functions import, by name."""
    found: dict[tuple[str, ...], bool] = {}
    for item in usage.imports:
        if item.when == "call" and item.module.partition(".")[0] not in _own(usage):
            for modules in _modules_in(item):
                found[modules] = found.get(modules, True) and (item.optional or item.marker is not None)
    at_top = {parent for item in usage.imports if item.when == "import" for parent in with_parents(item.module)}
    installed: Mapping[str, list[str]] = packages_distributions()
    entries: dict[str, dict[str, object]] = {}
    for modules, optional in sorted(found.items()):
        outside = [module for module in modules if module.partition(".")[0] not in STANDARD_LIBRARY]
        if not outside or at_top.intersection(modules):
            continue
        entry: dict[str, object] = {"module": modules[0] if len(modules) == 1 else list(modules)}
        distribution, extra = _provider(outside[0], installed, requirements)
        if distribution and not any(requirements.covering(module) for module in outside):
            entry["distribution"] = distribution
        if extra:
            entry["extra"] = extra
        elif optional:
            entry["optional"] = True
        entries[_name_for(modules[0], entries)] = entry
    return entries


def _modules_in(item: Import) -> list[tuple[str, ...]]:
    """Return the modules that an import takes, with their fallbacks; what a package holds, the environment knows."""
    parts = [f"{item.module}.{name}" for name in item.names or ()]
    if len(item.candidates) > 1 or not parts or not all(map(find_spec, parts)):
        return [item.candidates]
    return [(part,) for part in parts]


def _own(usage: Usage) -> set[str]:
    return {item.importer.partition(".")[0] for item in usage.imports} | {"deferred_imports"}


def _provider(
    module: str, installed: Mapping[str, list[str]], requirements: Requirements
) -> tuple[str | None, str | None]:
    """Return the distribution that has a module, as the project or the environment spells it, and the extra for it."""
    names = [canonicalize_name(name) for name in installed.get(module.partition(".")[0], [])]
    source = requirements.source_of(module, None) or next(
        (name for name in names if name in requirements.spelling), None
    )
    if source is None:
        return (installed[module.partition(".")[0]][0] if names else None), None
    if source in requirements.always:
        return requirements.spelling[source], None
    extra = next((extra for extra, listed in requirements.listed.items() if source in listed), None)
    return requirements.spelling[source], extra


def _name_for(module: str, taken: Iterable[str]) -> str:
    """Return the last part of a module's name; more of it where that is taken."""
    parts = module.split(".")
    for start in range(len(parts) - 1, -1, -1):
        name = "_".join(parts[start:])
        if is_name(name) and name not in taken and name not in RESERVED_NAMES:
            return name
    return f"{'_'.join(parts)}_"
