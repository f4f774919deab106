"""Scan a package: find it, read its sources, start it once in a child process, and bring the verdicts together.

For the command, which prints what `scan` returns. No code of the project runs here; `timing` starts the child.
"""

from __future__ import annotations

import gc
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deferred_imports.tooling.project.tree import shown
from deferred_imports.tooling.scan.calls import Source
from deferred_imports.tooling.scan.packages import Package, owners
from deferred_imports.tooling.scan.savings import total, weigh
from deferred_imports.tooling.scan.timing import Cost, Launch, Startup, start
from deferred_imports.tooling.scan.verdicts import Judged, judge
from deferred_imports.tooling.source.imports import read_source
from deferred_imports.tooling.source.names import read_module
from deferred_imports.tooling.source.text import UnreadableSourceError, decode, platform_constants
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY


@dataclass(frozen=True)
class Skipped:
    """A file that could not be read or understood, and why."""

    path: str
    message: str


@dataclass(frozen=True)
class Found:
    """One import: the verdict on it, where it stands, whose it is and what it costs."""

    judged: Judged
    path: str
    distribution: str
    cost: Cost | None


@dataclass(frozen=True)
class Scan:
    """What a scan found.

    Attributes:
        package: Its import name.
        started: What was started, as the user would type it; None if nothing was.
        failure: Why that failed, or None; if it did, the verdicts are by the sources alone.
        found: All imports; what would save most comes first.
        skipped: The files that are not in there.
        saved: What would not be loaded if all that can be was deferred.
        saved_us: The microseconds that this takes.
        loaded: How many modules the start loaded beyond a bare interpreter's.
        loaded_us: The microseconds that these took.
    """

    package: str
    started: str | None
    failure: str | None
    found: tuple[Found, ...]
    skipped: tuple[Skipped, ...]
    saved: tuple[str, ...]
    saved_us: int
    loaded: int
    loaded_us: int


def scan(package: Package, launch: Launch | None) -> Scan:
    """Scan a package; without something to start, by its sources alone."""
    with _no_garbage_collection():  # which takes as long as all the reading
        sources, skipped = _read(package)
    startup = None
    if launch is not None:
        startup = start(launch, [package.root] if package.root else [])
    judged = judge(sources, startup.loaded if startup else (), _references(package))
    saved: tuple[str, ...] = ()
    saved_us = loaded = loaded_us = 0
    if startup is not None and startup.failure is None:
        judged = weigh(judged, startup, _called(package, sources, startup))
        saved, saved_us = total(judged, startup)
        new = [name for name in startup.loaded if name not in startup.before]
        loaded, loaded_us = len(new), sum(startup.costs[name].self_us for name in new if name in startup.costs)
    costs = startup.costs if startup else {}
    known = owners()
    found = (
        Found(item, shown(package.files[item.importer]), _owner(item.module, package, known), costs.get(item.module))
        for item in judged
    )
    return Scan(
        package=package.name,
        started=describe(launch) if launch else None,
        failure=startup.failure if startup else None,
        found=tuple(found),
        skipped=skipped,
        saved=saved,
        saved_us=saved_us,
        loaded=loaded,
        loaded_us=loaded_us,
    )


def describe(launch: Launch) -> str:
    """Return what is started as one would type it."""
    return shlex.join(launch.arguments) if launch.attribute else f"import {launch.module}"


# Reading it


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(package: Package) -> tuple[dict[str, Source], tuple[Skipped, ...]]:
    texts: dict[str, str] = {}
    skipped = list(_no_files(package))
    for name, path in package.files.items():
        try:
            texts[name] = decode(path.read_bytes())
        except UnreadableSourceError as error:
            skipped.append(Skipped(shown(path), str(error)))
        except OSError as error:
            skipped.append(Skipped(shown(path), f"it cannot be read: {error.strerror}"))
    constants = {name: platform_constants(text) for name, text in texts.items()}
    deferred = package.minimum is not None and package.minimum >= (3, 14)
    sources = {}
    for name, text in texts.items():
        is_package = package.files[name].name == "__init__.py"
        try:
            facts = read_source(text, name, is_package=is_package, constants=constants)
            sources[name] = Source(facts, read_module(text, annotations_deferred=deferred), is_package)
        except UnreadableSourceError as error:
            skipped.append(Skipped(shown(package.files[name]), str(error)))
    return sources, tuple(sorted(skipped, key=lambda item: item.path))


def _no_files(package: Package) -> Iterator[Skipped]:
    """Yield what looks like a part of the package and cannot be read.

    That is a symbolic link that leads nowhere, or back to a directory that it lies in, what is called like a source and
    is none, such as a pipe, and a directory that is closed to us.
    """
    tops = {path.parent for name, path in package.files.items() if name == package.name and path.stem == "__init__"}
    for top in tops:
        closed: list[OSError] = []
        for directory, folders, files in os.walk(top, onerror=closed.append):
            for name in (*folders, *files):
                path = Path(directory, name)
                if path.is_symlink() and not path.exists():
                    yield Skipped(shown(path), "it is a symbolic link that leads nowhere, or in a circle")
                elif path.is_symlink() and Path(os.path.realpath(directory)).is_relative_to(os.path.realpath(path)):
                    yield Skipped(shown(path), "it is a symbolic link to a directory that it lies in")
                elif path.suffix == ".py" and not path.is_file():
                    yield Skipped(shown(path), "it is not a file")
        for error in closed:
            yield Skipped(shown(Path(error.filename)), f"it cannot be read: {error.strerror}")


# Bringing it together


def _called(package: Package, sources: Mapping[str, Source], startup: Startup) -> Iterator[tuple[str, str]]:
    """Yield the functions of the package that were called during the start."""
    lines: dict[str, set[int]] = {}
    for file, line in startup.called:
        lines.setdefault(os.path.realpath(file), set()).add(line)
    for name, source in sources.items():
        ran: Iterable[int] = lines.get(os.path.realpath(package.files[name]), ())
        for function, line in source.module.functions.items():
            if line in ran:
                yield name, function


def _references(package: Package) -> Iterator[tuple[str, str]]:
    """Yield what entry points take: a module, and a name there."""
    for value in package.entry_points:
        module, _, attribute = value.partition("[")[0].partition(":")
        yield module.strip(), attribute.strip().partition(".")[0]


def _owner(module: str, package: Package, known: Mapping[str, list[str]]) -> str:
    top = module.partition(".")[0]
    if top == package.name.partition(".")[0]:
        return package.name
    if top in STANDARD_LIBRARY:
        return "standard library"
    return ", ".join(sorted(set(known.get(top, ())))) or "not installed"
