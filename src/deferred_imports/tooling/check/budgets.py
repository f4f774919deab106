"""`check --startup` with `--max-modules` and `--max-ms`: how much a start may load, and how long it may take.

A time is judged by the median of several starts, and only when it is sure: a start that takes about as long as it may
fails no build. How sure is the sign test: were the median at the limit, each start would be as likely above as below.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from math import comb
from pathlib import Path
from statistics import median

from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.check.lock import Loaded
from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.running import run_program

LEAST, MOST = 5, 15
"""How often a program is started: until it is sure, or often enough."""
SURE = 0.95


def check_modules(root: Path, start: Loaded, most: int) -> list[Finding]:
    """Return a finding if a start loads more modules, beyond a bare interpreter's, than it may."""
    if len(start.modules) <= most:
        return []
    largest = ", ".join(f"{owner} {count}" for owner, count in Counter(start.modules.values()).most_common(4))
    message = f"{start.program} loads {len(start.modules)} modules, but may load {most}; most are of {largest}"
    return [Finding("too-many-modules", root / "pyproject.toml", 1, message, "defer some, or raise --max-modules")]


def check_time(root: Path, launch: Launch, copy: Copy, most_ms: float) -> list[Finding]:
    """Start a program several times, and return a finding if it surely takes longer than it may.

    Args:
        root: The project.
        launch: What to start.
        copy: Whose modules it runs.
        most_ms: The milliseconds that its whole process may take.
    """
    return judge_time(root, launch.command, sample(lambda: _took(launch, copy), most_ms), most_ms)


def sample(take: Callable[[], float], limit: float) -> list[float]:
    """Take samples until it is sure on which side of a limit their median is, or there are enough."""
    found: list[float] = []
    while len(found) < LEAST or (len(found) < MOST and max(sureness(found, limit)) < SURE):
        found.append(take())
    return found


def sureness(samples: Sequence[float], limit: float) -> tuple[float, float]:
    """Return how sure it is that the median is above a limit, and that it is not."""
    count = len(samples)
    above = sum(sample > limit for sample in samples)

    def sure(seen: int) -> float:
        return 1 - sum(comb(count, number) for number in range(seen, count + 1)) / float(2**count)

    return sure(above), sure(count - above)


def judge_time(root: Path, program: str, samples: Sequence[float], most_ms: float) -> list[Finding]:
    """Return what samples of the time that a start takes say, in milliseconds; nothing if it takes less than it may."""
    over, under = sureness(samples, most_ms)
    if max(over, under) >= SURE and under > over:
        return []
    told = f"median of {len(samples)} starts, {min(samples):.0f} to {max(samples):.0f}"
    took = f"{program} takes {median(samples):.0f} ms ({told}), but may take {most_ms:g}"
    place = root / "pyproject.toml"
    if over < SURE:
        message = f"{took}; that is too near to be sure ({over:.0%} that it takes longer)"
        return [Finding("about-as-slow-as-allowed", place, 1, message, "", note=True)]
    return [Finding("too-slow", place, 1, f"{took}; sure to {over:.0%}", "defer more, or raise --max-ms")]


def _took(launch: Launch, copy: Copy) -> float:
    begin = time.perf_counter()
    run_program(launch, [], copy)
    return (time.perf_counter() - begin) * 1000
