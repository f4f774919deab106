"""What programs load when they start of what they should not: a finding for each, with the imports that led there."""

from __future__ import annotations

import linecache
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from deferred_imports.tooling.check.drift import Finding
from deferred_imports.tooling.project.attribution import targets_of
from deferred_imports.tooling.project.scripts import console_scripts
from deferred_imports.tooling.project.tree import load, read, shown
from deferred_imports.tooling.start.launch import Launch, parse_launch
from deferred_imports.tooling.start.running import TIMEOUT, Copy, copy_of, run
from deferred_imports.tooling.table.document import table_at
from deferred_imports.tooling.table.problems import TABLE, quote


class _Step(NamedTuple):
    """One frame of the chain that led to an import."""

    path: str
    line: int
    function: str


@dataclass(frozen=True)
class Starts:
    """What to start, and what it should not load.

    Attributes:
        root: The project, whose files findings are about.
        launches: The programs.
        unwanted: The modules that they should not load, each with the reason.
        copy: Whose modules they run.
    """

    root: Path
    launches: tuple[Launch, ...]
    unwanted: Mapping[str, str]
    copy: Copy


def plan(root: Path, commands: Sequence[str], forbidden: Sequence[str]) -> Starts:
    """Return what to start, to see what it loads of what a project declares or somebody forbids.

    Args:
        root: The project; it needs a table only where nothing is forbidden.
        commands: The programs.
        forbidden: Modules that they should not load, declared or not.

    Raises:
        ManifestError: when the table is not valid.
        UnknownProgramError: when there is no such program.
    """
    document = read(root / "pyproject.toml")
    unwanted: dict[str, str] = {}
    copy = copy_of([root / "src", root])
    if not forbidden or TABLE[1] in table_at(document, TABLE[0]):
        project = load(root)
        manifest = project.manifest
        package_root = project.package_dir.parents[manifest.package.count(".")]
        copy = copy_of([package_root], project.registry_path, f"{manifest.package}.{manifest.registry}")
        for entry in manifest.entries:
            unwanted.update(dict.fromkeys(targets_of(entry, manifest.package), f"the table defers as {entry.name}"))
    unwanted.update(dict.fromkeys(forbidden, "is forbidden"))
    scripts = console_scripts(document)
    return Starts(root, tuple(parse_launch(command, scripts, copy.places) for command in commands), unwanted, copy)


def check_startup(
    launch: Launch, unwanted: Mapping[str, str], root: Path, copy: Copy, timeout: float = TIMEOUT
) -> list[Finding]:
    """Start a program in a child process and return what it loaded of the unwanted modules.

    Args:
        launch: What to start.
        unwanted: The modules that should not be loaded, each with the reason.
        root: The project, whose files findings are about.
        copy: Whose modules the program runs.
        timeout: Seconds that it may take.
    """
    ended = run(launch, list(unwanted), copy, timeout=timeout)
    chains = {name: [_Step(*step) for step in steps] for name, steps in ended.told.get("chains", {}).items()}
    new = {*ended.told.get("loaded", ())} - {*ended.told.get("before", ())}
    found = [
        _loaded(launch.command, name, unwanted[name], chains.get(name, []), root=root, places=copy.places)
        for name in unwanted
        if name in new
    ]
    if ended.failure:
        message = f"{launch.command}: {ended.failure}"
        found.insert(0, Finding("startup-failed", root / "pyproject.toml", 1, message, ""))
    return found


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
