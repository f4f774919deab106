"""What the author of a project should know once there is a table, and what to do next."""

from __future__ import annotations

from deferred_imports.tooling.project.generation import how_to_reach
from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.project.pyproject import is_baked
from deferred_imports.tooling.project.tree import Project
from deferred_imports.tooling.project.workspace import workspace_of
from deferred_imports.tooling.source.usage import Usage
from deferred_imports.tooling.table.problems import quote

MOVE = "deferred-imports adopt"
# What makes the registry in the tree, by the lock beside pyproject.toml: environments of these tools have no pip, and
# "poetry install" asks no build backend.
_MAKE = {"uv.lock": "uv sync", "pdm.lock": "pdm install", "poetry.lock": "deferred-imports generate"}


def notes_on(project: Project, usage: Usage) -> tuple[str, ...]:
    """Return what the table cannot change: nothing to defer yet, no import of the registry, unreadable files."""
    package = quote(project.manifest.package)
    notes = list(map(str, usage.skipped))
    if not (project.manifest.entries or project.manifest.exports or usage.entries):
        notes.append(
            f"nothing is deferred yet: no function of {package} imports anything that can wait; "
            '"deferred-imports scan" shows what could move into functions'
        )
    elif reach := how_to_reach(project, usage):
        notes.append(reach)
    return tuple(notes)


def next_steps(project: Project) -> tuple[str, ...]:
    """Return the commands that come next, each with what it does."""
    package, registry = quote(project.manifest.package), shown(project.registry_path)
    if is_baked(project.document):
        make = (_make(project), f"makes {registry}, as every build does; again after each change of the table")
    else:
        make = ("deferred-imports generate", f"writes {registry}, to be committed; again after each change")
    steps = [
        (MOVE, f"shows which imports of {package} can move into functions, and what that saves; --write writes it"),
        make,
        ("deferred-imports check", "for CI: what the table declares stays deferred"),
    ]
    width = max(len(command) for command, _ in steps)
    return tuple(f"  {command:{width}}  {purpose}" for command, purpose in steps)


def _make(project: Project) -> str:
    places = (project.root, workspace_of(project.root))
    return next(
        (command for place in places for lock, command in _MAKE.items() if (place / lock).is_file()), "pip install -e ."
    )
