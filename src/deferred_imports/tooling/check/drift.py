"""Whether a project still defers what it declares: what its table, registry and sources say. Runs nothing of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name

from deferred_imports.tooling.check.attributes import find_lacking
from deferred_imports.tooling.check.exported import ATTACH, find_unexported
from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.check.pythons import find_partial
from deferred_imports.tooling.project.attribution import targets_of
from deferred_imports.tooling.project.brought import brought_by
from deferred_imports.tooling.project.entrances import loaded
from deferred_imports.tooling.project.initializer import (
    UnsuitableError,
    import_of,
    is_inert,
    is_out_of_reach,
    out_of_reach,
    with_import,
)
from deferred_imports.tooling.project.pyproject import is_baked
from deferred_imports.tooling.project.registry_file import read_registry
from deferred_imports.tooling.project.tree import Project
from deferred_imports.tooling.registry.environment import find_spec, here
from deferred_imports.tooling.source.usage import Import, Usage
from deferred_imports.tooling.table.lifetimes import marker_for, when_it_is_there
from deferred_imports.tooling.table.lines import line_of
from deferred_imports.tooling.table.manifest import Entry
from deferred_imports.tooling.table.problems import did_you_mean, quote
from deferred_imports.tooling.table.stdlib import is_standard


def find_drift(project: Project, registry: str, usage: Usage, *, environment: bool = True) -> list[Finding]:
    """Return what is wrong in a project with a valid table, by file and line.

    Args:
        project: The project.
        registry: What its generated file should say.
        usage: What its sources say.
        environment: Whether the declared modules should be found in this environment.
    """
    found = [
        *_registry(project, registry),
        *(_not_found(project, usage) if environment else ()),
        *find_partial(project, partial(_declaration, project), _is_absent if environment else None),
        *(_lacking(project, usage) if environment else ()),
        *_unused(project, usage),
        *_undeclared(project, usage),
        *_not_deferred(project, usage),
        *_taken(project, usage),
        *find_unexported(project, usage),
        *_out_of_reach(project, usage),
        *_skipped(project, usage),
    ]
    return sorted(found, key=lambda item: (item.path != project.root / "pyproject.toml", str(item.path), item.line))


def _registry(project: Project, expected: str) -> Iterator[Finding]:
    path = project.registry_path
    found = read_registry(path)
    if found == expected:
        return
    run = 'run "deferred-imports generate"'
    if found is not None:
        yield Finding("registry-stale", path, 1, f"the registry {quote(path.name)} is out of date", run)
    elif is_baked(project.document):
        reason = f"the tree has no registry {quote(path.name)}; a build makes it"
        yield Finding("registry-missing", path, 1, reason, "install the project, or " + run, note=True)
    else:
        yield Finding("registry-missing", path, 1, f"the project has no registry {quote(path.name)}", run)


def _not_found(project: Project, usage: Usage) -> Iterator[Finding]:
    for entry in [*project.manifest.entries, *project.manifest.exports, *usage.entries]:
        modules = list(dict.fromkeys(target.module for target in entry.targets))
        if entry.marker and not Marker(entry.marker).evaluate({"extra": ""}):
            continue
        if any(module.startswith(".") or find_spec(module) for module in modules):
            continue
        what = " or ".join(map(quote, modules))
        words = when_it_is_there(modules[0]) if len(modules) == 1 and is_standard(modules[0]) else None
        remedy = f"{words}; say so by marker = {quote(marker_for(modules[0]))}" if words else None
        requirement = f"{project.manifest.project}[{entry.extra}]" if entry.extra else entry.distribution
        is_named = entry not in usage.entries
        yield Finding(
            "module-missing",
            *(_declaration(project, entry) if is_named else _first_import(project, usage, modules)),
            f"{f'{entry.name}: ' if is_named else ''}{what} is not installed in {here()}",
            remedy or f"install {quote(requirement) if requirement else 'the distribution that provides it'}",
            note=entry.optional,
        )


def _is_absent(module: str) -> bool:
    return not find_spec(module)


def _lacking(project: Project, usage: Usage) -> Iterator[Finding]:
    def place(entry: Entry) -> tuple[Path, int]:
        if entry not in usage.entries:
            return _declaration(project, entry)
        for item in usage.imports:
            if item.when == "call" and entry.targets in item.targets:
                return project.modules[item.importer], item.line
        return project.root / "pyproject.toml", 1

    yield from find_lacking(project, [*project.manifest.entries, *project.manifest.exports, *usage.entries], place)


def _first_import(project: Project, usage: Usage, modules: list[str]) -> tuple[Path, int]:
    """Return where an import that the table does not name stands first."""
    for item in usage.imports:
        if item.when == "call" and set(modules) <= set(item.candidates):
            return project.modules[item.importer], item.line
    return project.root / "pyproject.toml", 1


def _unused(project: Project, usage: Usage) -> Iterator[Finding]:
    used = {name for names in usage.keys.values() for name in names}
    used |= {use.name for use in usage.uses}
    if usage.skipped or _asks_for_any_name(project):  # then nobody can tell
        return
    sources: list[str] | None = None
    for entry in project.manifest.entries:
        if entry.name in used or any(_is_for(entry, item, project) for item in usage.imports):
            continue
        if sources is None:
            sources = _texts(project)
        # In a quoted annotation, say, which no analysis follows.
        if any(re.search(rf"\.\s*{re.escape(entry.name)}\b", text) for text in sources):
            continue
        package = quote(project.manifest.package)
        where = package if len(_tops(project)) == 1 else "what the wheel ships"
        message = f"{entry.name}: nothing in {where} uses it"
        yield Finding("unused", *_declaration(project, entry), message, "remove it from the table")


def _undeclared(project: Project, usage: Usage) -> Iterator[Finding]:
    declared = [entry.name for entry in project.manifest.entries] + [ATTACH] * bool(project.manifest.exports)
    own = f"{project.manifest.package}.{project.manifest.registry}"
    for use in usage.uses:
        if use.name not in declared and not use.name.startswith("_"):
            message = f"{quote(own)} has no import named {quote(use.name)}"
            remedy = (
                did_you_mean(use.name, declared).removeprefix("; ")
                or "declare it in the table, or import it in the ordinary way"
            )
            yield Finding("undeclared-name", project.modules[use.importer], use.line, message, remedy)
    if not project.manifest.discover:
        return
    for item in usage.undeclared:
        if item.when not in {"call", "lazy"} or item.optional or item.marker:
            continue
        names = brought_by(f"{item.module}.{item.names[0]}" if item.names else item.module)
        yield Finding(
            "undeclared",
            project.modules[item.importer],
            item.line,
            f"{quote(item.module)} is imported here, but no declared requirement provides it",
            _how_to_cover(project, item.module, names),
            note=True,  # it is deferred all the same; whether it is missing, only the author can tell
        )


def _how_to_cover(project: Project, module: str, distributions: list[str]) -> str:
    text = str(project.document.get("project", ""))
    for name in dict.fromkeys(distributions):
        if re.search(rf"['\"]{re.escape(name)}\b", text, re.IGNORECASE):
            key = module.rpartition(".")[2]
            return f"declare it: {key} = {quote({'module': module, 'distribution': name})}"
    name = quote(canonicalize_name(distributions[0])) if distributions else "what provides it"
    return f"add {name} to [project] dependencies"


def _not_deferred(project: Project, usage: Usage) -> Iterator[Finding]:
    at_once, maybe = loaded(project, usage)
    told: set[tuple[str, int, str]] = set()
    for item in usage.imports:
        if item.when != "import" or item.importer not in at_once | maybe:
            continue
        for entry in project.manifest.entries:
            module = _loaded_by(item, entry, project)
            if module and (place := (item.importer, item.line, entry.name)) not in told:
                told.add(place)
                elsewhere = "" if item.importer in at_once else ", which no entry point imports"
                yield Finding(
                    "not-deferred",
                    project.modules[item.importer],
                    item.line,
                    f"{quote(module)} is deferred as {entry.name}, but this line imports it with the module{elsewhere}",
                    f"import it in the functions that use it, or write {project.manifest.registry}.{entry.name} there",
                    note=bool(elsewhere),
                )


def _taken(project: Project, usage: Usage) -> Iterator[Finding]:
    registry = project.manifest.registry
    declared = {entry.name for entry in project.manifest.entries}
    for use in usage.uses:
        if use.taken and use.when == "import" and use.name in declared:
            yield Finding(
                "resolved-at-once",
                project.modules[use.importer],
                use.line,
                f"this line takes {use.name} from {quote(registry)}, which resolves it at once",
                f"write from . import {registry}, and {registry}.{use.name} where it is used",
            )


def _out_of_reach(project: Project, usage: Usage) -> Iterator[Finding]:
    """Yield a note where wheels will not see to it: all works without it that names the package."""
    inert = is_inert(project.manifest, usage)
    if not inert and not is_out_of_reach(project.manifest, usage):
        return
    path = project.modules[project.manifest.package]
    remedy = f"add the line {quote(import_of(project.manifest))}"
    if is_baked(project.document) and not inert:
        try:
            with_import(path.read_bytes(), project.manifest)
        except UnsuitableError as error:
            remedy = f"a build does not change this file: {error}; {remedy} yourself"
        else:
            return
    yield Finding("out-of-reach", path, 1, out_of_reach(project.manifest), remedy, note=True)


def _skipped(project: Project, usage: Usage) -> Iterator[Finding]:
    for item in usage.skipped:
        message = f"{quote(item.module)} cannot be analysed: {item.reason}"
        yield Finding("skipped", project.modules[item.module], 1, message, "", note=True)


def _is_for(entry: Entry, item: Import, project: Project) -> bool:
    """Tell whether an import, wherever it stands, is one that an entry declares."""
    return item.when != "import" and _loaded_by(item, entry, project) is not None


def _loaded_by(item: Import, entry: Entry, project: Project) -> str | None:
    """Return the module of an entry that an import loads."""
    names = {item.module, *(f"{item.module}.{name}" for name in item.names or ())}
    modules = targets_of(entry, project.manifest.package)
    return next((module for module in modules for name in names if f"{name}.".startswith(f"{module}.")), None)


def _asks_for_any_name(project: Project) -> bool:
    """Tell whether a source reads names of the registry that only running it would show."""
    registry = rf"(?:\w+\.)*{project.manifest.registry}"
    dynamic = re.compile(rf"\b(?:getattr|hasattr|vars|dir)\(\s*{registry}\s*(?:\)|,\s*[^\"'\s])")
    return any(map(dynamic.search, _texts(project)))


def _tops(project: Project) -> set[str]:
    return {module.partition(".")[0] for module in project.modules}


def _texts(project: Project) -> list[str]:
    """Return all sources that the wheel ships: those of other packages may use the registry, too."""
    paths = (path for path in project.modules.values() if path.suffix == ".py" and path != project.registry_path)
    return [path.read_bytes().decode("utf-8", "replace") for path in paths if path.is_file()]


def _declaration(project: Project, entry: Entry) -> tuple[Path, int]:
    path = project.root / "pyproject.toml"
    return path, line_of(path.read_text(encoding="utf-8"), entry.name)
