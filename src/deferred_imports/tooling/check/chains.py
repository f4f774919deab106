"""The imports that led to a module, one below the other, and the line of the project among them that is to change."""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from deferred_imports.tooling.project.paths import shown


class Frame(NamedTuple):
    """One frame of the chain that led to an import; `function` is "<module>" outside of functions."""

    path: str
    line: int
    function: str


def chain_lines(steps: Iterable[Frame]) -> tuple[str, ...]:
    """Return a chain as lines, `path:line: source`; recursion repeats the same lines, and is shown once."""
    return tuple(line for line, _ in groupby(map(_line_of, steps)))


def place_in_project(steps: Iterable[Frame], root: Path, places: Sequence[Path]) -> tuple[Path, int]:
    """Return the innermost line of the project in a chain; without one, the first line of its `pyproject.toml`.

    Args:
        steps: The chain, outermost first.
        root: The project.
        places: The directories of the tree that hold its modules.
    """
    path, line = root / "pyproject.toml", 1
    for step in steps:
        if (found := _in_project(Path(step.path), root, places)) is not None:
            path, line = found, step.line
    return path, line


def _line_of(step: Frame) -> str:
    source = linecache.getline(step.path, step.line).strip()
    function = "" if step.function == "<module>" else f" (in {step.function})"
    return f"{shown(Path(step.path))}:{step.line}{function}: {source}".rstrip(": ")


def _in_project(path: Path, root: Path, places: Sequence[Path]) -> Path | None:
    """Return the file of the project that a file is, or that it was installed from."""
    for index, part in enumerate(path.parts):
        if part in {"site-packages", "dist-packages"}:
            relative = Path(*path.parts[index + 1 :])
            return next((place / relative for place in places if (place / relative).is_file()), None)
    return path if path.is_file() and path.resolve().is_relative_to(root.resolve()) else None
