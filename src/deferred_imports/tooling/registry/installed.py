"""What the distributions in this environment defer, as their dist-info declares it; none of them is run.

Where a build bakes the registry, the wheel's dist-info holds the declaration (PEP 427: extra metadata), which an
installer leaves as it is. Where a project commits its registry, there is none, and the registry itself is read.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from packaging.markers import InvalidMarker, Marker
from packaging.utils import canonicalize_name

from deferred_imports._finding import is_searchable
from deferred_imports.tooling.registry import formats
from deferred_imports.tooling.registry.environment import find_spec
from deferred_imports.tooling.registry.published import OtherFormatError, is_registry, published

AnyPath: TypeAlias = "Path | zipfile.Path"
_MOST = 64 << 20  # bytes of a file that are read; what is longer is none of those that are looked for
_DEEPEST = 3  # packages that a registry lies in: one, or one below a namespace or two

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
    """A declaration that says nothing to this version, and why."""

    path: Path
    reason: str


def find_installed(places: Sequence[str] | None = None) -> list[Deferred | Unreadable]:
    """Return what the installed distributions defer, by project, in the order of their tables.

    Args:
        places: The directories and archives that they are installed in; by default those that this interpreter imports
            from.
    """
    found: list[Deferred | Unreadable] = []
    seen: set[str] = set()
    for info in _dist_infos(sys.path if places is None else places):
        # What METADATA says may be missing or unreadable; what the directory is called is enough.
        project, _, version = info.name.removesuffix(".dist-info").partition("-")
        name = canonicalize_name(project)
        if name in seen:  # Python imports the first
            continue
        seen.add(name)
        for path, read in _declarations(info):
            try:
                found += _read(read(), version)
            # Whatever stands in somebody else's file, it hides none of the others.
            except (OSError, ValueError, LookupError, TypeError, AttributeError, SyntaxError, RecursionError) as error:
                reason = (
                    str(error) if isinstance(error, OtherFormatError) else "it is not a declaration of deferred imports"
                )
                found.append(Unreadable(Path(str(path)), reason))
    return sorted(found, key=lambda item: "" if isinstance(item, Unreadable) else canonicalize_name(item.project))


def _content(path: AnyPath, most: int = _MOST) -> bytes:
    """Return what a file begins with; what is none, such as a pipe, holds nothing.

    Raises:
        OSError: when there is no such file.
    """
    if not path.is_file():
        raise FileNotFoundError(str(path))
    with path.open("rb") as file:
        return file.read(most)


def _dist_infos(places: Sequence[str]) -> Iterator[AnyPath]:
    for place in dict.fromkeys(places):
        with suppress(OSError, zipfile.BadZipFile):
            if not is_searchable(place):
                continue
            directory: AnyPath = Path(place) if os.path.isdir(place or ".") else zipfile.Path(place)
            infos = [path for path in directory.iterdir() if path.name.endswith(".dist-info") and path.is_dir()]
            yield from sorted(infos, key=lambda path: path.name)


def _declarations(info: AnyPath) -> Iterator[tuple[AnyPath, Callable[[], Mapping[str, object]]]]:
    """Yield the declarations of a distribution, each with what reads it; without one, its registries."""
    declarations = sorted((path for path in _files(info) if path.name.endswith(formats.DECLARATION_FILE)), key=str)
    for path in declarations:
        yield path, lambda path=path: json.loads(_content(path))  # type: ignore[misc]  # a default
    if declarations:
        return
    try:
        listed = csv.reader(_content(info.joinpath("RECORD")).decode("utf-8", "replace").splitlines())
        files = [row[0] for row in listed if row and row[0].endswith(".py")]
    except (OSError, KeyError, ValueError, csv.Error):  # what an interrupted installer leaves, say
        return
    for file in files:
        *parents, _ = file.split("/")
        package = ".".join(parents)
        if not 0 < len(parents) <= _DEEPEST or ".." in parents:
            continue
        with suppress(OSError, KeyError, ValueError):
            path = _beside(info).joinpath(file)
            if is_registry(_content(path, 200)):
                yield path, lambda path=path, package=package: published(_content(path), package)  # type: ignore[misc]  # defaults


def _beside(info: AnyPath) -> AnyPath:
    """Return the directory that a dist-info lies in."""
    return info.parent  # type: ignore[return-value]  # typeshed knows too little of zipfile.Path


def _files(directory: AnyPath) -> Iterator[AnyPath]:
    with suppress(OSError):
        for path in directory.iterdir():
            if path.is_dir():
                yield from _files(path)
            elif path.is_file():
                yield path


def _read(declaration: Mapping[str, object], version: str) -> list[Deferred]:
    if declaration["format"] not in range(1, formats.DECLARATION + 1):
        raise OtherFormatError(f"it has format {declaration['format']}, which this version does not know")
    imports = declaration["imports"]
    if not isinstance(imports, Mapping):
        raise TypeError(type(imports))
    package = str(declaration["package"])
    return [_entry(str(declaration["project"]), version, package, name, entry) for name, entry in imports.items()]


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
