"""What a program loads while it starts: one child process runs it, this reads what that tells. Nothing is judged here.

The child is the running interpreter, in the same environment, with `-X importtime`. Other tools need no more than
`start`: it returns the modules, their costs, and every import statement that ran with its file and line.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CHILD = Path(__file__).parents[1] / "child" / "timing.py"
_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)\s*$")


@dataclass(frozen=True)
class Launch:
    """What is started: a module that is imported, and what is called in it with which arguments, if anything."""

    module: str
    attribute: str = ""
    arguments: tuple[str, ...] = ()


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
        failure: Why it did not start, or None.
    """

    before: frozenset[str]
    loaded: tuple[str, ...]
    costs: Mapping[str, Cost]
    edges: tuple[Edge, ...]
    called: frozenset[tuple[str, int]]
    failure: str | None


def start(launch: Launch, path: Sequence[Path] = (), timeout: float = 120) -> Startup:
    """Start a program in a child process, and return what it loaded.

    Args:
        launch: What to start.
        path: Directories that come first on its `sys.path`.
        timeout: Seconds after which it is ended.
    """
    with tempfile.TemporaryDirectory() as directory:
        result = Path(directory, "result.json")
        first = "\n".join(map(str, path))
        command = [sys.executable, "-X", "importtime", str(_CHILD), first, str(result), launch.module]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPROFILEIMPORTTIME"}
        try:
            done = subprocess.run(  # noqa: S603 - the command that the user asked us to start
                [*command, launch.attribute, *launch.arguments],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=timeout,
                env=environment,
            )
        except subprocess.TimeoutExpired:
            return _failed(f"not done after {timeout:g} seconds")
        try:
            told = json.loads(result.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return _failed(f"the interpreter ended with exit code {done.returncode}")
    return _startup(told, done.stderr.decode("utf-8", "replace"))


def parse_importtime(text: str) -> tuple[dict[str, Cost], dict[str, str]]:
    """Return what each module cost, and which module was being imported when it was first asked for."""
    costs: dict[str, Cost] = {}
    first_by: dict[str, str] = {}
    waiting: dict[int, list[str]] = {}
    for line in text.splitlines():
        if found := _LINE.search(line):
            depth, name = len(found[3]) // 2, found[4]
            costs.setdefault(name, Cost(int(found[1]), int(found[2])))
            for child in waiting.pop(depth + 1, ()):
                first_by.setdefault(child, name)
            waiting.setdefault(depth, []).append(name)
    return costs, first_by


def _failed(reason: str) -> Startup:
    return Startup(frozenset(), (), {}, (), frozenset(), reason)


def _startup(told: Mapping[str, Any], stderr: str) -> Startup:
    loaded: list[str] = told["loaded"]
    known = frozenset(loaded)
    edges: dict[Edge, None] = {}
    # A module that fails on the way is not there in the end, and has imported others all the same.
    there = known.union(row[0] for row in told["asked"])
    for row in told["asked"]:
        edges.update(dict.fromkeys(_edges(row, there)))
    for alias, name in told["same"].items():  # such as `os.path`, or `requests.packages.urllib3`
        edges[Edge(alias, alias, "", 0, body=False, module=name)] = None
    costs, first_by = parse_importtime(stderr)
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
        failure=told["failure"],
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
    if not level:
        return name
    parts = package.split(".")
    base = ".".join(parts[: len(parts) - level + 1])
    return f"{base}.{name}" if name else base


def parents(module: str) -> tuple[str, ...]:
    """Return the packages that a module lies in, the innermost first."""
    parts = module.split(".")
    return tuple(".".join(parts[:end]) for end in range(len(parts) - 1, 0, -1))
