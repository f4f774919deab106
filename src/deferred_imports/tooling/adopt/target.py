"""The project whose imports move: where it lies, what it ships, what starts it. Nothing of it is run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

from deferred_imports.tooling.project.modules import find_modules
from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.project.scripts import console_scripts, references
from deferred_imports.tooling.registry.distributions import InstalledProject, installed_projects
from deferred_imports.tooling.start.copies import places_of
from deferred_imports.tooling.start.launch import Launch, call, imported, parse_launch
from deferred_imports.tooling.table.document import text_at
from deferred_imports.tooling.table.problems import RefusalError, quote


class TargetError(RefusalError):
    """A project whose imports cannot move; its text says why."""


class AdoptionError(TargetError):
    """Moves that could not be tried, proven or written: nothing is wrong with what was asked for."""

    exit_code = 3


@dataclass(frozen=True)
class AdoptedProject:
    """A project.

    Attributes:
        root: Its directory.
        document: Its pyproject.toml; empty where there is none.
        files: The modules that it ships.
        places: The directories that hold them.
        scripts: Its console scripts, each with its object reference.
        entry_points: What all its entry points refer to.
        minimum: The oldest Python that it is for, if that is known.
    """

    root: Path
    document: Mapping[str, object]
    files: Mapping[str, Path]
    places: tuple[Path, ...]
    scripts: Mapping[str, str]
    entry_points: tuple[str, ...]
    minimum: tuple[int, int] | None


def find_target(root: Path) -> AdoptedProject:
    """Return the project in a directory.

    Raises:
        TargetError: when it ships no package.
    """
    root = root.resolve()
    document = read_toml(root / "pyproject.toml") if (root / "pyproject.toml").is_file() else {}
    files = {name: path for name, path in find_modules(root, document).items() if path.suffix == ".py"}
    if not any(path.stem == "__init__" for path in files.values()):
        raise TargetError(f"no package in {shown(root)}")
    packages = sorted({name.partition(".")[0] for name in files})  # some are namespaces (PEP 420)
    places = tuple(places_of(files))
    installed = [point for one in _installed(packages) for point in one.entry_points]
    scripts = console_scripts(document) or {
        point.name: point.value for point in installed if point.group == "console_scripts"
    }
    points = tuple(dict.fromkeys([*references(document), *map(_value, installed)]))
    requires = text_at(document, "project", "requires-python")
    return AdoptedProject(root, document, files, places, scripts, points, _minimum(requires))


def launches(target: AdoptedProject, commands: list[str]) -> list[Launch]:
    """Return what to start: what the user named, else a console script with `--help`, else the package.

    Raises:
        UnknownProgramError: when the user names what cannot be started.
    """
    if commands:
        return [parse_launch(command, target.scripts, target.places) for command in commands]
    packages = sorted(name for name, path in target.files.items() if path.stem == "__init__")
    likely = [*packages, text_at(target.document, "project", "name"), *sorted(target.scripts)]
    name = next((name for name in likely if name in target.scripts), None)
    return [call(f"{name} --help", name, target.scripts[name], ["--help"]) if name else imported(packages[0])]


def check_package(target: AdoptedProject, name: str) -> str:
    """Return the name of a module of the project.

    Raises:
        TargetError: when it is none.
    """
    if name not in target.files:
        tops = sorted({module.partition(".")[0] for module in target.files})
        raise TargetError(f"expected a package or a module of {', '.join(map(quote, tops))}, got {quote(name)}")
    return name


def _installed(packages: list[str]) -> Iterator[InstalledProject]:
    """Yield the distributions in this environment that ship one of these packages."""
    wanted = set(packages)
    for one in installed_projects():
        name = re.sub(r"[-_.]+", "_", one.name).lower()
        if wanted & (one.tops or {name}) or (name in wanted and "__editable__" in " ".join(map(str, one.files))):
            yield one


def _value(point: EntryPoint) -> str:
    return point.value


def _minimum(requires: str) -> tuple[int, int] | None:
    found = re.search(r"(?:>=|~=|==|\^)\s*(\d+)\.(\d+)", requires)
    return (int(found[1]), int(found[2])) if found else None
