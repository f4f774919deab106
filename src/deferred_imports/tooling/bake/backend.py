"""The hooks of `deferred_imports.backend`: another backend's own, with the registry added to what it builds.

A frontend calls them in the project's directory, each in a process of its own (PEP 517, PEP 660). Wheels get what they
lack in place; of an editable wheel the registry goes into the tree. Sdists and requirements are the other backend's.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from deferred_imports.tooling.bake.bake import Baked, bake, bake_editable
from deferred_imports.tooling.bake.editable import modules_behind
from deferred_imports.tooling.bake.wheel import UnsuitableWheelError, Wheel
from deferred_imports.tooling.project.metadata import with_metadata
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.project.tree import assemble
from deferred_imports.tooling.table.manifest import find_table
from deferred_imports.tooling.table.problems import TABLE, ManifestError, Problem, Problems, alternatives, quote
from deferred_imports.tooling.table.wrapping import read_wrapped

_FILE = "pyproject.toml"


def hook(name: str) -> Callable[..., Any]:
    """Return a hook of PEP 517 or PEP 660, as frontends call it.

    Raises:
        AttributeError: when the wrapped backend does not have it.
        SystemExit: when there is no wrapped backend; its text is what the user reads.
    """
    if name.startswith("prepare_metadata"):
        # The declaration is metadata, and what it says of a wheel only the wheel tells. Without this hook a frontend
        # builds the wheel and takes the metadata from it; pip and build then keep the wheel.
        raise AttributeError(name)
    with _told():
        inner = _load_wrapped(Path.cwd())
    function: Callable[..., Any] = getattr(inner, name)
    wrappers = {"build_wheel": _build_wheel, "build_editable": _build_editable}
    return functools.wraps(function)(functools.partial(wrappers[name], function)) if name in wrappers else function


def _build_wheel(
    build: Callable[..., str],
    wheel_directory: str,
    config_settings: Mapping[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    name = build(wheel_directory, config_settings, metadata_directory)
    path = Path(wheel_directory, name)
    with _told(path):
        _say(bake(path, Path.cwd()))
    return name


def _build_editable(
    build: Callable[..., str],
    wheel_directory: str,
    config_settings: Mapping[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    name = build(wheel_directory, config_settings, metadata_directory)
    path, root = Path(wheel_directory, name), Path.cwd()
    with _told(path):
        document, wheel = read_toml(root / _FILE), Wheel(path)
        modules = modules_behind(wheel, root, document)
        _say(bake_editable(path, assemble(root, with_metadata(document, wheel.metadata), modules)))
    return name


def _load_wrapped(root: Path) -> ModuleType:
    """Import the backend that the table names, from the project where the table says so."""
    document = read_toml(root / _FILE)
    problems = Problems(document)
    wrapped = read_wrapped(document, find_table(document), problems)
    places = [(root / place).resolve() for place in wrapped.path]
    for index, place in enumerate(places):
        if not place.is_relative_to(root.resolve()) or not place.is_dir():
            what = f"expected a directory of the project, got {quote(wrapped.path[index])}"
            problems.add((*TABLE, "backend-path", index), what)
    problems.raise_if_any()
    module, _, attributes = wrapped.backend.partition(":")
    sys.path[:0] = [path for path in map(str, places) if path not in sys.path]
    try:
        backend = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if not f"{module}.".startswith(f"{error.name}."):
            raise
        remedy = "add the distribution that provides it to requires of [build-system]"
        raise _wrong(f"expected a build backend that is installed, got {quote(module)}; {remedy}") from error
    if places and not any(Path(backend.__file__ or "").resolve().is_relative_to(place) for place in places):
        where = f"{alternatives(wrapped.path)}, as backend-path says"
        raise _wrong(f"expected a build backend in {where}, got {quote(backend.__file__)}")
    return functools.reduce(getattr, filter(None, attributes.split(".")), backend)


def _wrong(message: str) -> ManifestError:
    return ManifestError([Problem("backend", message)])


@contextmanager
def _told(path: Path | None = None) -> Iterator[None]:
    """Make a message of what the user has to mend, without a traceback; a wheel that lacks something is removed."""
    try:
        yield
    except BaseException as error:
        if path is not None:
            path.unlink(missing_ok=True)
        if isinstance(error, ManifestError):
            raise SystemExit(str(error)) from error
        if isinstance(error, UnsuitableWheelError):
            what = f"{path.name}: " if path else ""
            raise SystemExit(f"deferred-imports: {what}{error}") from error
        if isinstance(error, OSError):
            raise SystemExit(f"deferred-imports: {error}") from error
        raise


def _say(made: Baked) -> None:
    """Tell who watches the build; frontends show it or hide it."""
    for line in (*made.warnings, *made.notes):
        sys.stderr.write(f"deferred-imports: {line}\n")
