"""Every way to declare modules, side by side on one interpreter: what a child process measures, and what comes of it.

A sample is a fresh child: it imports the library, then the module that declares, then what its step asks for. It has
imported nothing before but what every interpreter starts with, so that each way pays for what it needs itself.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Any

from benchmarks.columns import EVERY, MANY, READ, Column, columns
from benchmarks.environments import OURS, Environments, UnavailableError, last_line
from benchmarks.measuring import Spread, run_child
from benchmarks.peers import EMPTY, TOP, WAYS, Way
from benchmarks.programs import child

Key = tuple[str, str, int]  # the way, the step, the number of modules
Taken = Mapping[str, Any]  # what a sample found


@dataclass(frozen=True)
class Figure:
    """What was found, and its median and quartiles relative to the median of the base, where there is one."""

    spread: Spread
    samples: int
    ratios: tuple[float, float, float] | None

    def as_json(self) -> dict[str, object]:
        """Return it for programs."""
        spread = {"median": self.spread.median, "quartiles": [self.spread.low, self.spread.high]}
        if self.ratios is None:
            return {**spread, "samples": self.samples}
        ratios = {"ratio": self.ratios[0], "ratio quartiles": list(self.ratios[1:])}
        return {**spread, **ratios, "samples": self.samples}


@dataclass(frozen=True)
class Row:
    """What was found of one way; ``notes`` say why something was not, or is not what it seems."""

    way: Way
    figures: dict[str, Figure]
    modules: list[str]
    notes: list[str]


@dataclass
class Comparison:
    """All ways on one interpreter; `prepare` comes first, then the samples of `tasks`, then `rows`."""

    root: Path
    environments: Environments
    most: int
    peers: bool = True
    _ways: list[Way] = field(default_factory=list)
    _python: dict[str, Path] = field(default_factory=dict)
    _notes: dict[str, list[str]] = field(default_factory=dict)
    _failed: set[Key] = field(default_factory=set)

    def prepare(self) -> None:
        """Make the environments and write the bytecode; what fails here is noted and not measured."""
        for way in WAYS:
            if self.environments.interpreter.minor < way.since:
                continue
            if way.requirement not in ("", OURS) and not self.peers:
                continue
            self._ways.append(way)
            try:
                self._python[way.name] = self.environments.python(way.requirement)
            except UnavailableError as error:
                self._note(way, str(error))
                continue
            for key in self._keys(way):
                self._try(way, key)

    def _try(self, way: Way, key: Key) -> None:
        try:
            sample = self._sample(way, key, "watch")
        except subprocess.CalledProcessError as error:
            self._failed.add(key)
            self._note(way, last_line(error.stderr)[:150])
            return
        _, step, size = key
        expected = {TOP: [size, size, size], EMPTY: [0, 0, 0]}.get(way.name, [0, 1, size])
        if step == "read" and sample["ran"] != expected:
            self._note(way, f"declaring, reading one and resolving {size} run {sample['ran']} of their bodies")

    def _note(self, way: Way, text: str) -> None:
        notes = self._notes.setdefault(way.name, [])
        if text not in notes:
            notes.append(text)

    def _keys(self, way: Way) -> list[Key]:
        steps = dict.fromkeys((column.step, column.size) for column in columns(self.most))
        own = {"start"} if way.write is None else {"declare", "read", "resolve"}
        if way.requirement:
            own.add("start")
        return [(way.name, step, size) for step, size in steps if step in own]

    def tasks(self) -> dict[Key, Callable[[], Taken]]:
        """Return what takes a sample of each."""
        return {
            key: partial(self._sample, way, key)
            for way in self._ways
            if way.name in self._python
            for key in self._keys(way)
            if key not in self._failed
        }

    @staticmethod
    def every(keys: Iterable[Key]) -> dict[Key, int]:
        """Return in which rounds the tasks that take long do not take part."""
        return {key: EVERY for key in keys if key[2] == MANY}

    def _sample(self, way: Way, key: Key, *arguments: str) -> Taken:
        _, step, size = key
        code = "pass" if step == "start" else child(way, step, size)
        start = perf_counter_ns()
        # Bytecode of its own, of Python's library as well, where others could not read what a way leaves behind.
        variables = {"PYTHONPYCACHEPREFIX": str(self.root / "bytecode")} if way.own_bytecode else None
        output = run_child(
            code,
            *arguments,
            python=self._python[way.name],
            paths=[self.root],
            cwd=self.root,
            variables=variables,
        )
        if step == "start":
            return {"wall": perf_counter_ns() - start}
        return dict(ast.literal_eval(output))

    def rows(self, samples: Mapping[Key, Sequence[Taken]]) -> list[Row]:
        """Return what the samples say."""
        wanted = columns(self.most)
        found: dict[tuple[str, str], list[float]] = {}
        for way in self._ways:
            for column in wanted:
                taken = [sample.get(column.found) for sample in samples.get((way.name, column.step, column.size), ())]
                numbers = [
                    float(len(value) if isinstance(value, list) else value) for value in taken if value is not None
                ]
                if numbers and _is_shown(way, column):
                    found[way.name, column.key] = numbers
        rows = []
        for way in self._ways:
            figures = {}
            for column in wanted:
                numbers = found.get((way.name, column.key), [])
                base = found.get(column.base) if column.base else None
                if numbers:
                    figures[column.key] = _figure(numbers, base)
            read = samples.get((way.name, "read", min(READ, self.most)), ())
            notes = [*filter(None, [way.remark]), *self._notes.get(way.name, [])]
            rows.append(Row(way, figures, read[0]["modules"] if read else [], notes))
        return rows


def _figure(numbers: Sequence[float], base: Sequence[float] | None) -> Figure:
    spread = Spread.of(numbers)
    unit = median(base) if base else 0.0
    ratios = (spread.median / unit, spread.low / unit, spread.high / unit) if unit else None
    return Figure(spread, len(numbers), ratios)


def _is_shown(way: Way, column: Column) -> bool:
    """Return whether a figure means something for a way: nothing is not read in no time, nor resolved."""
    nothing = {EMPTY: ("first", "steady", "steady after", "resolve", "again"), TOP: ("first", "resolve", "again")}
    return column.found not in nothing.get(way.name, ()) and (column.found != "library" or bool(way.library))
