"""The verb `generate`, top to bottom: a project's registry, compared with the file in the tree or written there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deferred_imports.tooling.project.difference import as_diff
from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.initializer import import_of, is_inert, is_out_of_reach, out_of_reach
from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.project.pyproject import is_baked
from deferred_imports.tooling.project.registry_file import read_registry, write_registry
from deferred_imports.tooling.project.tree import Project, load_project
from deferred_imports.tooling.registry.render import count_of, registry_text
from deferred_imports.tooling.source.usage import Usage
from deferred_imports.tooling.table.problems import RefusalError


@dataclass(frozen=True)
class TreeState:
    """How the file in the tree compares: the difference, nothing if it is up to date, and the words for it."""

    difference: str
    message: str


@dataclass(frozen=True)
class Generation:
    """A project, what its sources use, and the text of its registry."""

    project: Project
    usage: Usage
    text: str

    @property
    def skipped(self) -> tuple[str, ...]:
        """What could not be analysed, where that matters."""
        return tuple(map(str, self.usage.skipped)) if self.project.manifest.discover else ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the author should know about the registry."""
        note = how_to_reach(self.project, self.usage)
        return (note,) if note else ()

    def compare(self) -> TreeState:
        """Compare the registry with the file in the tree.

        Raises:
            ManifestError: when the file there is not ours.
        """
        path = self.project.registry_path
        name, found = shown(path), read_registry(path)
        if found == self.text:
            return TreeState("", f"{name} is up to date")
        what = "missing" if found is None else "out of date"
        changes = as_diff(found, self.text, name, f"{name} (generated)")
        return TreeState(changes, f'{name} is {what}; run "deferred-imports generate"')

    def write(self) -> str:
        """Write the registry into the tree, and return what to say of it.

        Raises:
            ManifestError: when the file there is not ours.
            RefusalError: when it cannot be written.
        """
        path = self.project.registry_path
        try:
            written = write_registry(path, self.text)
        except OSError as error:
            raise RefusalError(f'"{shown(path)}" cannot be written: {error.strerror}') from error
        content = count_of(self.project.manifest, self.usage)
        return f"wrote {shown(path)}: {content}" if written else f"{shown(path)} is up to date: {content}"


def how_to_reach(project: Project, usage: Usage) -> str | None:
    """Return what to do where a table is out of the reach of applications and no build sees to it."""
    manifest = project.manifest
    if not is_inert(manifest, usage) and (is_baked(project.document) or not is_out_of_reach(manifest, usage)):
        return None
    remedy = f'add the line "{import_of(manifest)}" to {shown(project.modules[manifest.package])}'
    return f"{out_of_reach(manifest)}; {remedy}"


def prepare(root: Path) -> Generation:
    """Return what the registry of the project in `root` should say."""
    project = load_project(root)
    usage = discover_in(project)
    return Generation(project, usage, registry_text(project.manifest, usage))
