"""A project with a valid table, as its tree has it: `pyproject.toml`, the modules that it ships, what it requires.

For the command, the build hook and the checks. It tells what is there and leaves the judging to `manifest`; the hook
brings its own modules, since hatchling knows better than the tree what a wheel ships.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deferred_imports.tooling.project.brought import brought_by
from deferred_imports.tooling.project.metadata import as_far_as_known
from deferred_imports.tooling.project.modules import find_modules
from deferred_imports.tooling.project.pyproject import read_toml, with_hatch_file
from deferred_imports.tooling.table.manifest import Manifest, Shipped, parse_table
from deferred_imports.tooling.table.problems import Problems
from deferred_imports.tooling.table.requirements import Requirements, read_requirements


@dataclass(frozen=True)
class Project:
    """A project with a valid table, and where its parts are."""

    root: Path
    document: Mapping[str, object]
    manifest: Manifest
    modules: Mapping[str, Path]
    """The files of all modules that it ships, by dotted name."""
    sure: bool = True
    """Whether all is known that it requires."""

    @property
    def package_dir(self) -> Path:
        """Where the package's `__init__.py` lies."""
        return self.modules[self.manifest.package].parent

    @property
    def registry_path(self) -> Path:
        """Where the generated file belongs in the tree."""
        return self.package_dir / f"{self.manifest.registry}.py"

    @property
    def shipped(self) -> Shipped:
        """What the wheel ships."""
        return _shipped(self.modules)

    @property
    def requirements(self) -> Requirements:
        """What the project requires; what is wrong about that, the manifest has told."""
        return read_requirements(self.document, Problems(self.document), sure=self.sure)

    @property
    def source_paths(self) -> dict[str, Path]:
        """The package's own Python files by dotted name, the registry left out."""
        package = f"{self.manifest.package}."
        return {
            name: path
            for name, path in sorted(self.modules.items())
            if f"{name}.".startswith(package) and path.suffix == ".py" and name != package + self.manifest.registry
        }

    def read_sources(self) -> dict[str, bytes]:
        """Return what is in them."""
        return {name: path.read_bytes() for name, path in self.source_paths.items()}


def load_project(root: Path) -> Project:
    """Return the project whose `pyproject.toml` lies in `root`, with the modules that its tree holds."""
    document = with_hatch_file(root, read_toml(root / "pyproject.toml"))
    return assemble(root, document, find_modules(root, document))


def assemble(root: Path, document: Mapping[str, object], modules: Mapping[str, Path]) -> Project:
    """Return the project that ships `modules`; what its document leaves to the backend is filled in.

    Raises:
        ManifestError: with every problem of the table.
    """
    filled, sure = as_far_as_known(root, document)
    return Project(
        root, filled, parse_table(filled, _shipped(modules), sure=sure, brought_by=brought_by), modules, sure
    )


def _shipped(modules: Mapping[str, Path]) -> Shipped:
    packages = (name for name, path in modules.items() if path.name.startswith("__init__."))
    return Shipped(modules=frozenset(modules), packages=frozenset(packages))
