"""What programs load when they start of what they should not: a finding for each, with the imports that led there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deferred_imports.tooling.check.chains import Frame, chain_lines, place_in_project
from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.project.attribution import targets_of
from deferred_imports.tooling.project.modules import find_modules
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.project.scripts import console_scripts
from deferred_imports.tooling.project.tree import Project, load_project
from deferred_imports.tooling.start.copies import Copy, copy_of, copy_with
from deferred_imports.tooling.start.launch import Launch, parse_launch
from deferred_imports.tooling.start.running import TIMEOUT, run_program
from deferred_imports.tooling.table.document import table_at
from deferred_imports.tooling.table.problems import TABLE, ManifestError, quote


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


def plan(root: Path, commands: Sequence[str], forbidden: Sequence[str], *, limited: bool = False) -> Starts:
    """Return what to start, to see what it loads of what a project declares or a caller forbids.

    Args:
        root: The project; it needs a table only where nothing is forbidden or limited.
        commands: The programs.
        forbidden: Modules that they should not load, declared or not.
        limited: Whether there are other limits, which need no table either.

    Raises:
        ManifestError: when the table is not valid.
        UnknownProgramError: when there is no such program.
    """
    document = read_toml(root / "pyproject.toml")
    unwanted: dict[str, str] = {}
    if not (forbidden or limited) or TABLE[1] in table_at(document, TABLE[0]):
        project = load_project(root)
        manifest = project.manifest
        copy = copy_for(project)
        for entry in manifest.entries:
            unwanted.update(dict.fromkeys(targets_of(entry, manifest.package), f"the table defers as {entry.name}"))
    else:
        copy = _copy_without_table(root, document)
    unwanted.update(dict.fromkeys(forbidden, "is forbidden"))
    scripts = console_scripts(document)
    return Starts(root, tuple(parse_launch(command, scripts, copy.places) for command in commands), unwanted, copy)


def copy_for(project: Project) -> Copy:
    """Return the copy of a project's modules that its programs run."""
    return copy_with(project.document, project.modules, project.manifest.package)


def _copy_without_table(root: Path, document: Mapping[str, object]) -> Copy:
    try:
        modules = find_modules(root, document)
    except ManifestError:  # nothing tells where its packages lie
        modules = {}
    return copy_with(document, modules, "") if modules else copy_of([root / "src", root])


def failed(root: Path, launch: Launch, failure: str) -> list[Finding]:
    """Return the finding for a program whose start has failed."""
    return [Finding("startup-failed", root / "pyproject.toml", 1, f"{launch.command}: {failure}", "")]


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
    ended = run_program(launch, list(unwanted), copy, timeout=timeout)
    chains = {name: [Frame(*step) for step in steps] for name, steps in ended.told.get("chains", {}).items()}
    new = {*ended.told.get("loaded", ())} - {*ended.told.get("before", ())}
    found = [
        _loaded(launch.command, name, unwanted[name], chains.get(name, []), root=root, places=copy.places)
        for name in unwanted
        if name in new
    ]
    if ended.failure:
        found[:0] = failed(root, launch, ended.failure)
    return found


def _loaded(command: str, name: str, reason: str, steps: list[Frame], *, root: Path, places: Sequence[Path]) -> Finding:
    """Return the finding for a module that was loaded; the last line of the project is what to change."""
    path, line = place_in_project(steps, root, places)
    return Finding(
        "loaded-at-startup",
        path,
        line,
        f"{command} loads {quote(name)}, which {reason}",
        "defer the first import in this chain that can be deferred" if steps else "",
        chain=chain_lines(steps),
    )
