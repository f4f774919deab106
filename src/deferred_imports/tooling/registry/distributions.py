"""What is installed in this environment, as each dist-info tells; none of it is run.

Anything may stand in somebody else's dist-info, or nothing. What one does not say as it should, it does not say at all,
and hides none of the others. All that the tools ask importlib.metadata, they ask here: it opens whatever has a file's
name, and whoever opens a pipe may wait for ever.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import Distribution, EntryPoint, PackagePath, PathDistribution, distributions
from typing import TypeVar

from packaging.utils import canonicalize_name

from deferred_imports._cpython import place_of
from deferred_imports._finding import is_searchable

_T = TypeVar("_T")
# What importlib.metadata raises for what is not there, not text, no table, or not what it should be.
_ODD = (OSError, ValueError, LookupError, TypeError, AttributeError, ImportError, csv.Error)
_MODULES = frozenset({".py", ".so", ".pyd"})


class InstalledProject:
    """One installed distribution.

    Attributes:
        name: Its name, as it says; never empty.
    """

    def __init__(self, name: str, found: Distribution) -> None:
        self.name = name
        self._found = found

    @property
    def version(self) -> str:
        """Its version; empty where it tells none."""
        return _field(self._found, "Version")

    @property
    def metadata(self) -> str | None:
        """All that its METADATA says, as it stands there."""
        return _told(lambda: self._found.read_text("METADATA"), None)

    @property
    def requires_python(self) -> str:
        """The Pythons that it is for; empty for any."""
        return _field(self._found, "Requires-Python")

    @property
    def files(self) -> list[PackagePath]:
        """Its files; none where it does not list them."""
        return _told(lambda: list(self._found.files or ()), [])

    @property
    def entry_points(self) -> list[EntryPoint]:
        """What it lets others find by name."""
        return _told(lambda: [point for point in self._found.entry_points if point.value], [])

    @property
    def tops(self) -> frozenset[str]:
        """The names of the packages and modules that it brings, as far as it tells: of editable ones, most do not."""
        told = _told(lambda: self._found.read_text("top_level.txt") or "", "").split()
        found = {file.parts[0].partition(".")[0] for file in self.files if file.suffix in _MODULES}
        return frozenset(told) or frozenset(name for name in found if name.isidentifier())


def installed_projects() -> Iterator[InstalledProject]:
    """Yield what is installed; of several of one name the first, which is the one that Python imports."""
    seen = set()
    for found in _distributions():
        name = _field(found, "Name")
        if name and (normal := canonicalize_name(name)) not in seen:
            seen.add(normal)
            yield InstalledProject(name, found)


def installed_project(name: str) -> InstalledProject | None:
    """Return what is installed of a name, the first that Python finds."""
    return next((InstalledProject(name, found) for found in _distributions(name=name)), None) if name else None


def projects_by_top() -> dict[str, list[InstalledProject]]:
    """Return by the names of packages and modules which distributions bring them; of a namespace there are several."""
    by_top: dict[str, list[InstalledProject]] = {}
    for one in installed_projects():
        for top in sorted(one.tops):
            by_top.setdefault(top, []).append(one)
    return by_top


def installed_script(name: str) -> str | None:
    """Return the object reference of an installed console script."""
    points = (point for one in installed_projects() for point in one.entry_points)
    return next((point.value for point in points if point.group == "console_scripts" and point.name == name), None)


class _Regular(PathDistribution):
    """A distribution of which nothing is opened that is no file: what stands there instead, it does not have."""

    def read_text(self, filename: str | os.PathLike[str]) -> str | None:
        with suppress(OSError):
            if place_of(self).joinpath(filename).is_file():
                return super().read_text(filename)
        return None


def _distributions(name: str | None = None) -> Iterator[Distribution]:
    """Yield what is installed, all of it or what has a name, as each finder of this interpreter tells."""
    for found in distributions(name=name, path=[*filter(is_searchable, sys.path)]):
        # Those of other finders are not read from files, or not by us.
        yield _Regular(place_of(found)) if type(found) is PathDistribution and place_of(found) else found


def _field(found: Distribution, name: str) -> str:
    """Return a field of the metadata, empty where there is none."""

    def taken() -> str:
        metadata = found.metadata  # parsed anew each time that it is asked for
        return str(metadata[name]) if name in metadata else ""  # from 3.12 on, to ask for what is absent is deprecated

    return _told(taken, "")


def _told(ask: Callable[[], _T], otherwise: _T) -> _T:
    try:
        return ask()
    except _ODD:
        return otherwise
