"""Whether each Python that a project supports has what it requires of the standard library; nothing is asked of any."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from packaging.markers import Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.project.tree import Project
from deferred_imports.tooling.table.document import text_at
from deferred_imports.tooling.table.entries import Entry
from deferred_imports.tooling.table.lifetimes import MINORS, lifetime, marker_for
from deferred_imports.tooling.table.problems import quote
from deferred_imports.tooling.table.stdlib import is_standard


def find_partial(
    project: Project,
    place: Callable[[Entry], tuple[Path, int]],
    is_told: Callable[[str], bool] | None = None,
) -> Iterator[Finding]:
    """Yield what the table requires, and some Python that `requires-python` allows has no longer, or not yet.

    What functions import of the modules that come and go is never required.

    Args:
        project: The project.
        place: Tells where an entry is declared.
        is_told: Tells whether a module is missing from the environment, which somebody else says.
    """
    supported = _supported(project)
    for entry in (*project.manifest.entries, *project.manifest.exports) if supported else ():
        modules = list(dict.fromkeys(target.module for target in entry.targets))
        if entry.optional or not all(map(is_standard, modules)) or (is_told and all(map(is_told, modules))):
            continue
        lacking = [minor for minor in supported if _lacks(minor, modules) and _applies(entry, minor)]
        if lacking:
            pythons = f"Python 3.{lacking[0]}" + (f" to 3.{lacking[-1]}" if lacking[1:] else "")
            what = f"{entry.name}: {' or '.join(map(quote, modules))} is not in the standard library of {pythons}"
            remedy = f"say so by marker = {quote(marker_for(modules[0]))}, or name something else after it"
            yield Finding("module-missing", *place(entry), f"{what}, which requires-python allows", remedy)


def _supported(project: Project) -> list[int]:
    """Return the minor versions of Python 3 that the project says it supports, among those that are known here."""
    try:
        allowed = SpecifierSet(text_at(project.document, "project", "requires-python"))
    except InvalidSpecifier:
        return []
    return [minor for minor in MINORS if allowed.contains(f"3.{minor}.99")] if str(allowed) else []


def _lacks(minor: int, modules: Iterable[str]) -> bool:
    return not any(minor in lifetime(module) for module in modules)


def _applies(entry: Entry, minor: int) -> bool:
    environment = {"extra": "", "python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"}
    return not entry.marker or Marker(entry.marker).evaluate(environment)
