"""What a program loads while it starts, with `-X importtime`, and every import statement that ran, with file and line.

Nothing is judged here. `measure` is all that others need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.running import CHILD, TIMEOUT, run_program
from deferred_imports.tooling.table.names import parents

_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)\s*$")
_HEADING = re.compile(r"import time:\s+self \[us\]")


@dataclass(frozen=True)
class Cost:
    """Microseconds: of the module's own code, and of all that it was the first to import, too."""

    self_us: int
    cumulative_us: int


@dataclass(frozen=True)
class Edge:
    """An import that ran.

    Attributes:
        holder: The module whose code, or whose call of something, made it run; `__main__` is the program itself.
        importer: The module in which the statement stands.
        file: Its file.
        line: The line of the statement; 0 when no statement was seen, as for `importlib.import_module`.
        body: Whether it stands outside of functions and classes, so that holder and importer are the same.
        module: What it imported, parents not included.
    """

    holder: str
    importer: str
    file: str
    line: int
    body: bool
    module: str


@dataclass(frozen=True)
class Startup:
    """What happened while a program started.

    Attributes:
        before: The modules that the interpreter had loaded before.
        loaded: All that was loaded at the end, `before` included, in the order in which that was done.
        costs: What importing each cost.
        edges: Who imported what, each once.
        called: The functions that were called, by file and first line.
        failure: Why its start has failed, or None.
        first_by: The module that was being imported when each was first asked for.
    """

    before: frozenset[str]
    loaded: tuple[str, ...]
    costs: Mapping[str, Cost]
    edges: tuple[Edge, ...]
    called: frozenset[tuple[str, int]]
    failure: str | None
    first_by: Mapping[str, str]


def measure(launch: Launch, copy: Copy, timeout: float = TIMEOUT, directory: Path | None = None) -> Startup:
    """Start a program in a child process, and return what it loaded.

    Args:
        launch: What to start.
        copy: Whose modules it runs.
        timeout: Seconds after which it is ended.
        directory: The directory that it runs in; by default that of this process.
    """
    report = _ImportTime()
    ended = run_program(launch, None, copy, timeout=timeout, hear=report.hear, directory=directory)
    if not ended.told:
        return Startup(frozenset(), (), {}, (), frozenset(), ended.failure, {})
    return _startup(ended.told, ended.failure, report)


def statements_to(module: str, startup: Startup) -> list[Edge]:
    """Return the statements that led to the first import of a module, outermost first."""
    found: list[Edge] = []
    seen: set[str] = set()
    while module not in seen:
        seen.add(module)
        inside = f"{module}."
        shown = [edge for edge in startup.edges if edge.line and f"{edge.module}.".startswith(inside)]
        edge = next((edge for edge in shown if edge.module == module), shown[0] if shown else None)
        if edge is None:
            break
        if edge.file != str(CHILD):  # no statement of the program
            found.append(edge)
        module = edge.holder
    return found[::-1]


def parse_importtime(text: str) -> tuple[dict[str, Cost], dict[str, str]]:
    """Return what each module cost, and which module was being imported when it was first asked for."""
    report = _ImportTime()
    for line in text.splitlines():
        report.hear(line)
    return report.costs, report.first_by


class _ImportTime:
    """Reads what `-X importtime` writes, line by line, between whatever else the program writes."""

    def __init__(self) -> None:
        self.costs: dict[str, Cost] = {}
        self.first_by: dict[str, str] = {}
        self._waiting: dict[int, list[str]] = {}

    def hear(self, line: str) -> bool:
        """Read a line, and tell whether it was one of importtime's alone."""
        found = _LINE.search(line)
        if not found:
            return bool(_HEADING.match(line))
        depth, name = len(found[3]) // 2, found[4]
        self.costs.setdefault(name, Cost(int(found[1]), int(found[2])))
        for child in self._waiting.pop(depth + 1, ()):
            self.first_by.setdefault(child, name)
        self._waiting.setdefault(depth, []).append(name)
        return True


def _startup(told: Mapping[str, Any], failure: str | None, report: _ImportTime) -> Startup:
    loaded: list[str] = [*told["loaded"], *(name for name in told["mains"] if name not in told["loaded"])]
    known = frozenset(loaded)
    edges: dict[Edge, None] = {}
    # A module that fails on the way is not there in the end, and has imported others all the same.
    there = known.union(row[0] for row in told["asked"])
    for row in told["asked"]:
        edges.update(dict.fromkeys(_edges(row, there)))
    for alias, name in told["same"].items():  # such as `os.path`, or `requests.packages.urllib3`
        edges[Edge(alias, alias, "", 0, body=False, module=name)] = None
    for name in told["mains"]:  # what `python -m` names runs as `__main__`
        edges[Edge("__main__", "__main__", "", 0, body=False, module=name)] = None
    costs, first_by = report.costs, report.first_by
    before = frozenset(told["before"])
    # Compiled modules import without our knowing; which of them came first for what, importtime has seen.
    holders = {edge.holder for edge in edges}
    seen = {name for edge in edges for name in (edge.module, *parents(edge.module))}
    for child in loaded:
        holder = first_by.get(child, "__main__")
        if child in costs and child not in before and (child not in seen or holder not in holders):
            edges[Edge(holder, holder, "", 0, body=False, module=child)] = None
    return Startup(
        before=before,
        loaded=tuple(loaded),
        costs={name: cost for name, cost in costs.items() if name in known},
        edges=tuple(edges),
        called=frozenset((file, line) for file, line in told["called"]),
        failure=failure,
        first_by=first_by,
    )


def _edges(row: list[Any], known: frozenset[str]) -> Iterator[Edge]:
    holder, importer, file, line, body, name, taken, level, package = row
    module = _absolute(name, level, package)
    submodules = [f"{module}.{item}" for item in taken if f"{module}.{item}" in known]
    for target in [*submodules, *([module] if len(submodules) < len(taken) or not taken else [])]:
        # What could not be imported has loaded its parents all the same.
        if there := next((name for name in (target, *parents(target)) if name in known), None):
            yield Edge(holder, importer, file, line, body, there)


def _absolute(name: str, level: int, package: str) -> str:
    """Resolve a name as `importlib.util.resolve_name` does, and without its refusal of what leaves the package."""
    if not level:
        return name
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{name}" if name else base
