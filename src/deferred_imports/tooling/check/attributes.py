"""Whether modules of the standard library have what is taken from them, in the interpreter of this environment.

Only they are asked, for they alone may be imported by a command that runs nothing of a project.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from packaging.markers import Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.project.temporary import temporary_directory
from deferred_imports.tooling.project.tied import run_tied
from deferred_imports.tooling.project.tree import Project
from deferred_imports.tooling.table.document import text_at
from deferred_imports.tooling.table.entries import Entry
from deferred_imports.tooling.table.problems import did_you_mean, quote

_CHILD = Path(__file__).parents[1] / "child" / "attributes.py"
_SECONDS = 60


def find_lacking(
    project: Project, entries: Sequence[Entry], place: Callable[[Entry], tuple[Path, int]]
) -> Iterator[Finding]:
    """Yield the entries whose attribute no candidate has, when all are of the standard library.

    Args:
        project: The project; where its `requires-python` excludes this interpreter, nothing is known.
        entries: What it declares, and what its functions import.
        place: Tells where an entry stands.
    """
    asked = [entry for entry in entries if _can_be_asked(entry)]
    if not asked or not _is_supported(project):
        return
    lacking = _ask(sorted({str(target) for entry in asked for target in entry.targets}))
    for entry in asked:
        if all(str(target) in lacking for target in entry.targets):
            target = entry.targets[0]
            path, line = place(entry)
            near = did_you_mean(str(target.attribute), lacking[str(target)]).removeprefix("; ")
            what = f"{quote(target.module)} of Python {'.'.join(map(str, sys.version_info[:2]))} has no"
            remedy = near or "correct the name, or write the import so that it depends on the version of Python"
            yield Finding("attribute-missing", path, line, f"{what} {quote(target.attribute)}", remedy, entry.optional)


def _can_be_asked(entry: Entry) -> bool:
    is_ours = all(t.attribute and t.module.partition(".")[0] in sys.stdlib_module_names for t in entry.targets)
    return is_ours and (not entry.marker or Marker(entry.marker).evaluate({"extra": ""}))


def _is_supported(project: Project) -> bool:
    try:
        supported = SpecifierSet(str(text_at(project.document, "project", "requires-python") or ""))
    except InvalidSpecifier:
        return True
    return supported.contains(platform.python_version(), prereleases=True)


def _ask(references: list[str]) -> dict[str, list[str]]:
    """Return those references that lead nowhere, each with what its module has."""
    with temporary_directory() as directory:
        report = Path(directory, "report")
        command = [sys.executable, "-I", str(_CHILD), str(report), *references]
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        try:
            run_tied(command, timeout=_SECONDS, **streams)
            found: dict[str, list[str]] = json.loads(report.read_text(encoding="utf-8"))
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return {}
    return found
