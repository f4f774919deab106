"""Runs a command whose Pythons note what they read, and gathers what they have noted."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deferred_imports.tooling.child import record as record_child
from deferred_imports.tooling.project.tied import tied
from deferred_imports.tooling.readahead.launch import customized
from deferred_imports.tooling.table.problems import RefusalError


class NothingRecordedError(RefusalError):
    """There is nothing to write, or something stands in the place of the record; its text is for the user."""


@dataclass(frozen=True)
class ReadAheadStart:
    """Where a program starts to read ahead."""

    file: str
    line: int
    package: str | None
    """Whose registry does it, or none if the program itself."""
    record: str


@dataclass
class Events:
    """What was noted, of all processes together."""

    exit_code: int = 0
    prefix: str = ""
    base: str = ""
    path: list[str] = field(default_factory=list)
    compiled: str = ".pyc"
    opened: dict[str, None] = field(default_factory=dict)
    blocks: dict[str, set[int]] = field(default_factory=dict)
    start: ReadAheadStart | None = None


def observe(command: Sequence[str], variables: Mapping[str, str], *, output: int | None = None) -> Events:
    """Run a command to its end, and return what its Pythons did.

    Args:
        command: The program and its arguments.
        variables: Environment variables in addition.
        output: Its standard output; by default ours.

    Raises:
        NothingRecordedError: when no Python has run in which something could be noted.
        OSError: when the command cannot be started.
    """
    with customized(record_child) as (directory, customizing):
        environment = {**os.environ, **customizing, **variables}
        exit_code = _run(command, environment, output)
        try:
            text = Path(directory, "events").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            reason = "nothing was recorded: the command starts no Python, or one that ignores PYTHONPATH"
            raise NothingRecordedError(f"{command[0]}: {reason}") from None
    events = _gather(text.splitlines())
    events.exit_code = exit_code
    return events


def _run(command: Sequence[str], environment: Mapping[str, str], output: int | None) -> int:
    with tied(command, env=environment, stdout=output) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # how one ends a server; it has got it, too
                continue


def _gather(lines: Iterable[str]) -> Events:
    """Return what was noted; a line that a process has left half-written, or that the program wrote, says nothing."""
    events = Events()
    for line in lines:
        try:
            event = ast.literal_eval(line)
        except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
            continue
        match event:
            case ("python", str(prefix), str(base), [*path], str(compiled)) if not events.prefix and _are(str, path):
                events.prefix, events.base, events.path, events.compiled = prefix, base, path, compiled
            case ("path", [*path]) if _are(str, path):
                events.path += [place for place in path if place not in events.path]
            case ("open", str(path)):
                events.opened[path] = None
            case ("pages", str(path), [*blocks]) if _are(int, blocks):
                events.opened[path] = None
                events.blocks.setdefault(path, set()).update(blocks)
            case ("ahead", str(file), int(number), str() | None as package, str(record)) if events.start is None:
                events.start = ReadAheadStart(file, number, package, record)
    return events


def _are(kind: type, values: Iterable[object]) -> bool:
    return all(isinstance(value, kind) for value in values)
