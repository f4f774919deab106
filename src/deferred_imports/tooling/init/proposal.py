"""The verb `init`, top to bottom: what a project lacks to declare deferred imports. Runs nothing of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from deferred_imports.tooling.init.advice import next_steps, notes_on
from deferred_imports.tooling.init.editor import TomlEditor, UnchangeableError
from deferred_imports.tooling.init.ignoring import is_versioned, with_ignored
from deferred_imports.tooling.init.lazy_loader import ConvertedInit, InconvertibleError, convert_init, exports_table
from deferred_imports.tooling.init.wrapping import SETUPTOOLS, to_wrap, what_is_wrapped, wrapping
from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.modules import find_modules
from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.project.pyproject import has_hook, has_setup, is_baked, read_toml, with_hatch_file
from deferred_imports.tooling.project.tree import Project, assemble
from deferred_imports.tooling.project.writing import write_whole
from deferred_imports.tooling.source.usage import Usage
from deferred_imports.tooling.table.document import table_at, text_at
from deferred_imports.tooling.table.names import lies_in
from deferred_imports.tooling.table.problems import TABLE, ManifestError, Problem, quote
from deferred_imports.tooling.table.wrapping import is_wrapping

HOOK = "hatch-deferred-imports"
RUNTIME = "deferred-imports"
_HOOKS = ("tool", "hatch", "build", "hooks", "deferred-imports")
_DISCOVER = """\
discover = true  # what functions import
# To use an import as _deferred.np, name it: imports.np = "numpy"
"""


@dataclass(frozen=True)
class Change:
    """A file, what it says, and what it should say; it may not be there yet."""

    path: Path
    old: str | None
    new: str


@dataclass(frozen=True)
class Proposal:
    """What should be written, and what the author should know: notes, and what to do next."""

    path: Path
    """The pyproject.toml."""
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    steps: tuple[str, ...]


def propose(
    root: Path, *, package: str | None = None, runtime: bool | None = None, is_generated: bool = False
) -> Proposal:
    """Return what to write into a project; parts that are there already stay as they are.

    Args:
        root: The project.
        package: The import package that gets the registry; by default the one that the project ships.
        runtime: Whether the project depends on the runtime; by default, when it imports it.
        is_generated: Whether a registry in the tree has just been made there, so that it is no committed one.

    Raises:
        ManifestError: when the file cannot be read, or what it says already is not valid.
        UnchangeableError: when only its author can add to it.
    """
    path = root / "pyproject.toml"
    document = read_toml(path) if path.is_file() or not has_setup(root) else {}
    old = _content(path)
    wrapped = to_wrap(root, document, is_generated=is_generated)  # what our table has to say of the build backend
    chosen = {**({"package": package} if package else {}), **wrapped}
    has_table = bool(table_at(document, *TABLE))
    project = _as_it_will_be(root, document, wrapped if has_table else {**chosen, "discover": True}, package)
    usage = discover_in(project)

    editor = TomlEditor(old or "")
    notes = _let_build(editor, project, wrapped)
    notes += _add_runtime(editor, document, usage, runtime=runtime)
    if not has_table:
        editor.append(TABLE, _lines(chosen) + _DISCOVER)
    elif wrapped:
        editor.insert(TABLE, _lines(wrapped))
    converted, stays = _without_lazy_loader(project)
    if converted:
        editor.append((*TABLE, "exports"), exports_table(converted, project.manifest.package))
        notes.append("lazy-loader no longer serves these packages; stubs beside them (.pyi) stay, for type checkers")
    notes += stays
    new = editor.text()
    after = assemble(root, with_hatch_file(root, editor.parsed(new)), project.modules)
    inits = [(project.modules[module], one.text) for module, one in converted.items()]
    changes = [Change(path, old, new), *_ignored(after), *(Change(file, _content(file), text) for file, text in inits)]
    return Proposal(
        path=path,
        changes=tuple(change for change in changes if change.old != change.new),
        notes=(*notes, *notes_on(after, usage)),
        steps=next_steps(after),
    )


def write(proposal: Proposal) -> None:
    """Write what was proposed.

    Raises:
        UnchangeableError: when a file has changed since; then none is written.
        OSError: when one cannot be written.
    """
    for change in proposal.changes:
        if _content(change.path) != change.old:
            raise UnchangeableError(
                f"{change.path.name} was changed by another program, so nothing was written; try again"
            )
    for change in proposal.changes:
        path = Path(os.path.realpath(change.path))  # a symbolic link stays one
        write_whole(path, change.new.encode("utf-8", "surrogateescape"))


def _as_it_will_be(root: Path, document: Mapping[str, Any], keys: Mapping[str, object], package: str | None) -> Project:
    """Return the project with these keys in its table, and the build backend that goes with them."""
    if "backend" in keys:
        document = {**document, "build-system": wrapping(document)}
    table = {**keys, **table_at(document, *TABLE)}
    document = {**document, TABLE[0]: {**table_at(document, TABLE[0]), TABLE[1]: table}}
    try:
        return assemble(root, document, find_modules(root, document))
    except ManifestError as error:
        if package is not None:
            raise
        option = 'or let "deferred-imports init --package NAME" write it'
        problems = [
            Problem(item.address, f"{item.message}, {option}" if "several packages" in item.message else item.message)
            for item in error.problems
        ]
        raise ManifestError(problems) from error


def _let_build(editor: TomlEditor, project: Project, wrapped: Mapping[str, Any]) -> list[str]:
    """Add what makes builds ship the registry, and return what the author should know of that."""
    document = project.document
    if text_at(document, "build-system", "build-backend") == "hatchling.build":
        editor.require("build-system", "requires", HOOK)
        beside = project.root / "hatch.toml"  # which takes precedence over [tool.hatch]
        configured = read_toml(beside) if beside.is_file() else {}
        if "build" in configured:
            if TABLE[1] not in table_at(configured, "build", "hooks"):
                return ["hatch.toml configures the build; add [build.hooks.deferred-imports] to it"]
        elif not has_hook(document):
            editor.append(_HOOKS)
    elif wrapped:
        system = table_at(document, "build-system")
        if not editor.wrap(system, f"{RUNTIME}[build]"):
            editor.append(("build-system",), _lines({**system, "requires": [f"{RUNTIME}[build]", SETUPTOOLS]}))
        return [what_is_wrapped(wrapped["backend"])]
    elif not is_wrapping(document):
        return ['the registry is in the tree: run "deferred-imports generate" before each build']
    return []


def _add_runtime(
    editor: TomlEditor, document: Mapping[str, object], usage: Usage, *, runtime: bool | None
) -> list[str]:
    """Add the dependency on the runtime where it is wanted, or return what to do where that is not possible."""
    if runtime is None:
        runtime = any(item.module.partition(".")[0] == "deferred_imports" for item in usage.imports)
    if not runtime:
        return []
    dynamic = table_at(document, "project").get("dynamic")
    if isinstance(dynamic, list) and "dependencies" in dynamic:
        return [f"[project] dependencies are dynamic; add {quote(RUNTIME)} where they come from"]
    editor.require("project", "dependencies", RUNTIME)
    return []


def _without_lazy_loader(project: Project) -> tuple[dict[str, ConvertedInit], list[str]]:
    """Return the packages that lazy-loader serves as they are with our exports, and what to say of those that stay."""
    converted: dict[str, ConvertedInit] = {}
    stays = []
    package, registry = project.manifest.package, project.manifest.registry
    for module, path in sorted(project.modules.items()):
        if project.manifest.exports or path.name != "__init__.py" or not lies_in(module, package):
            continue
        stub = path.with_suffix(".pyi")
        content = stub.read_bytes() if stub.is_file() else None
        try:
            found = convert_init(path.read_bytes(), content, module, package, registry)
        except InconvertibleError as error:
            stays.append(f"{shown(path)} stays with lazy-loader: {error}")
        else:
            converted |= {module: found} if found else {}
    return converted, stays


def _ignored(project: Project) -> list[Change]:
    """Return the change that has git ignore the registry, where builds make it."""
    root = project.root
    if not is_baked(project.document) or not is_versioned(root):
        return []
    path = root / ".gitignore"
    old = _content(path)
    registry = PurePosixPath(os.path.relpath(project.registry_path, root).replace(os.sep, "/"))
    return [Change(path, old, with_ignored(old, registry))]


def _content(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", "surrogateescape") if path.is_file() else None


def _lines(keys: Mapping[str, object]) -> str:
    return "".join(f"{key} = {quote(value)}\n" for key, value in keys.items())
