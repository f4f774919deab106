"""`check --eager`: does production start? Everything deferred is resolved in a child process; all failures at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.initializer import import_of, is_out_of_reach, out_of_reach
from deferred_imports.tooling.project.temporary import temporary_directory
from deferred_imports.tooling.project.tied import run_tied
from deferred_imports.tooling.project.tree import Project
from deferred_imports.tooling.registry.environment import find_spec, here
from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.running import TIMEOUT, run_program
from deferred_imports.tooling.table.lines import line_of
from deferred_imports.tooling.table.problems import quote

_CHILD = Path(__file__).parents[1] / "child" / "eager.py"
_OURS = Path(__file__).parents[3]


def check_eager(project: Project, copy: Copy) -> list[Finding]:
    """Import a project's package in a child process, resolve all that it defers, and return what fails.

    What is optional and not installed is worth knowing, and no failure.

    Args:
        project: The project.
        copy: Whose modules are imported.
    """
    path = project.root / "pyproject.toml"
    failure, told = _resolve(project.manifest.package, copy)
    if failure:
        return [Finding("eager-failed", path, 1, f"resolving all of {project.manifest.package} {failure}", "")]
    if told["error"]:
        message = f"{project.manifest.package} cannot be imported: {told['error']}"
        return [Finding("eager-failed", path, 1, message, "")]
    text = path.read_text(encoding="utf-8")
    return [_finding(item, path, text) for item in told["failed"]]


def check_eager_start(project: Project, launch: Launch, copy: Copy) -> list[Finding]:
    """Start a program as production does, with `PYDEFER_EAGER` for the project's package, and return how it fails."""
    if find_spec("deferred_imports") is None:
        message = f"PYDEFER_EAGER does nothing in {here()}, because deferred-imports is not installed there"
        return [Finding("eager-failed", project.root / "pyproject.toml", 1, message, "pip install deferred-imports")]
    eager = replace(launch, variables={**launch.variables, "PYDEFER_EAGER": project.manifest.package})
    ended = run_program(eager, [], copy)
    if ended.failure is None:
        return []
    message = f"PYDEFER_EAGER={project.manifest.package} {launch.shown}: {ended.failure}"
    return [Finding("eager-failed", project.root / "pyproject.toml", 1, message, "")]


def check_reach(project: Project, copy: Copy) -> list[Finding]:
    """Return a note where an eager start of the tree is none: it takes a line that wheels of the project may get."""
    manifest = project.manifest
    if not copy.in_tree or not is_out_of_reach(manifest, discover_in(project)):
        return []
    message = f"{out_of_reach(manifest)} in the tree, which is what is started here"
    remedy = f"add the line {quote(import_of(manifest))}"
    return [Finding("out-of-reach", project.modules[manifest.package], 1, message, remedy, note=True)]


def _resolve(package: str, copy: Copy) -> tuple[str, Mapping[str, Any]]:
    """Return why nothing could be told, or nothing, and what was told."""
    places = os.pathsep.join(map(str, copy.places))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYDEFER_")}
    with temporary_directory() as directory:
        report = Path(directory, "report")
        command = [sys.executable, str(_CHILD), str(report), package, str(_OURS)]
        command += [places, ""] if copy.in_tree else ["", places]
        try:
            code = run_tied(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=TIMEOUT,
            )
        except subprocess.TimeoutExpired:
            return f"is still running after {TIMEOUT:g} s", {}
        try:
            return "", json.loads(report.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return f"ended with exit code {code} before its imports could be read", {}


def _finding(item: Mapping[str, Any], path: Path, text: str) -> Finding:
    line = line_of(text, item["name"]) if item["name"] else 1
    missing = item["kind"] == "missing"
    said = " ".join(item["said"].split())
    kind = "eager-missing" if missing else "eager-broken"
    return Finding(kind, path, line, said, "", note=missing and item["optional"])
