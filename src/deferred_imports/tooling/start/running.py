"""Runs a program in a child process, with the same interpreter and environment for all, and reads what that tells.

The program's output goes into a file of which only a line at a time is looked at: a program may print more than there
is memory for. What it leaves running in the background does not matter here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from deferred_imports.tooling.project.temporary import temporary_directory
from deferred_imports.tooling.project.tied import run_tied
from deferred_imports.tooling.registry.environment import here
from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import Launch

TIMEOUT = 120.0
"""Seconds after which a program that has not ended is stopped."""

CHILD = Path(__file__).parents[1] / "child" / "start.py"
"""What the child process runs; no program has asked for what it imports."""
_OF_PYTHON = ("PYTHONPROFILEIMPORTTIME", "PYTHONINSPECT")
_LINE = 65536  # bytes of a line that are looked at


@dataclass(frozen=True)
class Ended:
    """How a program has ended.

    Attributes:
        failure: Why its start has failed, or None.
        told: What the child process has told of what it loaded; empty if it could not.
    """

    failure: str | None
    told: Mapping[str, Any]


def will_start(launch: Launch, copy: Copy) -> str:
    """Return what to say before a program is started."""
    return f"starting in a child process: {launch.shown}, with the modules of {copy}, in {here()}"


def run_program(
    launch: Launch,
    watch: Sequence[str] | None,
    copy: Copy,
    *,
    timeout: float = TIMEOUT,
    hear: Callable[[str], bool] | None = None,
    output: Path | None = None,
    directory: Path | None = None,
) -> Ended:
    """Run a program, and return what it told.

    Args:
        launch: What to start.
        watch: The modules of which to note who asks for them; None for all imports, with what each costs.
        copy: Whose modules it runs.
        timeout: Seconds that it may take.
        hear: Gets each line that the program writes to its standard error, and tells whether it is Python's own.
        output: The file for what it writes to its standard output; by default that is lost.
        directory: The directory that it runs in; by default that of this process.
    """
    places = os.pathsep.join(map(str, copy.places))
    with temporary_directory() as scratch:
        report, errors = Path(scratch, "report"), Path(scratch, "errors")
        command = [sys.executable, *launch.options, *(("-X", "importtime") if watch is None else ()), str(CHILD)]
        command += [str(report), "*" if watch is None else ",".join(watch), launch.first]
        command += [places, ""] if copy.in_tree else ["", places]
        with open(errors, "xb") as file, open(output or os.devnull, "wb") as told_out:
            try:
                code = run_tied(
                    [*command, launch.how, launch.what, *launch.arguments],
                    env=_environment(launch),
                    stdin=subprocess.DEVNULL,
                    stdout=told_out,
                    stderr=file,
                    cwd=directory,
                    timeout=timeout,
                )
            except subprocess.TimeoutExpired:
                remedy = "give it arguments with which it ends, as in --help"
                return Ended(f"has not ended after {timeout:g} s; {remedy}", {})
        with open(errors, "rb") as file:
            last = _last_line(file, hear)
        try:
            told = json.loads(report.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Ended(f"ended with exit code {code} before its imports could be read{last}", {})
    failure = _failure(told, code, last)
    return Ended(failure and copy.explained(failure), told)


def _environment(launch: Launch) -> dict[str, str]:
    """Return the environment of the program: without the variables that steer this command and its Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYDEFER_")}
    return {**{name: value for name, value in kept.items() if name not in _OF_PYTHON}, **launch.variables}


def _failure(told: Mapping[str, Any], returned: int, last: str) -> str | None:
    code = told["exit"] or returned  # what the program has become may fail, too
    if code:
        return f"failed with exit code {code}{last or (': ' + told['error'] if told['error'] else '')}"
    return told["error"] or None


def _last_line(output: BinaryIO, hear: Callable[[str], bool] | None) -> str:
    """Return the last line that is the program's own, as messages end with it."""
    last = ""
    for line in iter(lambda: output.readline(_LINE), b""):
        text = line.decode("utf-8", "backslashreplace")
        if not (hear and hear(text)) and text.strip():
            last = text.strip()
    # What a program writes may hold anything, and is shown to people.
    last = "".join(character if character.isprintable() else repr(character)[1:-1] for character in last)
    return f": {last}" if last else ""
