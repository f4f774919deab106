"""Which distributions of this environment bring a module: what is installed decides, where it is installed.

For messages. What is built never depends on it: a build environment has other things installed.
"""

from __future__ import annotations

from functools import cache

from deferred_imports.tooling.registry.distributions import InstalledProject, projects_by_top
from deferred_imports.tooling.table.names import with_parents


def brought_by(module: str) -> list[str]:
    """Return the names of the distributions that bring a module; of a namespace those that lie nearest to it.

    Args:
        module: Its absolute name, or that of something in it.
    """
    found = _projects().get(module.partition(".")[0], [])
    names = [one.name for one in found]
    if len(names) < 2:
        return names
    for parent in reversed(with_parents(module)):
        path = parent.replace(".", "/")
        if nearest := [one.name for one in found if any(_lies_at(file, path) for file in _files(one))]:
            return nearest
    return names  # editable ones, say, whose files lie elsewhere


@cache
def _projects() -> dict[str, list[InstalledProject]]:
    return projects_by_top()


@cache
def _files(project: InstalledProject) -> frozenset[str]:
    return frozenset(map(str, project.files))


def _lies_at(file: str, path: str) -> bool:
    return file.startswith((f"{path}/", f"{path}."))
