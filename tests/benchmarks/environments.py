"""The interpreters that are compared, and on each an environment of its own for whatever is installed.

An environment is made once and kept: what is in it is pinned, and the name of its directory says it. Only our own
package is copied anew each time, as its wheel would install it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import SOURCES, run_child

#: What stands for the package of this tree among the requirements.
OURS = "deferred-imports"

_WHICH = "import platform, sys; print(platform.python_version(), sys.executable)"
_PURELIB = "import sysconfig; print(sysconfig.get_path('purelib'))"


class UnavailableError(Exception):
    """What cannot be had here; the text says why in one line."""


@dataclass(frozen=True)
class Interpreter:
    """A Python to measure on."""

    version: str
    path: Path

    @property
    def minor(self) -> tuple[int, int]:
        """Its version as it decides what there is, as (3, 15)."""
        major, minor, *_ = self.version.split(".")
        return int(major), int(minor)


def find_interpreter(wanted: str) -> Interpreter:
    """Return the interpreter for a version that is on PATH, as in "3.13", or for a command."""
    command = shutil.which(f"python{wanted}" if wanted[:1].isdigit() else wanted)
    try:
        if command is None:
            raise OSError
        version, _, path = run_child(_WHICH, python=command).strip().partition(" ")
    except (OSError, subprocess.CalledProcessError):  # a shim may be there without its interpreter
        raise UnavailableError(f"Python {wanted} is not on PATH") from None
    return Interpreter(version, Path(path))


@dataclass(frozen=True)
class Environments:
    """Environments of one interpreter, below a directory."""

    home: Path
    interpreter: Interpreter

    def python(self, requirement: str = "") -> Path:
        """Return the interpreter of the environment that has a requirement, or nothing, installed; make it if need be.

        Raises:
            UnavailableError: The requirement cannot be installed.
        """
        place = self.home / f"{self.interpreter.version}-{requirement or 'nothing'}"
        python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        whole = place / "whole"  # written last: a directory without it was given up half-way
        if not whole.exists():
            shutil.rmtree(place, ignore_errors=True)
            _uv("venv", "--python", self.interpreter.path, place)
            if requirement not in ("", OURS):
                _uv("pip", "install", "--python", python, requirement)
            whole.touch()
        if requirement == OURS:
            target = Path(run_child(_PURELIB, python=python).strip()) / SOURCES.joinpath("deferred_imports").name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(SOURCES / target.name, target, ignore=shutil.ignore_patterns("__pycache__"))
        return python


def make_environment(path: Path, python: str, requirements: Sequence[str | Path]) -> Path:
    """Make an environment with wheels from an index, and of projects here, and return its own interpreter.

    Args:
        path: Where it is made.
        python: An executable, or its name on PATH.
        requirements: What is installed: requirements, of which nothing is compiled, and directories of projects.

    Raises:
        UnavailableError: There is no such interpreter, or something cannot be installed.
    """
    own = path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    _uv("venv", "--python", find_interpreter(python).path, path)
    # Files of its own: links to uv's cache would be those of other environments, too, and in memory because of them.
    install = ("pip", "install", "--python", own, "--link-mode", "copy", "--compile-bytecode")
    if named := [item for item in requirements if isinstance(item, str)]:
        _uv(*install, "--only-binary", ":all:", *named)
    for project in requirements:
        if isinstance(project, Path):
            _uv(*install, project)
    return own


def _uv(*arguments: str | Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uv", *map(str, arguments), "--quiet"],
        check=False,
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))},
    )
    if done.returncode:
        raise UnavailableError(last_line(done.stderr) or f"uv {arguments[0]} exited with {done.returncode}")


def last_line(output: str) -> str:
    """Return the last line that says something."""
    lines: Iterable[str] = (line.strip() for line in reversed(output.splitlines()))
    return next(filter(None, lines), "")
