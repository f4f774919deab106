"""What a program loads when it starts: runs it in a child process and tells which imports led to the unwanted ones."""

from __future__ import annotations

import json
import linecache
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from deferred_imports.tooling.check.drift import Finding
from deferred_imports.tooling.project.attribution import modules_of
from deferred_imports.tooling.project.tree import load, read, shown
from deferred_imports.tooling.registry.environment import find_spec
from deferred_imports.tooling.table.problems import TABLE, RefusalError, quote

TIMEOUT = 120.0
"""Seconds after which a program that has not ended is stopped."""


class UnknownProgramError(RefusalError):
    """What should be started is neither a command nor a module; its text is for the user."""


@dataclass(frozen=True)
class Start:
    """How to start a program: one of the ways that the child process knows, what it starts, and `sys.argv`."""

    how: str
    what: str
    arguments: tuple[str, ...] = ()


class _Step(NamedTuple):
    """One frame of the chain that led to an import."""

    path: str
    line: int
    function: str


def check_startups(root: Path, commands: Sequence[str], forbidden: Sequence[str]) -> list[Finding]:
    """Start programs, one after the other, and return what they load of what a project declares or somebody forbids.

    Args:
        root: The project; it needs a table only where nothing is forbidden.
        commands: The programs.
        forbidden: Modules that they should not load, declared or not.

    Raises:
        ManifestError: when the table is not valid.
        UnknownProgramError: when there is no such program.
    """
    document = read(root / "pyproject.toml")
    tool, about = document.get("tool"), document.get("project")
    unwanted: dict[str, str] = {}
    places = [root / "src", root]
    if not forbidden or (isinstance(tool, Mapping) and TABLE[1] in tool):
        project = load(root)
        package = project.manifest.package
        places = [project.package_dir.parents[package.count(".")]]
        for entry in project.manifest.entries:
            unwanted.update(dict.fromkeys(modules_of(entry, package), f"the table defers as {entry.name}"))
    unwanted.update(dict.fromkeys(forbidden, "is forbidden"))
    scripts = about.get("scripts") if isinstance(about, Mapping) else None
    scripts = scripts if isinstance(scripts, Mapping) else {}
    return [
        finding
        for command in commands
        for finding in check_startup(command, unwanted, root=root, scripts=scripts, places=places)
    ]


def check_startup(
    command: str,
    unwanted: Mapping[str, str],
    *,
    root: Path,
    scripts: Mapping[str, str],
    places: Sequence[Path],
    timeout: float = TIMEOUT,
) -> list[Finding]:
    """Start a program in a child process and return what it loaded of the unwanted modules.

    Args:
        command: A module, as in `weather.cli`, or a command line, as in `weather --help` or `python -m weather`.
        unwanted: The modules that should not be loaded, each with the reason.
        root: The project, whose files findings are about.
        scripts: Its console scripts, each with its object reference; those that are installed are known anyway.
        places: The directories to look for modules in after all others: the sources of a project not installed.
        timeout: Seconds that it may take.

    Raises:
        UnknownProgramError: when there is no such program.
    """
    start = _how_to_start(command, scripts, places)
    failure, chains = _run(start, unwanted, places, timeout)
    found = [
        _loaded(command, name, unwanted[name], chains[name], root=root, places=places)
        for name in unwanted
        # What only Python itself has asked for came with the report of the failure, not with the program.
        if name in chains and not (failure and all(_is_pythons(step.path) for step in chains[name]))
    ]
    if failure:
        found.insert(0, Finding("startup-failed", root / "pyproject.toml", 1, f"{command}: {failure}", ""))
    return found


def _is_pythons(path: str) -> bool:
    """Tell whether a file belongs to the standard library."""
    return Path(path).is_relative_to(Path(os.__file__).parent) and "site-packages" not in path


