"""The verb `check`, top to bottom: the sources of a project, or what programs load when they start."""

from __future__ import annotations

from pathlib import Path

from deferred_imports.tooling.check import drift
from deferred_imports.tooling.check.drift import Finding
from deferred_imports.tooling.check.startup import Starts, check_startup
from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.tree import load
from deferred_imports.tooling.registry.render import render


def check(root: Path, *, environment: bool) -> list[Finding]:
    """Return what is wrong in the table, the registry and the sources of a project; nothing is started.

    Args:
        root: The project.
        environment: Whether the declared modules should be found in this environment.

    Raises:
        ManifestError: when the table is not valid.
    """
    project = load(root)
    usage = discover_in(project)
    return drift.check(project, render(project.manifest, usage), usage, environment=environment)


def check_starts(starts: Starts) -> list[Finding]:
    """Start programs, one after the other, and return what they load that they should not."""
    found = [check_startup(launch, starts.unwanted, starts.root, starts.copy) for launch in starts.launches]
    return [finding for findings in found for finding in findings]
