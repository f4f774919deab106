"""Which build backend `init` wraps, and what [build-system] says then. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deferred_imports.tooling.project.modules import find_modules
from deferred_imports.tooling.project.tree import assemble
from deferred_imports.tooling.table.problems import TABLE, quote
from deferred_imports.tooling.table.wrapping import OURS, is_wrapping

# What builds where nothing is named (PEP 517), and what brings it.
_LEGACY = "setuptools.build_meta:__legacy__"
SETUPTOOLS = "setuptools>=40.8.0"
# What belongs to a backend and builds or installs without asking the one that [build-system] names.
_BUILDS = 'leave it out, as they ask no backend: build with "python -m build" or "uv build"'
_INSTALLS = 'leaves it out, as it asks no backend: run "deferred-imports generate" after it'
_PAST = {
    "flit_core": f'"flit build" and "flit publish" {_BUILDS}',
    "maturin": f'"maturin build" and "maturin develop" {_BUILDS}',
    "poetry": f'"poetry install" {_INSTALLS}',
}


def to_wrap(root: Path, document: Mapping[str, Any], *, is_generated: bool = False) -> dict[str, Any]:
    """Return what our table has to say of the build backend; nothing for hatchling, or where the registry is committed.

    Args:
        root: The project.
        document: Its pyproject.toml.
        is_generated: Whether a registry in the tree has just been made there, so that it is no committed one.

    Raises:
        ManifestError: when the table is not valid.
    """
    system = _build_system(document)
    backend = system.get("build-backend", _LEGACY)
    if backend == "hatchling.build" or is_wrapping(document):
        return {}
    if not is_generated and _is_committed(root, document):
        return {}
    return {"backend": backend, **({"backend-path": system["backend-path"]} if "backend-path" in system else {})}


def wrapping(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return [build-system] with our backend in it."""
    system = {key: value for key, value in _build_system(document).items() if key != "backend-path"}
    return {"requires": [], **system, "build-backend": OURS}


def what_is_wrapped(backend: str) -> str:
    """Return what to say of a backend that is wrapped: that it builds as before, and what of it goes past ours."""
    past = _PAST.get(backend.partition(":")[0].partition(".")[0])
    text = f"{quote(backend)} builds as before, and {OURS} adds the registry to its wheels"
    return f"{text}; {past}" if past else text


def _build_system(document: Mapping[str, Any]) -> Mapping[str, Any]:
    system = document.get("build-system")
    return system if isinstance(system, Mapping) else {}


def _is_committed(root: Path, document: Mapping[str, Any]) -> bool:
    tool = document.get(TABLE[0])
    if not isinstance(tool, Mapping) or TABLE[1] not in tool:
        return False
    return assemble(root, document, find_modules(root, document)).registry_path.is_file()
