"""The environment that a verb looks at: the project's own, as type checkers find it, wherever the command is installed.

In this order: what `--python` names; an active environment (`VIRTUAL_ENV`, `CONDA_PREFIX`) that is not the command's
own; the command's own, if the project is installed there; `.venv` beside pyproject.toml, or at the root of its uv
workspace; else the command's own.

If that is another one, its interpreter runs the command, with what that needs lent to it, so that "installed" means one
thing in all verbs: markers, modules, distributions, scripts and what is started are those of one environment.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import deferred_imports
from deferred_imports.tooling.cli.arguments import root_of
from deferred_imports.tooling.cli.output import note
from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.project.tied import run_tied
from deferred_imports.tooling.project.workspace import workspace_of
from deferred_imports.tooling.registry.distributions import installed_project
from deferred_imports.tooling.table.problems import ManifestError, RefusalError

_OLDEST = (3, 10)
# All of them are Python only, so that any Python runs them.
_LENT = ("argcomplete", "markdown_it", "mdurl", "packaging", "pygments", "rich", "tomli", "tomlkit")
_CHILD = Path(__file__).parents[1] / "child" / "handover.py"
_VERSION = "import sys; print(*sys.version_info[:3], sys.prefix)"


def run_elsewhere(arguments: argparse.Namespace, argv: Sequence[str]) -> int | None:
    """Run the command in the project's environment, and return its exit code; None where that is this one.

    Args:
        arguments: What was parsed.
        argv: What it was parsed from.

    Raises:
        RefusalError: when the interpreter that the user names cannot run the command.
    """
    if arguments.python:
        python = _interpreter_in(Path(arguments.python)) or Path(arguments.python)
        version, reason = _ask(python)
        if reason:
            raise RefusalError(f"--python {arguments.python}: {reason}")
        return None if _is_own(python) else _hand_over(python, argv)
    for place in _candidates(arguments):
        python = _interpreter_in(place) or place
        version, reason = _ask(python)
        if not reason:
            note(f"looking at the environment {shown(place)}, Python {version}")
            return _hand_over(python, argv)
        note(f"not looking at the environment {shown(place)}: {reason}")
    return None


def _candidates(arguments: argparse.Namespace) -> Iterator[Path]:
    """Yield the environments that could be the project's, before the command's own."""
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        value = os.environ.get(variable)
        if not value or (variable == "CONDA_PREFIX" and os.environ.get("CONDA_DEFAULT_ENV") == "base"):
            continue
        if _interpreter_in(Path(value)) and not _is_own_prefix(Path(value)):
            yield Path(value)
            return
    try:
        root = root_of(arguments)
        places = [place / ".venv" for place in (root, workspace_of(root))]
        found = next(filter(_interpreter_in, places), None)
        if found and not _is_own_prefix(found) and not _has(read_toml(root / "pyproject.toml")):
            yield found
    except ManifestError:  # it will be told by the verb, if that needs one
        return


def _has(document: Mapping[str, object]) -> bool:
    """Tell whether the project is installed in the command's own environment."""
    project = document.get("project")
    name = project.get("name") if isinstance(project, Mapping) else None
    return isinstance(name, str) and installed_project(name) is not None


def _interpreter_in(place: Path) -> Path | None:
    """Return the interpreter of an environment, if a directory is one."""
    files = (place / "bin" / "python", place / "Scripts" / "python.exe", place / "python.exe")
    return next((file for file in files if file.is_file()), None)


def _is_own_prefix(place: Path) -> bool:
    return os.path.realpath(place) == os.path.realpath(sys.prefix)


def _is_own(python: Path) -> bool:
    return os.path.abspath(python) == os.path.abspath(sys.executable)


def _ask(python: Path) -> tuple[str, str]:
    """Return the version of an interpreter, and why it cannot run the command, or nothing."""
    try:
        done = subprocess.run(  # noqa: S603 - the interpreter that the user works with
            [python, "-S", "-E", "-c", _VERSION], check=False, capture_output=True, encoding="utf-8", timeout=60
        )
        major, minor, micro, _ = done.stdout.split(" ", 3)
        version = (int(major), int(minor))
    except OSError as error:
        return "", f"cannot start its Python: {error.strerror}"
    except (ValueError, subprocess.TimeoutExpired):
        return "", "its Python does not answer"
    text = f"{major}.{minor}.{micro}"
    if version < _OLDEST:
        return text, f"it has Python {text}, and the command needs {'.'.join(map(str, _OLDEST))} or later"
    if version < (3, 11) and find_spec("tomli") is None:
        return text, f"it has Python {text}, for which the command needs tomli beside it"
    return text, ""


def _hand_over(python: Path, argv: Sequence[str]) -> int:
    lent = {"deferred_imports": str(Path(deferred_imports.__file__).parents[1])}
    for name in _LENT:
        spec = find_spec(name)
        if spec is not None and spec.origin:
            lent[name] = str(Path(spec.origin).parents[1 if spec.submodule_search_locations else 0])
    command = [str(python), str(_CHILD), json.dumps(lent), *argv]
    done = run_tied(command, ending=signal.SIGTERM)  # it takes along what it has started, too
    return 128 - done if done < 0 else done  # a signal, as a shell tells it
