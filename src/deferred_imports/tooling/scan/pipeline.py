"""The whole of `scan`, top to bottom: read the files, join them to a program, start it, judge, weigh, say whose it is.

For the command, which prints what `scan` returns. No code of the project runs here; `start` starts the child.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deferred_imports.tooling.project.judged import Judged
from deferred_imports.tooling.project.tree import shown
from deferred_imports.tooling.scan.files import Unread, read_files
from deferred_imports.tooling.scan.packages import Package, owner_of
from deferred_imports.tooling.scan.program import join
from deferred_imports.tooling.scan.savings import total, weigh
from deferred_imports.tooling.scan.verdicts import judge
from deferred_imports.tooling.source.module import Module
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.timing import Cost, Startup, measure


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
    skipped: tuple[Unread, ...]
    saved: tuple[str, ...]
    saved_us: int
    loaded: int
    loaded_us: int


def scan(package: Package, launch: Launch | None) -> Scan:
    """Scan a package; without something to start, by its sources alone."""
    modules, unread = read_files(package)
    startup = measure(launch, package.copy) if launch else None
    program = join(modules, startup.loaded if startup else (), package.references)
    judged = judge(program)
    saved: tuple[str, ...] = ()
    saved_us = loaded = loaded_us = 0
    if startup is not None and startup.failure is None:
        judged = weigh(judged, startup, _called(package, modules, startup))
        saved, saved_us = total(judged, startup)
        new = [name for name in startup.loaded if name not in startup.before]
        loaded, loaded_us = len(new), sum(startup.costs[name].self_us for name in new if name in startup.costs)
    costs = startup.costs if startup else {}
    owner = owner_of(package)
    return Scan(
        package=package.name,
        started=launch.shown if launch else None,
        failure=startup.failure if startup else None,
        found=tuple(
            Found(item, shown(package.files[item.importer]), owner(item.module), costs.get(item.module))
            for item in judged
        ),
        skipped=unread,
        saved=saved,
        saved_us=saved_us,
        loaded=loaded,
        loaded_us=loaded_us,
    )


def _called(package: Package, modules: Mapping[str, Module], startup: Startup) -> Iterator[tuple[str, str]]:
    """Yield the functions of the package that were called during the start."""
    lines: dict[str, set[int]] = {}
    for file, line in startup.called:
        lines.setdefault(os.path.realpath(file), set()).add(line)
    for name, module in modules.items():
        ran = lines.get(os.path.realpath(package.files[name]), set())
        for function, line in module.names.functions.items():
            if line in ran:
                yield name, function
