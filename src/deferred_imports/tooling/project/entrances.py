"""Which modules of a package its start loads at once, as far as the sources tell; no start is needed for it."""

from __future__ import annotations

from collections.abc import Iterable

from deferred_imports.tooling.project.attribution import targets_of
from deferred_imports.tooling.project.scripts import module_of, references
from deferred_imports.tooling.project.tree import Project
from deferred_imports.tooling.source.usage import Import, Usage
from deferred_imports.tooling.table.names import lies_in, with_parents


def loaded(project: Project, usage: Usage) -> tuple[set[str], set[str]]:
    """Return the modules of the package that its entry points load at once, and those that others may.

    What the package itself defers, with all below it, is neither, unless something loads it all the same. Without
    entry points every other module is one.
    """
    package = project.manifest.package
    own = {module for module in project.modules if lies_in(module, package)}
    deferred = {module for entry in project.manifest.entries for module in targets_of(entry, package)}
    deferred |= {item.module for item in usage.imports if item.when in {"call", "lazy"}}
    deferred -= set(with_parents(package))
    imports = [item for item in usage.imports if item.when == "import"]
    anybodys = _reached({module for module in own if not deferred.intersection(with_parents(module))}, imports) & own
    entrances = {parent for value in references(project.document) for parent in with_parents(module_of(value))} & own
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
