"""Which copy of a project its programs run, that of the tree or the installed one: the same for every verb."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deferred_imports.tooling.registry.environment import find_spec
from deferred_imports.tooling.table.document import table_at, text_at
from deferred_imports.tooling.table.problems import TABLE, quote


@dataclass(frozen=True)
class Copy:
    """Which copy of a project's modules a program runs.

    Attributes:
        places: The directories of the tree that hold its modules.
        in_tree: Whether these come first on `sys.path`, or last.
        installed: The directory that the installed copy lies in, if that is the one.
        changed: How many sources of the tree that copy does not have, or has otherwise.
        lacks: The name of the registry, where neither has it.
    """

    places: tuple[Path, ...] = ()
    in_tree: bool = True
    installed: Path | None = None
    changed: int = 0
    lacks: str = ""

    def __str__(self) -> str:
        if self.in_tree:
            return "the tree"
        files = "1 file of the tree is" if self.changed == 1 else f"{self.changed} files of the tree are"
        return f"the installed copy, in which {files} not as they are now" if self.changed else "the installed copy"

    def explained(self, failure: str) -> str:
        """Return why a start has failed, with what to do where that is for want of the registry."""
        if not self.lacks or self.lacks not in failure:
            return failure
        remedy = 'install the project, or run "deferred-imports generate"'
        return f"{failure}; the tree has no registry {quote(f'{self.lacks}.py')}: {remedy}"

    def in_project(self, files: Mapping[str, Path]) -> dict[str, str]:
        """Map the real paths of what runs to the names of the modules.

        Args:
            files: The files of the modules in the tree.
        """
        found = {os.path.realpath(path): name for name, path in files.items()}
        for name, path in files.items() if self.installed else ():
            for place in self.places:
                if path.is_relative_to(place):
                    found[os.path.realpath(Path(self.installed or "", path.relative_to(place)))] = name
        return found


def copy_of(places: Sequence[Path], registry: Path | None = None, module: str = "") -> Copy:
    """Return the copy to run: the tree's, unless only the installed one has the registry.

    Args:
        places: The directories of the tree that hold the project's modules.
        registry: The generated file, if the project has a table.
        module: The import name of that file.
    """
    tree = Copy(tuple(places))
    if registry is None or registry.exists():
        return tree
    spec = find_spec(module)
    if spec is None:
        return Copy(tuple(places), lacks=registry.stem)
    if spec.origin is None or Path(spec.origin).resolve() == registry.resolve():
        return tree
    installed = Path(spec.origin)
    changed = _changed(registry.parent, installed.parent)
    return Copy(tuple(places), in_tree=False, installed=installed.parents[module.count(".")], changed=changed)


def copy_with(document: Mapping[str, object], modules: Mapping[str, Path], package: str) -> Copy:
    """Return the copy to run of a project.

    Args:
        document: Its pyproject.toml; without a table of ours, there is no registry to look for.
        modules: The files of its modules.
        package: The package that has the registry, unless the table names another.
    """
    places = places_of(modules)
    registry = generated_module(document, package)
    holder, _, name = registry.rpartition(".")
    if holder not in modules:
        return copy_of(places)
    return copy_of(places, modules[holder].parent / f"{name}.py", registry)


def generated_module(document: Mapping[str, object], package: str) -> str:
    """Return the name of the module that a table of ours has builds generate, or nothing without a table.

    Args:
        document: The pyproject.toml.
        package: The package that it is in, unless the table names another.
    """
    package = text_at(document, *TABLE, "package") or package
    if not package or TABLE[1] not in table_at(document, TABLE[0]):
        return ""
    return f"{package}.{text_at(document, *TABLE, 'registry') or '_deferred'}"


def places_of(modules: Mapping[str, Path]) -> list[Path]:
    """Return the directories that modules are imported from, each once."""
    return list(dict.fromkeys(place_of(name, path) for name, path in modules.items()))


def place_of(module: str, path: Path) -> Path:
    """Return the directory that has to be on `sys.path` for a module to be found."""
    return path.parents[module.count(".") + path.name.startswith("__init__.")]


def _changed(tree: Path, installed: Path) -> int:
    """Return how many sources of a package are not the same where it is installed."""
    return sum(_is_other(path, installed / path.relative_to(tree)) for path in _sources(tree))


def _sources(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*.py") if path.is_file())


def _is_other(path: Path, copy: Path) -> bool:
    try:
        return path.read_bytes() != copy.read_bytes()
    except OSError:
        return True
