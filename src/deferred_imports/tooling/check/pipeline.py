"""The verb `check`, top to bottom: the sources of a project, or what programs load when they start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deferred_imports.tooling.check import drift
from deferred_imports.tooling.check.drift import Finding
from deferred_imports.tooling.check.startup import check_startups
from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.tree import load
from deferred_imports.tooling.registry.render import render
from deferred_imports.tooling.table.problems import RefusalError


def check(root: Path, *, startups: Sequence[str] | None, forbidden: Sequence[str], environment: bool) -> list[Finding]:
    """Return what is wrong in a project.

    Args:
        root: The project.
        startups: The programs to start; without any, the sources are checked, and nothing is started.
        forbidden: Modules that no program may load, declared or not.
        environment: Whether the declared modules should be found in this environment.

    Raises:
        ManifestError: when the table is not valid.
        RefusalError: when there is no such program, or none to go with what is forbidden.
    """
    if startups:
        return check_startups(root, startups, forbidden)
    if forbidden:
        raise RefusalError("--forbid says what --startup must not load, and there is no --startup")
    project = load(root)
    usage = discover_in(project)
    return drift.check(project, render(project.manifest, usage), usage, environment=environment)
