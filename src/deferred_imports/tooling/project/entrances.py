"""Which modules of a package its start loads at once, as far as the sources tell; no start is needed for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deferred_imports.tooling.project.attribution import modules_of
from deferred_imports.tooling.project.tree import Project
from deferred_imports.tooling.source.usage import Import, Usage


def loaded(project: Project, usage: Usage) -> tuple[set[str], set[str]]:
    """Return the modules of the package that its entry points load at once, and those that others may.

    What the package itself defers, with all below it, is neither, unless something loads it all the same. Without
    entry points every other module is one.
    """
    package = project.manifest.package
    own = {module for module in project.modules if f"{module}.".startswith(f"{package}.")}
    deferred = {module for entry in project.manifest.entries for module in modules_of(entry, package)}
    deferred |= {item.module for item in usage.imports if item.when in {"call", "lazy"}}
    deferred -= set(with_parents(package))
    imports = [item for item in usage.imports if item.when == "import"]
    anybodys = _reached({module for module in own if not deferred.intersection(with_parents(module))}, imports) & own
    entrances = {parent for module in _entry_points(project.document) for parent in with_parents(module)} & own
    return (_reached(entrances | {package}, imports) & own if entrances else anybodys), anybodys


def surely_loaded(package: str, usage: Usage) -> set[str]:
    """Return what importing the package loads at once, on every platform and whatever else is installed."""
    return _reached({package}, [item for item in usage.imports if item.when == "import" and item.is_certain])


def _reached(pending: set[str], imports: Iterable[Import]) -> set[str]:
    """Return modules, with those that they import, those that these import, and so on."""
    imported: dict[str, set[str]] = {}
    for item in imports:
        imported.setdefault(item.importer, set()).update(with_parents(item.module))
    found: set[str] = set()
    while pending:
        module = pending.pop()
        found.add(module)
        pending |= imported.get(module, set()) - found
    return found


def _entry_points(document: Mapping[str, object]) -> set[str]:
    """Return the modules of [project.scripts] and of the other entry points."""
    project = document.get("project")
    tables = [project.get(key) for key in ("scripts", "gui-scripts")] if isinstance(project, Mapping) else []
    groups = project.get("entry-points") if isinstance(project, Mapping) else None
    tables += groups.values() if isinstance(groups, Mapping) else []
    references = (str(value) for table in tables if isinstance(table, Mapping) for value in table.values())
    return {reference.partition(":")[0].strip() for reference in references}


def with_parents(module: str) -> list[str]:
    """Return the names of a module's packages, outermost first, and its own."""
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
