"""The table [tool.deferred-imports], parsed into a frozen value: mappings in, `Manifest` out, nothing read or written.

`parse` is the edge: what comes out is valid, and what is not valid comes out as one ManifestError that lists it all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from deferred_imports.tooling.table.coverage import BroughtBy, nothing
from deferred_imports.tooling.table.entries import (
    EXAMPLE,
    EXPORTING_NAMES,
    RESERVED_NAMES,
    EntriesReader,
    Entry,
    Target,
    is_dunder,
    is_name,
)
from deferred_imports.tooling.table.exports import ExportsReader
from deferred_imports.tooling.table.keep import read_keep
from deferred_imports.tooling.table.problems import (
    TABLE,
    ManifestError,
    Problem,
    Problems,
    alternatives,
    describe,
    did_you_mean,
    quote,
)
from deferred_imports.tooling.table.requirements import is_distribution, read_requirements
from deferred_imports.tooling.table.wrapping import read_wrapped

__all__ = ["Entry", "Manifest", "ManifestError", "Shipped", "Target", "parse_table"]

# What a project lacks whose backend is told all in other ways (PEP 621); nothing moves from there.
_PROJECT = '[project] with name = "..." and dynamic = ["version", "dependencies", "optional-dependencies", "scripts"]'
KEYS = ("package", "registry", "discover", "backend", "backend-path", "imports", "exports", "scan")


@dataclass(frozen=True)
class Manifest:
    """The whole table, with what [project] and the wheel add to it.

    Attributes:
        project: The name of the distribution.
        package: The import package that gets the registry.
        registry: The name of that module.
        discover: Whether what functions import belongs to it, too.
        entries: The table `imports`.
        exports: The table `exports`; the names begin with a dot, as in `.Forecast` and `.commands.report`.
        over_submodules: The names of those exports by which there is a submodule as well.
    """

    project: str
    package: str
    registry: str
    discover: bool
    entries: tuple[Entry, ...]
    exports: tuple[Entry, ...] = ()
    over_submodules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shipped:
    """What the wheel ships: all modules, and those of them that are regular packages, by their absolute names."""

    modules: frozenset[str]
    packages: frozenset[str]


def parse_table(
    document: Mapping[str, object], shipped: Shipped, *, sure: bool = True, brought_by: BroughtBy = nothing
) -> Manifest:
    """Parse and validate the table of a pyproject.toml.

    Args:
        document: The whole file, as tomllib reads it.
        shipped: What the wheel of this project ships.
        sure: Whether what the file leaves to its backend is all in it.
        brought_by: Says which installed distributions bring a module, for remedies.

    Raises:
        ManifestError: With every problem that there is, in the order of the file.
    """
    table = find_table(document)
    problems = Problems(document)
    requirements = read_requirements(document, problems, sure=sure)
    for key in table:
        if key not in KEYS:
            problems.add((*TABLE, key), f"unknown key{did_you_mean(key, KEYS)}")
    read_wrapped(document, table, problems)
    read_keep(table.get("scan", {}), problems)
    project = _read_project(document, problems)
    registry = _read_registry(table.get("registry", "_deferred"), problems)
    package = _read_package(table.get("package"), project, shipped, problems)
    discover = _read_discover(table.get("discover", False), problems)
    reserved = RESERVED_NAMES | (EXPORTING_NAMES if table.get("exports") else frozenset())
    about = (problems, requirements, shipped.modules, package, registry)
    entries = EntriesReader(*about, brought_by=brought_by, reserved=reserved).read(table.get("imports", {}))
    exports = ExportsReader(*about, brought_by=brought_by).read(table.get("exports", {}), entries)
    if table.get("imports", {}) == {} and table.get("exports", {}) == {} and not discover:
        problems.add((*TABLE, "imports"), f"expected at least one name, as in {EXAMPLE}, got none")
    problems.raise_if_any()
    return Manifest(
        project,
        package,
        registry,
        discover,
        # By name, so that a table written in another order gives the same bytes.
        entries=tuple(sorted(entries, key=lambda entry: entry.name)),
        exports=tuple(sorted(exports, key=lambda entry: entry.name)),
        over_submodules=tuple(
            sorted(
                entry.name
                for entry in exports
                if package + entry.name in shipped.modules and str(entry.targets[0]) != entry.name
            )
        ),
    )


def find_table(document: Mapping[str, object]) -> Mapping[str, object]:
    """Return the table as it stands there; raise a ManifestError when there is none."""
    tool = document.get("tool", {})
    if not isinstance(tool, Mapping):
        raise ManifestError([Problem("tool", f"expected a table, got {describe(tool)}")])
    if TABLE[1] not in tool:
        what = "pyproject.toml has no [tool.deferred-imports] table"
        remedy = (
            f'add [tool.deferred-imports.imports] with a line like {EXAMPLE}, or let "deferred-imports init" add it'
        )
        raise ManifestError([Problem("", f"{what}; {remedy}")])
    table = tool[TABLE[1]]
    if not isinstance(table, Mapping):
        raise ManifestError([Problem("", f"expected a table, got {describe(table)}")])
    return table


def _read_project(document: Mapping[str, object], problems: Problems) -> str:
    project = document.get("project", {})
    if not isinstance(project, Mapping):
        problems.add(("project",), f"expected a table, got {describe(project)}")
        return ""
    name = project.get("name")
    if not isinstance(name, str):
        got = "nothing" if name is None else describe(name)
        remedy = "" if "project" in document else f"; add {_PROJECT}"
        problems.add(("project", "name"), f"expected the name of the project, got {got}{remedy}")
        return ""
    if not is_distribution(name):
        problems.add(("project", "name"), f"expected the name of a distribution, got {quote(name)}")
    return name


def _read_registry(value: object, problems: Problems) -> str:
    place = (*TABLE, "registry")
    if not isinstance(value, str):
        problems.add(place, f"expected a string, got {describe(value)}")
    elif not is_name(value) or is_dunder(value):
        problems.add(place, f'expected the name of a module, as in "_deferred", got {quote(value)}')
    else:
        return unicodedata.normalize("NFKC", value)  # as an import statement reads it
    return "_deferred"


def _read_discover(value: object, problems: Problems) -> bool:
    place = (*TABLE, "discover")
    if not isinstance(value, bool):
        problems.add(place, f"expected a boolean, got {describe(value)}")
        return True  # it asks for something, so an empty table is not a second problem
    return value


def _read_package(value: object, project: str, shipped: Shipped, problems: Problems) -> str:
    """Find the package that gets the registry; give "" when there is none."""
    place = (*TABLE, "package")
    tops = sorted(name for name in shipped.packages if name.rpartition(".")[0] not in shipped.packages)
    if not tops:
        modules = ", ".join(map(quote, sorted(shipped.modules)))
        got = f"a wheel that ships only {modules}" if modules else "a wheel that ships no module at all"
        problems.add(place, f"expected an import package, a directory with __init__.py, for the registry, got {got}")
    elif value is None:
        own = [top for top in tops if canonicalize_name(top) == canonicalize_name(project)]
        if len(tops) == 1 or own:
            return (own or tops)[0]
        remedy = f"write one, as in package = {quote(tops[0])}"
        problems.add(place, f"expected {alternatives(tops)}, as the wheel ships several packages, got none; {remedy}")
    elif not isinstance(value, str):
        problems.add(place, f"expected a string, as one package of a wheel has its registry, got {describe(value)}")
    elif value not in shipped.packages:
        near = did_you_mean(value, shipped.packages)
        problems.add(place, f"expected a package that the wheel ships, {alternatives(tops)}, got {quote(value)}{near}")
    else:
        return value
    return ""
