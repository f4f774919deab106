"""Measures what reading ahead gains for a program: its starts with a cold and a warm page cache, with and without."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from deferred_imports import prefetch
from deferred_imports.prefetch import FILE_NAME, VARIABLE, load, parse_line, roots
from deferred_imports.tooling.child import profile as profile_child
from deferred_imports.tooling.child.record import mapped
from deferred_imports.tooling.project.tied import run_tied
from deferred_imports.tooling.readahead import page_cache
from deferred_imports.tooling.readahead.launch import customized
from deferred_imports.tooling.readahead.observing import Events, ReadAheadStart, observe
from deferred_imports.tooling.readahead.recorded import write_record
from deferred_imports.tooling.table.problems import RefusalError

Ranges = Sequence[tuple[int, int]]

MOST_KEPT = 0.5
"""The share of what is recorded that may stay in memory; more, and no start is cold."""


class CannotProfileError(RefusalError):
    """There is nothing to measure, or no way to; its text is for the user."""


class FailedCommandError(CannotProfileError):
    """The command itself has failed."""


@dataclass(frozen=True)
class Plan:
    """What will be measured."""

    command: tuple[str, ...]
    record: Path
    is_new: bool
    """Whether there was no record, and this one has been made to measure with."""
    files: tuple[tuple[str, Ranges], ...]
    """What of the record is there, each with its ranges."""
    stale: int
    """How many of its files are not, or have another size."""
    start: ReadAheadStart | None
    """What starts to read ahead in this program; if nothing does, we do."""

    @property
    def size(self) -> int:
        """Bytes to read ahead."""
        return sum(length for _, ranges in self.files for _, length in ranges)


@dataclass(frozen=True)
class Times:
    """Seconds that starts took, without reading ahead and with it."""

    alone: tuple[float, ...]
    ahead: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median with reading ahead to that without."""
        return median(self.ahead) / median(self.alone)


@dataclass(frozen=True)
class Profile:
    """What was measured."""

    plan: Plan
    cold: Times
    warm: Times
    kept: float
    """Which share of what is recorded stayed in memory when the page cache was emptied."""
    refusal: str | None
    """Why only the recorded files could be put out of the page cache, if so."""


def require_root() -> None:
    """Raise `CannotProfileError` where the page cache cannot be emptied."""
    user = f"user {os.geteuid()} on {sys.platform}" if hasattr(os, "geteuid") else sys.platform
    if not (sys.platform.startswith("linux") and os.geteuid() == 0):
        expected = "expected root on Linux, to empty the page cache"
        remedy = "; run it with sudo" if sys.platform.startswith("linux") else ""
        raise CannotProfileError(f"{expected}, got {user}{remedy}")


def plan_profile(command: Sequence[str], record: str | None, scratch: Path) -> Plan:
    """Run a command once or twice, to find out what it reads and what in it starts to read ahead.

    Args:
        command: The program and its arguments; what it prints is thrown away, but for its errors.
        record: The record; by default the one that ``PYDEFER_PREFETCH`` names, or else the one in the `sys.prefix` of
            the command's Python, or else a new one.
        scratch: A directory for a new record.

    Raises:
        CannotProfileError: when the command fails, or the record is none.
        NothingRecordedError: when no Python has run that could be looked at.
        OSError: when the command cannot be started.
    """
    named = record or os.environ.get(VARIABLE, "")
    is_new = False
    if record or named.strip().lower() not in ("", *prefetch.OFF):
        path = Path(named).absolute()
        if not load(str(path)):
            found = "something else" if path.exists() else "no such file"
            raise CannotProfileError(f'{named}: expected what "deferred-imports record" writes, got {found}')
    else:
        events = _observe(command, "0")
        path = Path(events.prefix, FILE_NAME)
        is_new = not load(str(path))
        if is_new:
            path = scratch / FILE_NAME
            write_record(events, path)
    events = _observe(command, str(path))
    files, stale = _files(path, events)
    if not files:
        raise CannotProfileError(f"{path}: all files in it ({stale}) are gone or changed; record again")
    return Plan(tuple(command), path, is_new, tuple(files), stale, events.start)


def _observe(command: Sequence[str], variable: str) -> Events:
    events = observe(command, {VARIABLE: variable}, output=subprocess.DEVNULL)
    _expect_success(command, events.exit_code)
    return events


def _expect_success(command: Sequence[str], exit_code: int) -> None:
    if exit_code:
        raise FailedCommandError(f"{command[0]}: failed with exit code {exit_code}; nothing was measured")


def _files(record: Path, events: Events) -> tuple[list[tuple[str, Ranges]], int]:
    """Return the files of a record that are there, as `prefetch()` finds them, and how many are not."""
    places = roots(events.prefix, events.base, events.path)
    files: list[tuple[str, Ranges]] = []
    lines = load(str(record))
    for line in lines:
        root, size, ranges, name = parse_line(line) or ("", 0, [], "")
        for path in (f"{place}/{name}" for place in places.get(root, ())):
            if os.path.isfile(path) and os.path.getsize(path) == size:
                files.append((path, ranges))
                break
    return files, len(lines) - len(files)


def measure_starts(plan: Plan, rounds: int) -> Profile:
    """Start the program four times a round: cold and warm, reading ahead and not.

    Raises:
        CannotProfileError: when the page cache cannot be emptied, or the command fails.
    """
    paths = [path for path, _ in plan.files]
    refusal = page_cache.empty(paths)
    kept = page_cache.share_resident(plan.files)
    mine = {path for path, *_ in mapped()}  # no interpreter leaves memory while it runs
    stuck = page_cache.share_resident(file for file in plan.files if file[0] not in mine)
    if stuck > MOST_KEPT:
        raise CannotProfileError(
            f"could not empty the page cache: {stuck:.0%} of the recorded bytes stay in memory, as on tmpfs; put the "
            "environment on a disk"
        )
    samples: dict[tuple[bool, bool], list[float]] = {}
    with _environments(plan) as environments:
        # A warm start always comes after another one.
        kinds = [(is_cold, ahead) for ahead in (False, True) for is_cold in (True, False)]
        for turn in range(rounds):
            for kind in [*kinds[turn % 4 :], *kinds[: turn % 4]]:
                is_cold, ahead = kind
                if is_cold:
                    page_cache.empty(paths)
                samples.setdefault(kind, []).append(_seconds(plan.command, environments[ahead]))
    times = {kind: tuple(found) for kind, found in samples.items()}
    cold, warm = (Times(times[is_cold, False], times[is_cold, True]) for is_cold in (True, False))
    return Profile(plan, cold, warm, kept, refusal)


@contextmanager
def _environments(plan: Plan) -> Iterator[Mapping[bool, Mapping[str, str]]]:
    """Yield the variables for a start that reads ahead, and for one that does not."""
    alone, ahead = dict(os.environ), {**os.environ, VARIABLE: str(plan.record)}
    if plan.start and plan.start.package is None:
        alone[VARIABLE] = "0"  # a call in the program needs no variable
    else:
        alone.pop(VARIABLE, None)
    if plan.start:
        yield {False: alone, True: ahead}
    else:
        with customized(profile_child, deferred_imports_prefetch=prefetch) as (_, customizing):
            yield {False: alone, True: {**ahead, **customizing}}


def _seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    begin = perf_counter()
    nowhere = subprocess.DEVNULL
    code = run_tied(command, env=environment, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    seconds = perf_counter() - begin
    _expect_success(command, code)
    return seconds
