"""What a project's wheel gets: the registry, its declaration in dist-info, and perhaps a line in `__init__.py`.

What the wheel ships, requires and says comes from the wheel, not from the tree: from the project comes the table alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from packaging.metadata import parse_email
from packaging.utils import canonicalize_name

from deferred_imports.tooling.bake.wheel import UnsuitableWheelError, Wheel
from deferred_imports.tooling.project.discover import discover, discover_in
from deferred_imports.tooling.project.initializer import (
    UnsuitableError,
    import_of,
    is_out_of_reach,
    out_of_reach,
    with_import,
)
from deferred_imports.tooling.project.metadata import with_metadata
from deferred_imports.tooling.project.modules import modules_of
from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.project.registry_file import is_generated, write_registry
from deferred_imports.tooling.project.tree import Project, assemble
from deferred_imports.tooling.registry import formats
from deferred_imports.tooling.registry.render import count_of, declaration_text, registry_text
from deferred_imports.tooling.source.usage import Usage
from deferred_imports.tooling.table.manifest import Manifest
from deferred_imports.tooling.table.problems import ManifestError, Problem, quote


@dataclass(frozen=True)
class Baked:
    """What was made of a wheel.

    Attributes:
        path: The wheel that has it all.
        changed: Whether that is another than before.
        notes: What was done, a line each.
        warnings: What was left out, and why, a line each.
    """

    path: Path
    changed: bool
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def bake(path: Path, root: Path, out: Path | None = None) -> Baked:
    """Put into a finished wheel what the table of its project says.

    A wheel that has it already stays as it is, to the last byte.

    Args:
        path: The wheel.
        root: Where the project's `pyproject.toml` lies.
        out: The directory for the new wheel; by default it takes the place of the old one.

    Raises:
        UnsuitableWheelError: when nothing can be put into the wheel, or it is another project's.
        ManifestError: when the table is not valid for what the wheel ships.
        OSError: when a file cannot be read or written.
    """
    wheel = Wheel(path)
    project = _project_of(wheel, root)
    manifest = project.manifest
    sources = {name: wheel.contents[member.as_posix()] for name, member in project.source_paths.items()}
    usage = discover(manifest, sources, project.shipped, project.requirements)
    place = _place_of(project, wheel)
    added = {place: registry_text(manifest, usage).encode("utf-8"), **_declaration_of(wheel, manifest, usage)}
    replaced: dict[str, bytes] = {}
    notes, warnings = [], [str(skipped) for skipped in usage.skipped if manifest.discover]
    if is_out_of_reach(manifest, usage):
        initializer, line = project.modules[manifest.package], import_of(manifest)
        try:
            if initializer.name != "__init__.py":
                raise UnsuitableError("it is compiled")
            replaced[initializer.as_posix()] = with_import(wheel.contents[initializer.as_posix()], manifest)
            notes.append(f'{initializer.as_posix()} gets the line "{line}", because nothing imports the registry')
        except UnsuitableError as error:
            what = f'but "{initializer.as_posix()}" was not changed: {error}; add the line "{line}" yourself'
            warnings.append(f"{out_of_reach(manifest)}, {what}")
    notes.append(f"{count_of(manifest, usage)} -> {place}")
    made = (out or path.parent) / path.name
    made.parent.mkdir(parents=True, exist_ok=True)
    return Baked(made, wheel.write(made, added, replaced), tuple(notes), tuple(warnings))


def bake_editable(path: Path, project: Project) -> Baked:
    """Give an editable install what its project's table says: the tree the registry, the wheel the declaration.

    Raises:
        UnsuitableWheelError: when nothing can be put into the wheel, or written into the tree.
        ManifestError: when something else stands where the registry belongs.
        OSError: when a file cannot be read or written.
    """
    wheel = Wheel(path)
    # As the command will see it: what is installed is what this wheel says.
    document = with_metadata(read_toml(project.root / "pyproject.toml"), wheel.metadata)
    project = assemble(project.root, document, project.modules)
    manifest = project.manifest
    if manifest.package in _modules_in(wheel):  # it holds the package itself, and that is what will be imported
        return bake(path, project.root)
    usage = discover_in(project)
    target = project.registry_path
    try:
        write_registry(target, registry_text(manifest, usage))
    except OSError as error:
        raise UnsuitableWheelError(
            f"cannot write {quote(shown(target))}: {error.strerror}\n"
            "An editable install runs from the source tree and needs the file there; run"
            ' "deferred-imports generate" where the tree is writable, or install without -e'
        ) from error
    notes = [f"{count_of(manifest, usage)} -> {shown(target)}"]
    if is_out_of_reach(manifest, usage):
        what = f'in an editable install; a wheel gets the line "{import_of(manifest)}"'
        notes.insert(0, f"{out_of_reach(manifest)} {what}")
    changed = wheel.write(path, _declaration_of(wheel, manifest, usage))
    return Baked(path, changed, tuple(notes), tuple(map(str, usage.skipped)) if manifest.discover else ())


def _project_of(wheel: Wheel, root: Path) -> Project:
    document = read_toml(root / "pyproject.toml")
    written = document.get("project", {})
    name = written.get("name") if isinstance(written, Mapping) else None
    found = parse_email(wheel.metadata)[0].get("name", "")
    if isinstance(name, str) and canonicalize_name(name) != canonicalize_name(found):
        raise UnsuitableWheelError(f"it is a wheel of {quote(found)}, but the pyproject.toml is that of {quote(name)}")
    return assemble(root, with_metadata(document, wheel.metadata), _modules_in(wheel))


def _modules_in(wheel: Wheel) -> dict[str, Path]:
    """Map the modules that a wheel ships to its members."""
    return modules_of((PurePath(place), Path(member)) for place, member in wheel.installed())


def _place_of(project: Project, wheel: Wheel) -> str:
    """Return which member the registry is to be; it replaces an older one, and nothing else."""
    place = project.registry_path
    found = project.modules.get(f"{project.manifest.package}.{project.manifest.registry}", place)
    content = wheel.contents.get(found.as_posix())
    if content is not None and (found != place or not is_generated(content)):
        message = f"{quote(found.as_posix())} in the wheel was not generated by deferred-imports and is not overwritten"
        raise ManifestError([Problem("registry", f"{message}; rename it, or set registry to another name")])
    return place.as_posix()


def _declaration_of(wheel: Wheel, manifest: Manifest, usage: Usage) -> dict[str, bytes]:
    return {f"{wheel.info}/{formats.DECLARATION_FILE}": declaration_text(manifest, usage).encode("utf-8")}
