"""Starts of programs from a copy of the tree: what they load, print and return. Nothing is judged here."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.project.temporary import temporary_directory
from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.running import run_program
from deferred_imports.tooling.start.timing import Startup, measure


@dataclass(frozen=True)
class TrialStart:
    """One start.

    Attributes:
        loaded: The modules that were loaded in the end, in the order in which that was done.
        before: Those that the interpreter had loaded before.
        output: What it printed.
        exit: Its exit code.
        failure: Why it has failed, or None.
        seconds: The processor time that it took.
    """

    loaded: tuple[str, ...]
    before: frozenset[str]
    output: bytes
    exit: object
    failure: str | None
    seconds: float

    def differs_from(self, other: TrialStart) -> str:
        """Return in which way a start does other things than another one, or nothing."""
        if self.failure != other.failure:
            return f"it {self.failure}" if self.failure else "it no longer fails"
        if self.exit != other.exit:
            return f"its exit code is {self.exit}, not {other.exit}"
        return "its output differs" if self.output != other.output else ""


def start(launch: Launch, copy: Scratch, directory: Path) -> TrialStart:
    """Start a program.

    Args:
        launch: What to start.
        copy: The copy with the modules that it and its children shall run.
        directory: Where it runs.
    """
    with temporary_directory() as scratch:
        output = Path(scratch, "output")
        before = os.times()
        ended = run_program(_moved(launch, copy), (), Copy(copy.places), output=output, directory=directory)
        after = os.times()
        seconds = after.children_user + after.children_system - before.children_user - before.children_system
        told = ended.told
        loaded, bare = tuple(told.get("loaded", ())), frozenset(told.get("before", ()))
        return TrialStart(loaded, bare, output.read_bytes(), told.get("exit"), ended.failure, seconds)


def profiled(launch: Launch, copy: Scratch, directory: Path) -> Startup:
    """Start a program, and return all that happens: what loads what, and how long that takes.

    Args:
        launch: What to start.
        copy: The copy with the modules that it and its children shall run.
        directory: Where it runs.
    """
    return measure(_moved(launch, copy), Copy(copy.places), directory=directory)


def _moved(launch: Launch, copy: Scratch) -> Launch:
    """Return how to start a program as it is in a copy: Python looks first where a script lies, or `-m` is run."""
    launch = replace(launch, variables={**launch.variables, **variables_for(copy)})
    if launch.first:
        launch = replace(launch, first=copy.place_of(launch.first))
    if launch.how != "file":
        return launch
    path = copy.place_of(launch.what)
    return replace(launch, what=path, arguments=(path, *launch.arguments[1:]))


def variables_for(copy: Scratch) -> dict[str, str]:
    """Return the variables of the environment with which Python runs the modules of a copy."""
    path = os.pathsep.join([*map(str, copy.places), *filter(None, [os.environ.get("PYTHONPATH")])])
    found = {"PYTHONHASHSEED": "0", "PYTHONPATH": path}
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):  # compiling all again for each start would take most of the time
        found |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(copy.root.parent / "bytecode")}
    return found
