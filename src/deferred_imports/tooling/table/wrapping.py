"""What the table says of the build backend that `deferred_imports.backend` wraps. Values in, values out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from deferred_imports.tooling.table.problems import TABLE, Problems, describe, quote

#: What stands as build-backend in [build-system] where this one wraps another.
OURS = "deferred_imports.backend"
_EXAMPLE = 'backend = "uv_build"'
_REFERENCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*(:[^\W\d]\w*(\.[^\W\d]\w*)*)?")


@dataclass(frozen=True)
class Wrapped:
    """The backend that makes the wheel, as PEP 517 names one, and where it is looked for first."""

    backend: str
    path: tuple[str, ...]


def is_wrapping(document: Mapping[str, object]) -> bool:
    """Tell whether a pyproject.toml has its wheels built through ours."""
    return _build_backend(document) == OURS


def read_wrapped(document: Mapping[str, object], table: Mapping[str, object], problems: Problems) -> Wrapped:
    """Read the keys `backend` and `backend-path` of the table; what is wrong with them goes to the problems."""
    backend, path, wraps = table.get("backend"), table.get("backend-path", []), is_wrapping(document)
    place = (*TABLE, "backend")
    if not wraps and not _has_own_backend(document):
        for key in ("backend", "backend-path"):
            if key in table:
                found = _build_backend(document)
                got = "none" if found is None else quote(found)
                what = f"expected build-backend = {quote(OURS)} in [build-system], which reads it"
                problems.add((*TABLE, key), f"{what}, got {got}")
    if backend is None:
        if wraps:
            problems.add(place, f"expected the build backend that makes the wheel, as in {_EXAMPLE}, got none")
    elif not isinstance(backend, str):
        problems.add(place, f"expected a string, got {describe(backend)}")
    elif not _REFERENCE.fullmatch(backend):
        problems.add(place, f"expected a module, or module:object, as in {_EXAMPLE}, got {quote(backend)}")
    elif backend.partition(":")[0] == OURS:
        problems.add(place, f"expected another build backend than this one, as in {_EXAMPLE}, got {quote(backend)}")
    return Wrapped(str(backend), tuple(_read_path(path, problems)))


def _read_path(value: object, problems: Problems) -> list[str]:
    place = (*TABLE, "backend-path")
    if not isinstance(value, list):
        problems.add(place, f"expected an array of directories, got {describe(value)}")
        return []
    for index, item in enumerate(value):
        if not isinstance(item, str) or not item:
            problems.add((*place, index), f"expected a directory of the project, got {describe(item)}")
    return [item for item in value if isinstance(item, str)]


def _build_backend(document: Mapping[str, object]) -> object:
    system = document.get("build-system")
    return system.get("build-backend") if isinstance(system, Mapping) else None


def _has_own_backend(document: Mapping[str, object]) -> bool:
    """Tell whether the build backend is the project's own, which may call ours (PEP 517, in-tree build backends)."""
    system = document.get("build-system")
    return isinstance(system, Mapping) and "backend-path" in system
