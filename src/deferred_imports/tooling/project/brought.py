"""Which distributions of this environment bring a module: what is installed decides, where it is installed.

For messages. What is built never depends on it: a build environment has other things installed.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import Distribution, distributions, packages_distributions

from deferred_imports.tooling.table.names import with_parents


def brought_by(module: str) -> list[str]:
    """Return the names of the distributions that bring a module; of a namespace those that lie nearest to it.

    Args:
        module: Its absolute name, or that of something in it.
    """
    names = list(dict.fromkeys(_packages().get(module.partition(".")[0], ())))
    if len(names) < 2:
        return names
    files = {name: _files(name) for name in names}
    for parent in reversed(with_parents(module)):
        path = parent.replace(".", "/")
        if found := [name for name in names if any(file.startswith((f"{path}/", f"{path}.")) for file in files[name])]:
            return found
    return names  # editable ones, say, whose files lie elsewhere


@cache
def _packages() -> dict[str, list[str]]:
    found = {top: list(names) for top, names in packages_distributions().items()}
    if sys.version_info < (3, 11):  # there it reads top_level.txt alone, which few distributions have
        for one in distributions():
            for file in one.files or ():
                if file.suffix in {".py", ".so", ".pyd"}:
                    found.setdefault(file.parts[0].partition(".")[0], []).append(one.metadata["Name"])
    return found


@cache
def _files(name: str) -> frozenset[str]:
    return frozenset(str(file) for file in _named(name).files or ())


def _named(name: str) -> Distribution:
    return next(found for found in distributions() if found.metadata["Name"] == name)