def _how_to_start(command: str, scripts: Mapping[str, str], places: Sequence[Path]) -> Start:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UnknownProgramError(f"{quote(command)} is no command line: {str(error).lower()}") from error
    if not words:
        raise UnknownProgramError("expected a module or a command line to start, got nothing")
    first, *rest = words
    name = os.path.basename(first)
    is_python = name == "python" or (name.startswith("python") and name[6:].replace(".", "").isdigit())
    if is_python and rest[:1] == ["-m"] and rest[1:]:
        return Start("module", rest[1], ("", *rest[1:]))
    if is_python and rest and os.path.isfile(rest[0]):
        return Start("file", rest[0], (os.path.dirname(os.path.abspath(rest[0])), *rest))
    if not rest and _is_module(first, places):  # importing is the lesser evil
        return Start("import", first)
    reference = next((point.value for point in entry_points(group="console_scripts", name=first)), scripts.get(first))
    folder = os.path.dirname(sys.executable)
    if reference:
        return Start("call", reference.partition("[")[0].strip(), (folder, os.path.join(folder, first), *rest))
    for path in (first, os.path.join(folder, first)):
        if os.path.isfile(path) and _is_python(path):
            return Start("file", path, (os.path.dirname(os.path.abspath(path)), path, *rest))
    what = "a module or a command" if not rest else "a command, installed here or one of [project.scripts],"
    raise UnknownProgramError(f"expected {what} to start, got {quote(first)}")


def _is_module(name: str, places: Sequence[Path]) -> bool:
    if not all(part.isidentifier() for part in name.split(".")):
        return False
    relative = name.replace(".", "/")
    return find_spec(name) is not None or any(
        (place / f"{relative}.py").is_file() or (place / relative).is_dir() for place in places
    )


def _is_python(path: str) -> bool:
    with open(path, "rb") as file:
        line = file.readline(200)
    return path.endswith(".py") or (line.startswith(b"#!") and b"python" in line)


def _run(
    start: Start, unwanted: Mapping[str, str], places: Sequence[Path], timeout: float
) -> tuple[str, dict[str, list[_Step]]]:
    """Return how the program failed, or nothing, and the chains of what it loaded."""
    child = Path(__file__).parents[1] / "child" / "startup.py"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYDEFER_")}
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report")
        command = [sys.executable, str(child), str(report), ",".join(unwanted), os.pathsep.join(map(str, places))]
        command += [start.how, start.what, *start.arguments]
        try:
            done = subprocess.run(  # noqa: S603, running the program is what was asked for
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="backslashreplace",
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"has not ended after {timeout:g} s; give it arguments with which it ends, as in --help", {}
        if not report.exists():
            return f"ended with exit code {done.returncode} before it could be looked at{_last_line(done.stderr)}", {}
        told = json.loads(report.read_text(encoding="utf-8"))
    code = told["exit"] or done.returncode  # what the program has become may fail, too
    failure = f"failed with exit code {code}{_last_line(done.stderr)}" if code else ""
    return failure, {name: [_Step(*step) for step in steps] for name, steps in told["loaded"].items()}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return f": {lines[-1].strip()}" if lines else ""


def _loaded(command: str, name: str, reason: str, steps: list[_Step], *, root: Path, places: Sequence[Path]) -> Finding:
    """Return the finding for a module that was loaded; the last line of the project is what to change."""
    path, line = root / "pyproject.toml", 1
    for step in steps:
        if (found := _in_project(Path(step.path), root, places)) is not None:
            path, line = found, step.line
    return Finding(
        "loaded-at-startup",
        path,
        line,
        f"{command} loads {quote(name)}, which {reason}",
        "defer the first import of these that can be" if steps else "",
        chain=tuple(line for line, _ in groupby(map(_told, steps))),  # recursion says the same again and again
    )


def _in_project(path: Path, root: Path, places: Sequence[Path]) -> Path | None:
    """Return the file of the project that a file is, or that it was installed from."""
    for index, part in enumerate(path.parts):
        if part in {"site-packages", "dist-packages"}:
            relative = Path(*path.parts[index + 1 :])
            return next((place / relative for place in places if (place / relative).is_file()), None)
    return path if path.is_file() and path.resolve().is_relative_to(root.resolve()) else None


def _told(step: _Step) -> str:
    source = linecache.getline(step.path, step.line).strip()
    function = "" if step.function == "<module>" else f" (in {step.function})"
    return f"{shown(Path(step.path))}:{step.line}{function}: {source}".rstrip(": ")
