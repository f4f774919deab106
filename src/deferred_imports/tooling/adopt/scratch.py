"""A copy of the project, in which moves are tried: the user's tree is written to when all is proven, and only then."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from importlib.machinery import PathFinder
from pathlib import Path

from deferred_imports.tooling.adopt.target import AdoptedProject
from deferred_imports.tooling.start.copies import place_of
from deferred_imports.tooling.start.timing import Startup

_LEFT_OUT = frozenset(
    """.git .hg .svn .tox .nox .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis __pycache__
    node_modules""".split()
)
_OF_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")


class Scratch:
    """A copy of a project's tree.

    Attributes:
        root: Its directory.
        places: The directories that hold the modules.
    """

    def __init__(self, target: AdoptedProject, directory: Path) -> None:
        """Copy a project into an empty directory.

        What a build has added to an installed copy, such as a file with the version, is added here, too.
        """
        self.root = directory / target.root.name
        self._tree = os.path.realpath(target.root)
        importable = {os.path.normpath(place) for place in (target.root, *target.places)}

        def ignored(directory: str, names: Iterable[str]) -> set[str]:
            return set(_ignored(directory, names, is_importable=os.path.normpath(directory) in importable))

        shutil.copytree(target.root, self.root, symlinks=True, ignore=ignored)
        self.places = tuple(self.root / place.relative_to(target.root) for place in target.places)
        self._files = {module: self.root / path.relative_to(target.root) for module, path in target.files.items()}
        self._originals = {module: path.read_bytes() for module, path in target.files.items()}
        self._changed: set[str] = set()
        self._writes = 0
        for place in target.places:
            inside = (module for module, path in target.files.items() if place_of(module, path) == place)
            for top in sorted({module.partition(".")[0] for module in inside}):
                self._add_built(top, self.root / place.relative_to(target.root), target.root)

    def place_of(self, path: str) -> str:
        """Return where the copy has what lies in the tree; of what it has not, such as an environment, the path."""
        absolute, real = os.path.abspath(path), Path(os.path.realpath(path))
        copied = self.root / real.relative_to(self._tree) if real.is_relative_to(self._tree) else None
        return str(copied) if copied is not None and copied.exists() else absolute

    def write(self, sources: Mapping[str, bytes]) -> None:
        """Let some modules have other sources, and all others what they had at first."""
        for module in self._changed | set(sources):
            path = self._files[module]
            source = sources.get(module, self._originals[module])
            if path.read_bytes() != source:
                path.write_bytes(source)
                self._writes += 1  # Python goes by the time, in seconds, and the size of a source
                os.utime(path, (1_000_000_000 + self._writes, 1_000_000_000 + self._writes))
        self._changed = set(sources)

    def add(self, files: Mapping[Path, bytes]) -> None:
        """Add files, by where they lie below the root."""
        for path, content in files.items():
            (self.root / path).write_bytes(content)

    def called(self, starts: Iterable[Startup]) -> dict[str, frozenset[int]]:
        """Return the functions of each module that starts of the copy have called, by their first lines."""
        modules = {str(path): module for module, path in self._files.items()}
        found: dict[str, set[int]] = {}
        for file, line in (one for startup in starts for one in startup.called):
            if file in modules:
                found.setdefault(modules[file], set()).add(line)
        return {module: frozenset(lines) for module, lines in found.items()}

    def _add_built(self, top: str, place: Path, root: Path) -> None:
        spec = PathFinder.find_spec(top)
        for installed in spec.submodule_search_locations or () if spec is not None else ():
            source = Path(installed)
            if source.resolve().is_relative_to(root.resolve()):
                continue  # an editable installation is the tree itself
            for directory, folders, names in os.walk(source):
                folders[:] = [name for name in folders if name not in _LEFT_OUT]
                here = place / top / Path(directory).relative_to(source)
                known = {name.partition(".")[0] for name in os.listdir(here)} if here.is_dir() else set()
                for name in names:
                    # What is compiled from a source of the tree would hide that.
                    is_compiled = name.endswith((".so", ".pyd", ".pyc"))
                    wanted = _is_copied(os.path.join(directory, name)) and not (here / name).exists()
                    if wanted and not (is_compiled and name.partition(".")[0] in known):
                        here.mkdir(parents=True, exist_ok=True)
                        shutil.copy2(Path(directory, name), here / name)


def _ignored(directory: str, names: Iterable[str], *, is_importable: bool) -> Iterator[str]:
    """Yield what is not copied, and what cannot be, such as a pipe.

    Metadata that a build has left in the tree would hide those of the installed copy. Elsewhere tests may need such.
    """
    for name in names:
        path = os.path.join(directory, name)
        is_left_by_build = is_importable and name.endswith(".egg-info")
        is_environment = any(os.path.exists(os.path.join(path, sign)) for sign in _OF_ENVIRONMENTS)
        if name in _LEFT_OUT or is_left_by_build or is_environment or not _is_copied(path):
            yield name


def _is_copied(path: str) -> bool:
    return os.path.islink(path) or os.path.isfile(path) or os.path.isdir(path)
