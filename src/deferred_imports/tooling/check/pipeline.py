"""The verb `check`, top to bottom: a project's sources, what its programs load when they start, and eager starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deferred_imports.tooling.check.budgets import check_modules, check_time
from deferred_imports.tooling.check.drift import find_drift
from deferred_imports.tooling.check.eager import check_eager, check_eager_start, check_reach
from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.check.locking import FILE_NAME, check_lock, owners, read_lock, start_of, updated
from deferred_imports.tooling.check.startup import Starts, check_startup, copy_for, failed
from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.modules import find_modules
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.project.scripts import console_scripts
from deferred_imports.tooling.project.tree import load_project
from deferred_imports.tooling.project.writing import write_whole
from deferred_imports.tooling.registry.render import registry_text
from deferred_imports.tooling.start.launch import parse_launch
from deferred_imports.tooling.start.timing import measure
from deferred_imports.tooling.table.document import text_at
from deferred_imports.tooling.table.problems import RefusalError


@dataclass(frozen=True)
class Limits:
    """What a start may load, beside what it must not.

    Attributes:
        lock: Whether that is what the lock says.
        update: Whether the lock is to say what the start loads.
        modules: The largest number of modules; None for any number.
        milliseconds: Its process may take so long; None for any time.
    """

    lock: bool = False
    update: bool = False
    modules: int | None = None
    milliseconds: float | None = None

    @property
    def any(self) -> bool:
        """Whether there is a limit, so that no table is needed."""
        return self.lock or self.modules is not None or self.milliseconds is not None


def check(root: Path, *, environment: bool) -> list[Finding]:
    """Return what is wrong in the table, the registry and the sources of a project; nothing is started.

    Args:
        root: The project.
        environment: Whether the declared modules should be found in this environment.

    Raises:
        ManifestError: when the table is not valid.
    """
    project = load_project(root)
    usage = discover_in(project)
    return find_drift(project, registry_text(project.manifest, usage), usage, environment=environment)


def check_starts(starts: Starts, limits: Limits) -> list[Finding]:
    """Start programs, one after the other, and return what they load that they should not, or too much of it.

    Raises:
        RefusalError: when the lock cannot be read.
    """
    root = starts.root
    found: list[Finding] = []
    locked = []
    document = read_toml(root / "pyproject.toml")
    known = owners(text_at(document, "project", "name") or root.resolve().name, find_modules(root, document))
    before = read_lock(root / FILE_NAME) if limits.lock else {}
    for launch in starts.launches:
        if starts.unwanted or not limits.any:
            found += check_startup(launch, starts.unwanted, root, starts.copy)
        if limits.lock or limits.modules is not None:
            startup = measure(launch, starts.copy)
            if startup.failure:
                found += failed(root, launch, startup.failure)
                continue
            start = start_of(launch, startup, known)
            locked.append(start)
            if limits.lock and not limits.update:
                found += check_lock(root / FILE_NAME, start, startup, starts.copy)
            if limits.modules is not None:
                found += check_modules(root, start, limits.modules)
        if limits.milliseconds is not None:
            found += check_time(root, launch, starts.copy, limits.milliseconds)
    if limits.update and locked:
        write_whole(root / FILE_NAME, updated(before, locked).encode("utf-8"))
    return list(dict.fromkeys(found))  # a start that fails does so for each of these


def check_resolved(root: Path, programs: Sequence[str]) -> list[Finding]:
    """Resolve all that a project defers, in a child process, start programs eagerly, and return all that fails.

    Raises:
        ManifestError: when the table is not valid.
        RefusalError: when there is no such program, or no registry.
    """
    project = load_project(root)
    copy = copy_for(project)
    if copy.in_tree and not project.registry_path.exists():
        raise RefusalError(f'{project.manifest.package} has no registry here; "deferred-imports generate" writes it')
    scripts = console_scripts(read_toml(root / "pyproject.toml"))
    launches = [parse_launch(program, scripts, copy.places) for program in programs if program]
    found = check_eager(project, copy) + (check_reach(project, copy) if launches else [])
    for launch in launches:
        found += check_eager_start(project, launch, copy)
    return found
