"""The whole of `scan`, top to bottom: read the files, join them to a program, start it, judge, weigh, say whose it is.

For the command, which prints what `scan` returns. No code of the project runs here; `start` starts the child.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from deferred_imports.tooling.project.garbage import no_garbage_collection
from deferred_imports.tooling.project.judged import Judged, Verdict
from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.scan.files import Unread, read_files
from deferred_imports.tooling.scan.graph import Passed
from deferred_imports.tooling.scan.keeps import Useless, keep
from deferred_imports.tooling.scan.lifeguard import Report, with_report
from deferred_imports.tooling.scan.offers import passed_on
from deferred_imports.tooling.scan.packages import Package, owner_of
from deferred_imports.tooling.scan.program import join
from deferred_imports.tooling.scan.risks import with_risks
from deferred_imports.tooling.scan.savings import Saving, best, still_loaded, totals, weigh
from deferred_imports.tooling.scan.starts import Timed, timed
from deferred_imports.tooling.scan.verdicts import judge
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.timing import Cost


@dataclass(frozen=True)
class Found:
    """One import: the verdict on it, where it stands, whose it is and what it costs."""

    judged: Judged
    path: str
    distribution: str
    cost: Cost | None


@dataclass(frozen=True)
class Started:
    """What was started.

    Attributes:
        timed: The start.
        passed: The imports that would run in the place of others, if what is offered was loaded when it is asked for.
        saves: What deferring would save at each level: "can", "change" and "risky"; nothing where the start failed.
    """

    timed: Timed
    passed: tuple[Passed, ...] = ()
    saves: Mapping[Verdict, Saving] = field(default_factory=dict)


@dataclass(frozen=True)
class Scan:
    """What a scan found.

    Attributes:
        packages: The import names of what was scanned.
        starts: What was started; if all of that failed, the verdicts are by the sources alone.
        found: All imports, a row for each name; what would save most comes first.
        skipped: The files that are not in there.
        useless: What asks to keep an import, and keeps none.
        owner: Tells whose a module is.
    """

    packages: tuple[str, ...]
    starts: tuple[Started, ...]
    found: tuple[Found, ...]
    skipped: tuple[Unread, ...]
    useless: tuple[tuple[str, Useless], ...]
    owners: Mapping[str, str]


def scan(package: Package, launches: Sequence[Launch] = (), *, runs: int = 1, report: Report | None = None) -> Scan:
    """Scan a package; without something to start, by its sources alone.

    Args:
        package: What to scan.
        launches: What to start.
        runs: How often, for medians.
        report: What Lifeguard has found.
    """
    modules, unread, registries = read_files(package)
    starts = [timed(launch, package.copy, runs) for launch in launches]
    known = registries.union(name for start in starts for name in start.startup.loaded)
    program = join(modules, known, package.references, package.files)
    imports = [item for item in judge(program) if item.module not in registries]
    judged, useless = keep(imports, program, package.keep)

    started = [Started(start, passed_on(judged, program, one)) for start, one in zip(starts, launches, strict=True)]
    good = [start for start in started if start.timed.failure is None]
    with no_garbage_collection():
        judged = with_risks(judged, program, [still_loaded(judged, one.timed.startup, one.passed) for one in good])
    judged = with_report(judged, report)
    weighed = [weigh(judged, one.timed.startup, _called(package, one), one.passed) for one in good]
    saves = iter(totals(one, start.timed.startup, start.passed) for one, start in zip(weighed, good, strict=True))
    judged = best(judged, weighed)

    owner = owner_of(package)
    costs = {name: cost for one in reversed(good) for name, cost in one.timed.startup.costs.items()}
    return Scan(
        packages=package.names,
        starts=tuple(replace(one, saves=next(saves)) if one.timed.failure is None else one for one in started),
        found=tuple(
            Found(item, shown(package.files[item.importer]), owner(item.module), costs.get(item.module))
            for item in judged
        ),
        skipped=unread,
        useless=tuple(
            (shown(package.files[item.importer]) if item.importer else "pyproject.toml", item) for item in useless
        ),
        owners={name: owner(name) for start in starts for name in start.new},
    )


def _called(package: Package, started: Started) -> Iterator[tuple[str, int]]:
    """Yield the functions of the package that were called during a start: module, and the line they begin at."""
    names = package.copy.in_project(package.files)
    for file, line in started.timed.startup.called:
        if name := names.get(os.path.realpath(file)):
            yield name, line
