"""The table [tool.deferred-imports], parsed into a frozen value: mappings in, `Manifest` out, nothing read or written.

`parse` is the edge: what comes out is valid, and what is not valid comes out as one ManifestError that lists it all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from keyword import iskeyword

from packaging.utils import InvalidName, canonicalize_name

from deferred_imports.tooling.markers import compile_marker
from deferred_imports.tooling.problems import (
    TABLE,
    ManifestError,
    Place,
    Problem,
    Problems,
    address,
    alternatives,
    describe,
    did_you_mean,
    quote,
)
from deferred_imports.tooling.requirements import Requirements, Use, check_uses, read_requirements
from deferred_imports.tooling.stdlib import STANDARD_LIBRARY

TABLE_KEYS = ("package", "registry", "discover", "imports")
ENTRY_KEYS = ("module", "extra", "groups", "marker", "distribution", "optional")
# Module globals of the generated registry that are not dunders.
RESERVED_NAMES = frozenset({"TYPE_CHECKING", "os", "sys", "_pending", "_explain"})

_EXAMPLE = 'np = "numpy"'


@dataclass(frozen=True)
class Target:
    """What an entry resolves to; `module` starts with one dot when it is relative to the package."""

    module: str
    attribute: str | None = None

    def __str__(self) -> str:
        return self.module if self.attribute is None else f"{self.module}:{self.attribute}"


@dataclass(frozen=True)
class Entry:
    """One name of the table; the first target that is there is what it stands for."""

    name: str
    targets: tuple[Target, ...]
    extra: str | None
    groups: tuple[str, ...]
    marker: str | None
    distribution: str | None
    optional: bool


@dataclass(frozen=True)
class Manifest:
    """The whole table, with what [project] and the wheel add to it."""

    project: str
    package: str
    registry: str
    discover: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Shipped:
    """What the wheel ships: all modules, and those of them that are regular packages, by their absolute names."""

    modules: frozenset[str]
    packages: frozenset[str]


def parse(document: Mapping[str, object], shipped: Shipped) -> Manifest:
    """Parse and validate the table of a pyproject.toml.

    Args:
        document: The whole file, as tomllib reads it.
        shipped: What the wheel of this project ships.

    Raises:
        ManifestError: With every problem that there is, in the order of the file.
    """
    table = _find_table(document)
    problems = Problems(document)
    requirements = read_requirements(document, problems)
    for key in table:
        if key not in TABLE_KEYS:
            problems.add((*TABLE, key), f"unknown key{did_you_mean(key, TABLE_KEYS)}")
    project = _read_project(document, problems)
    registry = _read_registry(table.get("registry", "_deferred"), problems)
    package = _read_package(table.get("package"), project, shipped, problems)
    discover = _read_discover(table.get("discover", False), problems)
    reader = _EntriesReader(problems, requirements, shipped, package, registry)
    entries = reader.read(table.get("imports", {}))
    if "imports" not in table or table["imports"] == {}:
        if not discover:
            problems.add((*TABLE, "imports"), f"expected at least one name; write one, as in {_EXAMPLE}")
    problems.raise_if_any()
    return Manifest(project, package, registry, discover, entries)


def _find_table(document: Mapping[str, object]) -> Mapping[str, object]:
    tool = document.get("tool", {})
    if not isinstance(tool, Mapping):
        raise ManifestError([Problem("tool", f"expected a table, got {describe(tool)}")])
    if TABLE[1] not in tool:
        what = "pyproject.toml has no [tool.deferred-imports] table"
        raise ManifestError([Problem("", f"{what}; add [tool.deferred-imports.imports] with a line as {_EXAMPLE}")])
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
        problems.add(("project", "name"), f"expected the name of the project, got {got}")
        return ""
    if not _is_distribution(name):
        problems.add(("project", "name"), f"expected the name of a distribution, got {quote(name)}")
    return name


def _read_registry(value: object, problems: Problems) -> str:
    place = (*TABLE, "registry")
    if not isinstance(value, str):
        problems.add(place, f"expected a string, got {describe(value)}")
    elif not _is_name(value) or _is_dunder(value):
        problems.add(place, f'expected the name of a module, as in "_deferred", got {quote(value)}')
    else:
        return value
    return "_deferred"


def _read_discover(value: object, problems: Problems) -> bool:
    place = (*TABLE, "discover")
    if not isinstance(value, bool):
        problems.add(place, f"expected a boolean, got {describe(value)}")
        return True  # it asks for something, so an empty table is not a second problem
    if value:
        problems.add(place, "true is not supported yet; remove it")
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
        remedy = f"write package = {quote(tops[0])}"
        problems.add(place, f"expected {alternatives(tops)}, as the wheel ships several packages, got none; {remedy}")
    elif not isinstance(value, str):
        problems.add(place, f"expected a string, got {describe(value)}")
    elif value not in shipped.packages:
        near = did_you_mean(value, shipped.packages)
        problems.add(place, f"expected a package that the wheel ships, {alternatives(tops)}, got {quote(value)}{near}")
    else:
        return value
    return ""


class _EntriesReader:
    """Reads the table `imports`: first each entry by itself, then what needs all of them."""

    def __init__(
        self, problems: Problems, requirements: Requirements, shipped: Shipped, package: str, registry: str
    ) -> None:
        self._problems = problems
        self._requirements = requirements
        self._shipped = shipped
        self._package = package
        self._registry = registry
        self._entries: list[Entry] = []
        self._uses: list[Use] = []
        self._names: dict[str, Place] = {}
        self._targets: dict[tuple[Target, ...], Place] = {}

    def read(self, imports: object) -> tuple[Entry, ...]:
        place: Place = (*TABLE, "imports")
        if not isinstance(imports, Mapping):
            self._problems.add(place, f"expected a table, got {describe(imports)}")
            return ()
        for name, value in imports.items():
            self._read_entry((*place, name), name, value)
        check_uses(self._uses, self._requirements, self._problems)
        return tuple(self._entries)

    def _read_entry(self, place: Place, key: str, value: object) -> None:
        name = self._read_name(place, key)
        if not isinstance(value, (str, list, Mapping)):
            self._problems.add(place, f"expected a string, an array of strings or a table, got {describe(value)}")
            return
        table = value if isinstance(value, Mapping) else {"module": value}
        for unknown in [item for item in table if item not in ENTRY_KEYS]:
            self._problems.add((*place, unknown), f"unknown key{did_you_mean(unknown, ENTRY_KEYS)}")
        use = Use(place, value)
        targets = self._read_targets(use.at("module"), table.get("module"))
        extra = self._read_extra(use.at("extra"), table.get("extra"))
        groups = self._read_groups(use.at("groups"), table.get("groups", []))
        marker = self._read_marker(use.at("marker"), table.get("marker"))
        distribution = self._read_distribution(use.at("distribution"), table.get("distribution"))
        optional = self._read_optional(use.at("optional"), table.get("optional", "extra" in table))

        chosen = tuple(targets.values())
        if chosen and (first := self._targets.setdefault(chosen, place)) != place:
            what = alternatives(map(str, chosen))
            self._problems.add(place, f"expected each import once, got {what} again, as in {address(first)}; keep one")
        outside = {at: target.module for at, target in targets.items() if self._is_outside(target.module)}
        use = replace(use, modules=tuple(outside.items()), distribution=distribution, extra=extra, optional=optional)
        self._uses.append(use)
        if distribution is None:
            covering = [names[0] for module in outside.values() if (names := self._requirements.covering(module))]
            distribution = self._requirements.spelling[covering[0]] if covering else None
        self._entries.append(Entry(name, chosen, extra, groups, marker, distribution, optional))

    def _read_name(self, place: Place, key: str) -> str:
        name = unicodedata.normalize("NFKC", key)  # as Python reads it in a source
        problem = None
        if not _is_name(key):
            better = re.sub(r"\W", "_", key) if key.isidentifier() is False else f"{key}_"
            remedy = f"; write {better}" if _is_name(better) else ""
            problem = f"expected a Python name, got {'the keyword ' if iskeyword(name) else ''}{quote(key)}{remedy}"
        elif _is_dunder(name):
            problem = f"expected another name, got {quote(key)}; names of this form are Python's own"
        elif name in RESERVED_NAMES:
            problem = f"expected another name, got {quote(key)}; the registry itself uses this name"
        elif (first := self._names.setdefault(name, place)) != place:
            problem = f"expected each name once, got {quote(name)} again; to Python it is {address(first)}"
        if problem is not None:
            self._problems.add(place, problem)
        return name

    def _read_targets(self, place: Place, value: object) -> dict[Place, Target]:
        """Read the candidates of an entry, by their places."""
        if isinstance(value, str):
            candidates: dict[Place, object] = {place: value}
        elif isinstance(value, list) and value:
            candidates = {(*place, index): item for index, item in enumerate(value)}
        else:
            got = "nothing" if value is None else describe(value)
            self._problems.add(place, f"expected a string or an array of strings, as in {_EXAMPLE}, got {got}")
            return {}
        targets: dict[Place, Target] = {}
        for at, item in candidates.items():
            try:
                target = self._read_target(item)
                if target in targets.values():
                    raise ValueError(f"expected each candidate once, got {quote(str(target))} again")
            except ValueError as error:
                self._problems.add(at, str(error))
            else:
                targets[at] = target
        return targets

    def _read_target(self, value: object) -> Target:
        if not isinstance(value, str):
            raise ValueError(f"expected a string, got {describe(value)}")
        if value.startswith(".."):
            raise ValueError(f'expected a module of this package, with one leading ".", got {quote(value)}')
        target = _parse_reference(value)
        package, shipped = self._package, self._shipped.modules
        if target.module in (".", package):
            raise ValueError(f"expected another module than the package itself, got {quote(value)}")
        if package and target.module.startswith(f"{package}."):
            relative = quote(str(target).removeprefix(package))
            reason = "which stays right when the package is renamed or vendored"
            raise ValueError(f"expected {relative}, {reason}, got {quote(value)}")
        if target.module == f".{self._registry}":
            raise ValueError(f"expected another module than the registry itself, got {quote(value)}")
        if package and target.module.startswith(".") and package + target.module not in shipped:
            own = [name.removeprefix(package) for name in sorted(shipped) if name.startswith(f"{package}.")]
            near = did_you_mean(target.module, own)
            raise ValueError(f"expected a module of this package that the wheel ships, got {quote(value)}{near}")
        return target

    def _is_outside(self, module: str) -> bool:
        own = module.startswith(".") or module in self._shipped.modules
        return not own and module.partition(".")[0] not in STANDARD_LIBRARY

    def _read_extra(self, place: Place, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._problems.add(place, f"expected a string, got {describe(value)}")
            return ""
        extra = canonicalize_name(value)
        requirements = self._requirements
        if requirements.extras_known and extra not in requirements.extras:
            extras = requirements.extra_spelling
            expected = f"{alternatives(extras)} from" if extras else "an extra, of which there are none in"
            near = did_you_mean(value, extras)
            problem = f"expected {expected} [project.optional-dependencies], got {quote(value)}{near}"
            self._problems.add(place, problem)
        return extra

    def _read_groups(self, place: Place, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            remedy = f"; write [{quote(value)}]" if isinstance(value, str) else ""
            self._problems.add(place, f"expected an array of strings, got {describe(value)}{remedy}")
            return ()
        for index, item in enumerate(value):
            if not isinstance(item, str) or not item:
                self._problems.add((*place, index), f"expected the name of a group, got {describe(item)}")
            elif item in value[:index]:
                self._problems.add((*place, index), f"expected each group once, got {quote(item)} again")
        return tuple(value)

    def _read_marker(self, place: Place, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._problems.add(place, f"expected a string, got {describe(value)}")
            return None
        try:
            compile_marker(value)
        except ValueError as error:
            self._problems.add(place, str(error))
        return value.strip()

    def _read_distribution(self, place: Place, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._problems.add(place, f"expected a string, got {describe(value)}")
        elif not _is_distribution(value):
            self._problems.add(place, f'expected the name of a distribution, as in "PyYAML", got {quote(value)}')
        else:
            return value
        return None

    def _read_optional(self, place: Place, value: object) -> bool:
        if not isinstance(value, bool):
            self._problems.add(place, f"expected a boolean, got {describe(value)}")
        return bool(value)


def _parse_reference(text: str) -> Target:
    """Parse `module` or `module:attribute`, after the object references of the entry-points specification."""
    module, colon, attribute = text.partition(":")
    parts = [*module.removeprefix(".").split("."), *(attribute.split(".") if colon else [])]
    for part in parts:
        if not _is_name(part) and module != ".":
            reason = f", where {quote(part)} is a keyword" if iskeyword(part) else ""
            raise ValueError(f'expected "module" or "module:attribute", got {quote(text)}{reason}')
    normalised = unicodedata.normalize("NFKC", text)  # as an import statement reads it
    module, colon, attribute = normalised.partition(":")
    return Target(module, attribute if colon else None)


def _is_name(text: str) -> bool:
    name = unicodedata.normalize("NFKC", text)
    return text.isidentifier() and name.isidentifier() and not iskeyword(name)


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_distribution(text: str) -> bool:
    try:
        canonicalize_name(text, validate=True)
    except InvalidName:
        return False
    return True
