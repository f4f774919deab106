"""What registries declare, in the project and in the environment, as rows of tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deferred_imports.tooling.registry.environment import here
from deferred_imports.tooling.registry.installed import Deferred
from deferred_imports.tooling.registry.render import entries_of
from deferred_imports.tooling.source.usage import Usage
from deferred_imports.tooling.table.manifest import Manifest

DECLARED = ("name", "import", "distribution", "extra", "groups", "optional", "marker")
INSTALLED = ("project", "package", "name", "import", "extra", "state", "marker")
# What moves below a row where a terminal is too narrow for all.
BELOW = ("marker", "groups", "distribution", "optional", "extra", "state", "package")
NOTHING_DECLARED = "the table names nothing, and no function of the package imports anything that can wait"


def nothing_installed() -> str:
    """Return what to say where nothing that is installed has a declaration."""
    return f"no distribution in {here()} declares deferred imports"


def declared(manifest: Manifest, usage: Usage) -> Iterator[list[str | None]]:
    """Yield a row for each entry of a project's registry; those of functions have no name."""
    for entry in entries_of(manifest, usage):
        name = "" if entry.name.startswith("<") else entry.name
        cells = [name, " or ".join(map(str, entry.targets)), entry.distribution, entry.extra]
        yield [*cells, ", ".join(entry.groups), "yes" if entry.optional else "", entry.marker]


def installed(imports: Iterable[Deferred]) -> Iterator[list[str | None]]:
    """Yield a row for each import that something installed declares."""
    for item in imports:
        state = item.state + (" (optional)" if item.optional else "")
        names = [f"{item.project} {item.version}", item.package, item.name, " or ".join(item.modules)]
        yield [*names, item.extra, state, item.marker]
