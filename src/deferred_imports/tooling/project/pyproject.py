"""The file `pyproject.toml`: where it lies, what it says, with hatch.toml, and whether its builds bake a registry."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.table.document import table_at
from deferred_imports.tooling.table.problems import TABLE, ManifestError, Problem
from deferred_imports.tooling.table.wrapping import is_wrapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class UnreadableError(ManifestError):
    """A `pyproject.toml` that cannot be had: not there, not allowed, or not TOML."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__([Problem("", reason)])
        self._text = f"{shown(path)}: {reason}"

    def __str__(self) -> str:
        return self._text


def find_root(start: Path) -> Path:
    """Return the nearest directory, `start` or one above it, that holds a `pyproject.toml`."""
    start = start.resolve()
    for directory in (start, *start.parents):
        if (directory / "pyproject.toml").is_file():
            return directory
    raise UnreadableError(
        start / "pyproject.toml", "not found, here or in any directory above; name its directory with -C"
    )


def has_setup(root: Path) -> bool:
    """Tell whether a directory holds a project that setuptools builds without a `pyproject.toml`."""
    return any((root / name).is_file() for name in ("setup.py", "setup.cfg"))


def read_toml(path: Path) -> dict[str, object]:
    """Return a TOML file as plain values."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(path, f"cannot be read: {error.strerror}") from error
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line, column = data.count(b"\n", 0, error.start) + 1, error.start - data.rfind(b"\n", 0, error.start)
        raise UnreadableError(path, f"not UTF-8, as TOML must be (at line {line}, column {column})") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableError(path, f"not valid TOML: {error}") from error
    except ValueError as error:  # Python's limit of digits
        raise UnreadableError(path, "cannot be read: a number in it has thousands of digits") from error
    except RecursionError as error:
        raise UnreadableError(path, "cannot be read: its arrays or tables are nested too deeply") from error


def with_hatch_file(root: Path, document: Mapping[str, object]) -> Mapping[str, object]:
    """Return the document with what hatch.toml says in [tool.hatch], over which it takes precedence."""
    path = root / "hatch.toml"
    if not path.is_file():
        return document
    hatch = {**table_at(document, "tool", "hatch"), **read_toml(path)}
    return {**document, "tool": {**table_at(document, "tool"), "hatch": hatch}}


def has_hook(document: Mapping[str, object]) -> bool:
    """Tell whether a `pyproject.toml` configures the build hook, for all targets or for wheels."""
    build = ("tool", "hatch", "build")
    tables = (table_at(document, *build, "hooks"), table_at(document, *build, "targets", "wheel", "hooks"))
    return any(TABLE[1] in table for table in tables)


def is_baked(document: Mapping[str, object]) -> bool:
    """Tell whether the project's builds put the registry into its wheels: by the hook, or by our backend."""
    return has_hook(document) or is_wrapping(document)
