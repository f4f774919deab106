"""What all benchmarks share: samples taken in turns, children that know nothing of their parent, figures for people.

A machine does other things, too. So what is compared is sampled in one run, a sample of each in every round, and only
the ratios of medians are judged; quartiles tell how far to trust them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")

SOURCES = Path(__file__).parents[2] / "src"


@dataclass(frozen=True)
class Spread:
    """The median of samples, and their quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        """Return the spread of one sample or more."""
        low, _, high = quantiles(samples, n=4) if len(samples) > 1 else (samples[0],) * 3
        return cls(median(samples), low, high)


def interleaved(
    tasks: Mapping[Key, Callable[[], Found]], rounds: int, every: Mapping[Key, int] | None = None
) -> dict[Key, list[Found]]:
    """Take a sample of each task in every round, each round from another one on, and return them by task.

    Args:
        tasks: What takes a sample, by key.
        rounds: How many there are.
        every: Tasks that take long, with how many rounds go by from one sample of theirs to the next.
    """
    found: dict[Key, list[Found]] = {key: [] for key in tasks}
    keys = list(tasks)
    console = Console(stderr=True)
    for turn in track(range(rounds), "measuring", console=console, transient=True, disable=not sys.stderr.isatty()):
        first = turn % len(keys)
        for key in [*keys[first:], *keys[:first]]:
            if not every or turn % every.get(key, 1) == 0:
                found[key].append(tasks[key]())
    return found


def run_child(
    code: str,
    *arguments: str,
    python: str | Path = sys.executable,
    paths: Sequence[Path] = (),
    variables: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Run code in an interpreter of its own, and return what it prints.

    Args:
        code: What to run.
        arguments: Its ``sys.argv``.
        python: The interpreter.
        paths: What PYTHONPATH says; no other variable that Python reads gets through.
        variables: Environment variables in addition.
        cwd: Where it runs.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PY")}
    environment |= {"PYTHONPATH": os.pathsep.join(map(str, paths)), **(variables or {})}
    command = [str(python), "-c", code, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=cwd).stdout


def shown(nanoseconds: float) -> str:
    """Return a time as people read it."""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.1f} {unit}"
    return f"{nanoseconds:.1f} ns"


def amount(value: float, unit: str) -> str:
    """Return a time in nanoseconds, or a size in bytes, as people read it, without a decimal that says nothing."""
    if unit == "ns":
        return shown(value).replace(".0 ", " ")
    return f"{value / 1e3:,.3g} kB" if value < 1e6 else f"{value / 1e6:,.3g} MB"
