"""What the distributions in this environment defer, as their dist-info records it; none of them is run.

The hook hands the record to the backend as extra metadata, which PEP 427 keeps in the wheel's dist-info. An installer
takes it from there as it is; a backend's path rewriting may have put it into a folder of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import Literal, TypeAlias

from packaging.markers import InvalidMarker, Marker
from packaging.utils import canonicalize_name

from deferred_imports.tooling.registry.environment import find_spec

RECORD = "deferred-imports.json"
FORMATS = (1,)

State: TypeAlias = Literal["findable", "missing", "elsewhere"]


@dataclass(frozen=True)
class Deferred:
    """One import that an installed distribution defers; `name` is empty where the table gives it none.

    Its state is "findable" when one of its modules can be found in this environment, "missing" when none can, and
    "elsewhere" when its marker says that it is for other ones.
    """

    project: str
    version: str
    package: str
    name: str
    modules: tuple[str, ...]
    extra: str | None
    groups: tuple[str, ...]
    marker: str | None
    distribution: str | None
    optional: bool
    state: State


@dataclass(frozen=True)
class Unreadable:
    """A record that says nothing to this version, and why."""

    path: Path
    reason: str


def find_installed(places: Sequence[str] | None = None) -> list[Deferred | Unreadable]:
    """Return what the installed distributions defer, by project, in the order of their tables.

    Args:
        places: The directories that they are installed in; by default those that this interpreter imports from.
    """
    found: list[Deferred | Unreadable] = []
    seen: set[str] = set()
    for info in _dist_infos(sys.path if places is None else places):
        records = sorted(path for path in info.rglob(f"*{RECORD}") if path.is_file())
        distribution = PathDistribution(info)
        name = canonicalize_name(distribution.metadata["Name"] or info.name)
        if name in seen:  # Python imports the first
            continue
        seen.add(name)
        for path in records:
            try:
                found += _read(json.loads(path.read_text(encoding="utf-8")), distribution.version)
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                reason = (
                    str(error) if isinstance(error, _OtherFormatError) else "it is not a record of deferred imports"
                )
                found.append(Unreadable(path, reason))
    return sorted(found, key=lambda item: "" if isinstance(item, Unreadable) else canonicalize_name(item.project))


class _OtherFormatError(ValueError):
    """A record that another version has written."""


def _dist_infos(places: Sequence[str]) -> Iterator[Path]:
    for place in dict.fromkeys(places):
        directory = Path(place)
        if directory.is_dir():
            yield from sorted(directory.glob("*.dist-info"))


def _read(record: Mapping[str, object], version: str) -> list[Deferred]:
    if record["format"] not in FORMATS:
        raise _OtherFormatError(f"it has format {record['format']}, which this version does not know")
    imports = record["imports"]
    if not isinstance(imports, Mapping):
        raise TypeError(type(imports))
    package = str(record["package"])
    return [_entry(str(record["project"]), version, package, name, entry) for name, entry in imports.items()]


def _entry(project: str, version: str, package: str, name: str, entry: Mapping[str, object]) -> Deferred:
    targets, groups, marker = entry["module"], entry.get("groups") or (), entry.get("marker")
    if not isinstance(targets, list) or not isinstance(groups, Sequence) or not isinstance(marker, str | None):
        raise TypeError(name)
    modules = tuple(package + str(target) if str(target).startswith(".") else str(target) for target in targets)
    return Deferred(
        project=project,
        version=version,
        package=package,
        name="" if name.startswith("<") else name,
        modules=modules,
        extra=_text(entry.get("extra")),
        groups=tuple(map(str, groups)),
        marker=marker,
        distribution=_text(entry.get("distribution")),
        optional=bool(entry.get("optional")),
        state=_state(modules, marker),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _state(modules: Sequence[str], marker: str | None) -> State:
    try:
        if marker and not Marker(marker).evaluate({"extra": ""}):
            return "elsewhere"
    except InvalidMarker as error:
        raise ValueError(marker) from error
    return "findable" if any(find_spec(module.partition(":")[0]) for module in modules) else "missing"
