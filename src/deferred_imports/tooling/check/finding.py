"""One thing that a check found, as data: every check gives these, and `report` puts them into words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from deferred_imports.tooling.table.lines import line_of
from deferred_imports.tooling.table.problems import ManifestError


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Attributes:
        kind: What it is, in a word or two, as in `not-deferred`; these names stay the same.
        path: The file that it is about.
        line: Where in it.
        message: What is wrong.
        remedy: What to do about it.
        note: Whether it is only worth knowing, and no failure.
        chain: For what a start loaded: the imports that led to it, outermost first, each as `path:line: source`.
    """

    kind: str
    path: Path
    line: int
    message: str
    remedy: str
    note: bool = False
    chain: tuple[str, ...] = ()


def from_problems(root: Path, error: ManifestError) -> list[Finding]:
    """Return the problems of a table that is not valid as findings."""
    path = root / "pyproject.toml"
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    found = []
    for problem in error.problems:
        name = re.match(r"imports\.([\w-]+)", problem.address)
        found.append(Finding("table", path, line_of(text, name[1] if name else ""), str(problem), ""))
    return found
