"""The starts of a program, each run as often as asked, with medians of what its modules cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median

from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.timing import Cost, Startup, measure


@dataclass(frozen=True)
class Timed:
    """A program that was started.

    Attributes:
        command: What was started, as the user would type it.
        startup: What happened; the costs are medians of all runs.
        runs: The microseconds that the modules took in each run, beyond a bare interpreter's.
    """

    command: str
    startup: Startup
    runs: tuple[int, ...]

    @property
    def failure(self) -> str | None:
        """Why it did not start, or None."""
        return self.startup.failure

    @property
    def new(self) -> tuple[str, ...]:
        """The modules that it loaded beyond a bare interpreter's, in their order."""
        return tuple(name for name in self.startup.loaded if name not in self.startup.before)

    @property
    def us(self) -> int:
        """The microseconds that these took: the median of all runs."""
        return round(median(self.runs))


def timed(launch: Launch, copy: Copy, runs: int) -> Timed:
    """Start a program a number of times."""
    startups = [measure(launch, copy)]
    while len(startups) < runs and startups[-1].failure is None:
        startups.append(measure(launch, copy))
    first = next((startup for startup in startups if startup.failure is not None), startups[0])
    edges = dict.fromkeys(edge for startup in startups for edge in startup.edges)
    whole = replace(first, costs=_medians([startup.costs for startup in startups]), edges=tuple(edges))
    return Timed(launch.shown, whole, tuple(map(_total, startups)))


def _medians(costs: list[Mapping[str, Cost]]) -> dict[str, Cost]:
    if len(costs) == 1:
        return dict(costs[0])
    found = {}
    for name in costs[0]:
        seen = [one[name] for one in costs if name in one]
        found[name] = Cost(
            round(median(cost.self_us for cost in seen)), round(median(cost.cumulative_us for cost in seen))
        )
    return found


def _total(startup: Startup) -> int:
    new = (name for name in startup.loaded if name not in startup.before)
    return sum(startup.costs[name].self_us for name in new if name in startup.costs)
