"""The sources of a package, read from its files. What cannot be read or parsed is reported, and left out.

A generated registry is nobody's source: it is left out, and so are the imports of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from deferred_imports.tooling.project.garbage import no_garbage_collection
from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.project.registry_file import is_generated
from deferred_imports.tooling.scan.packages import Package
from deferred_imports.tooling.source.module import Module, read_module
from deferred_imports.tooling.source.text import UnreadableSourceError, decode, platform_constants


@dataclass(frozen=True)
class Unread:
    """A file that could not be read or understood, and why."""

    path: str
    message: str


class Sources(NamedTuple):
    """What was read of a package.

    Attributes:
        modules: Its modules, analysed.
        unread: What could not be.
        registries: The modules that are generated, and those that a build would make.
    """

    modules: dict[str, Module]
    unread: tuple[Unread, ...]
    registries: frozenset[str]


def read_files(package: Package) -> Sources:
    """Return the modules of a package, analysed, and what is not among them."""
    registries = {package.registry} - {""}
    with no_garbage_collection():
        unread = list(_no_files(package))
        texts: dict[str, str] = {}
        for name, path in package.files.items():
            try:
                content = path.read_bytes()
                if is_generated(content):
                    registries.add(name)
                else:
                    texts[name] = decode(content)
            except UnreadableSourceError as error:
                unread.append(Unread(shown(path), str(error)))
            except OSError as error:
                unread.append(Unread(shown(path), _refused(error)))
        constants = {name: platform_constants(text) for name, text in texts.items()}
        modules = {}
        for name, text in texts.items():
            try:
                modules[name] = read_module(
                    text,
                    name,
                    is_package=package.files[name].name == "__init__.py",
                    constants=constants,
                    annotations_deferred=package.minimum is not None and package.minimum >= (3, 14),
                )
            except UnreadableSourceError as error:
                unread.append(Unread(shown(package.files[name]), str(error)))
    return Sources(modules, tuple(sorted(unread, key=lambda item: item.path)), frozenset(registries))


def _no_files(package: Package) -> Iterator[Unread]:
    """Yield what looks like a part of the package and cannot be read."""
    tops = {path.parent for name, path in package.files.items() if name in package.names and path.stem == "__init__"}
    for top in tops:
        closed: list[OSError] = []
        for directory, folders, files in os.walk(top, onerror=closed.append):
            yield from _odd(Path(directory), (*folders, *files))
        for error in closed:
            yield Unread(shown(Path(error.filename)), _refused(error))


def _odd(directory: Path, names: Iterable[str]) -> Iterator[Unread]:
    for name in names:
        if why := _why_odd(directory, directory / name):
            yield Unread(shown(directory / name), why)


def _why_odd(directory: Path, path: Path) -> str:
    """Return why something in a directory cannot be a source, nor hold some; nothing where it can."""
    if path.is_symlink() and not path.exists():
        return "it is a symbolic link that leads nowhere, or in a circle"
    if path.is_symlink() and Path(os.path.realpath(directory)).is_relative_to(os.path.realpath(path)):
        return "it is a symbolic link to a directory that it lies in"
    if path.suffix == ".py" and not path.is_file():  # such as a pipe
        return "it is not a file"
    return ""


def _refused(error: OSError) -> str:
    return f"it cannot be read: {error.strerror}"
