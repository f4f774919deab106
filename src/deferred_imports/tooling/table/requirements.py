"""What a project declares that it requires: one map from each distribution to the ways in which it gets installed.

Reads [project] and [dependency-groups] as mappings (PEP 508, 621, 685, 735). Which module a distribution brings is said
by its name, or by the list of `known`: nothing is guessed, and nothing depends on what is installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from deferred_imports.tooling.table.combining import all_of, either
from deferred_imports.tooling.table.document import table_at
from deferred_imports.tooling.table.known import known_for
from deferred_imports.tooling.table.markers import compile_marker
from deferred_imports.tooling.table.names import with_parents
from deferred_imports.tooling.table.problems import Place, Problems, describe, quote

# As https://packaging.python.org/specifications/name-normalization/ has it, for projects and for extras.
_DISTRIBUTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_LEADING_NAME = re.compile(r"[A-Za-z0-9]+([._-]+[A-Za-z0-9]+)*")
_VERSION = re.compile(r"_v[0-9][a-z0-9]*$")
_LONGEST = 10  # parts of a module's name that a distribution's may have
# Extras for those who work on a project: what users are told to install is another one, if there is one.
_NOT_FOR_USERS = frozenset("all check ci dev develop development doc docs full lint test testing tests".split())


@dataclass(frozen=True)
class Way:
    """One way in which a distribution gets installed: with the package, or with one of its extras.

    Attributes:
        extra: The extra, or None for [project] dependencies.
        marker: Where; None for everywhere.
        direct: Whether that lists the distribution itself, and not another extra of the project that does.
        tells: Whether the marker says all; else it is installed in fewer places than that.
    """

    extra: str | None
    marker: str | None
    direct: bool
    tells: bool


@dataclass(frozen=True)
class Requirements:
    """The declared requirements; all names are normalised but those in `spelling` and `extra_spelling`.

    Attributes:
        spelling: Each distribution as the user wrote it, in the order of the file.
        ways: How each of them gets installed.
        extra_spelling: The extras.
        groups: The dependency groups that list a distribution.
        extras_known: Whether all extras are known.
        known: False when a part is dynamic or not valid: then it is unknown what is not covered.
    """

    spelling: Mapping[str, str]
    ways: Mapping[str, tuple[Way, ...]]
    extra_spelling: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    extras_known: bool
    known: bool

    @cached_property
    def extras(self) -> Mapping[str, int]:
        """The extras, and how many distributions each installs."""
        counts: dict[str, int] = dict.fromkeys(map(canonicalize_name, self.extra_spelling), 0)
        for ways in self.ways.values():
            for way in ways:
                if way.extra is not None:
                    counts[canonicalize_name(way.extra)] += 1
        return counts

    def covering(self, module: str) -> list[str]:
        """List the distributions that bring a module: of its name or a parent's, the longest first, and known ones."""
        names = dict.fromkeys([*names_for(module), *map(canonicalize_name, known_for(module))])
        return [name for name in names if name in self.spelling]

    def comes_with_package(self, name: str) -> bool:
        """Tell whether [project] dependencies install a distribution, somewhere at least."""
        return any(way.extra is None for way in self.ways.get(name, ()))

    def comes_with(self, name: str, extra: str | None) -> bool:
        """Tell whether an extra installs a distribution, or [project] dependencies do."""
        return any(way.extra in {None, extra} for way in self.ways.get(name, ()))

    def extras_with(self, name: str) -> list[str]:
        """List the extras that list a distribution themselves: those for users first, and then the smallest."""
        found = dict.fromkeys(way.extra for way in self.ways.get(name, ()) if way.extra is not None and way.direct)
        return sorted(found, key=lambda extra: (extra in _NOT_FOR_USERS, self.extras[extra]))

    def where(self, name: str) -> tuple[str | None, bool]:
        """Return where [project] dependencies install a distribution for sure, and whether that is anywhere."""
        ways = [way for way in self.ways.get(name, ()) if way.extra is None and way.tells]
        if not ways or any(way.marker is None for way in ways):
            return None, bool(ways)
        return either(way.marker for way in ways if way.marker), True

    def source_of(self, module: str, extra: str | None) -> str | None:
        """Find the distribution that a module comes from, preferably one that is installed with the extra."""
        covering = self.covering(module)
        installed = (name for name in covering if self.comes_with(name, extra))
        return next(installed, covering[0] if covering else None)


def is_distribution(text: str) -> bool:
    """Tell whether a project on an index, or an extra of one, could have this name."""
    return bool(_DISTRIBUTION.fullmatch(text))


def names_for(module: str) -> list[str]:
    """List the distribution names that google.cloud.storage may have: google-cloud-storage, google-cloud, google."""
    parents = reversed(with_parents(".".join(module.split(".")[:_LONGEST])))
    # Google's modules have the version of an interface in their name: google.cloud.pubsub_v1.
    plain = (name for parent in parents for name in (parent, _VERSION.sub("", parent)))
    return list(dict.fromkeys(canonicalize_name(name.replace(".", "-")) for name in plain))


def read_requirements(document: Mapping[str, object], problems: Problems, *, sure: bool = True) -> Requirements:
    """Read what a pyproject.toml requires, noting what is not valid.

    Args:
        document: The whole file.
        problems: Gets what is not valid.
        sure: Whether what it leaves to its backend is all in it.
    """
    project = table_at(document, "project")
    dynamic = project.get("dynamic")
    absent = {str(key) for key in dynamic if str(key) not in project} if isinstance(dynamic, list) else set()
    optional = project.get("optional-dependencies", {})
    reader = _RequirementsReader(problems)
    always = reader.array(("project", "dependencies"), project.get("dependencies", []))
    extras = reader.table(("project", "optional-dependencies"), optional)

    own = canonicalize_name(str(project.get("name", "")))
    listed: dict[str, list[Requirement]] = {}
    for extra, found in extras.items():
        listed.setdefault(canonicalize_name(extra), []).extend(found)
    spelling: dict[str, str] = {}
    for requirement in chain(always, *extras.values()):
        if canonicalize_name(requirement.name) != own:
            spelling.setdefault(canonicalize_name(requirement.name), requirement.name)
    ways: dict[str, list[Way]] = {}
    roots: list[tuple[str | None, list[Requirement]]] = [(None, always), *listed.items()]
    for root, requirements in roots:
        for name, way in _ways(root, requirements, listed, own):
            ways.setdefault(name, []).append(way)
    return Requirements(
        spelling=spelling,
        ways={name: tuple(found) for name, found in ways.items()},
        extra_spelling=tuple(extras),
        groups=_read_groups(document.get("dependency-groups")),
        extras_known=sure and "optional-dependencies" not in absent and isinstance(optional, Mapping),
        known=sure and not absent & {"dependencies", "optional-dependencies"} and reader.complete,
    )


def _ways(
    extra: str | None, requirements: Sequence[Requirement], listed: Mapping[str, list[Requirement]], own: str
) -> Iterator[tuple[str, Way]]:
    """Yield what requirements install, following those of the project on its own extras (`weather[plot]`)."""
    followed: set[tuple[str, frozenset[str]]] = set()
    pending: list[tuple[Requirement, tuple[str, ...], bool]] = [(one, (), True) for one in requirements]
    for requirement, above, direct in pending:
        markers = (*above, _text(requirement)) if requirement.marker is not None else above
        name = canonicalize_name(requirement.name)
        if name != own:
            told = [marker for marker in markers if _is_told(marker)]
            yield name, Way(extra, all_of(told), direct, tells=len(told) == len(markers))
            continue
        for other in map(canonicalize_name, requirement.extras):
            if (place := (other, frozenset(markers))) not in followed:
                followed.add(place)
                pending += [(one, tuple(dict.fromkeys(markers)), False) for one in listed.get(other, ())]


def _text(requirement: Requirement) -> str:
    """Return a requirement's marker in the quotes that markers from sources have."""
    text = str(requirement.marker)
    return text if "'" in text else text.replace('"', "'")


def _is_told(marker: str) -> bool:
    """Tell whether a marker can be asked at run time: not one about extras, say."""
    try:
        compile_marker(marker)
    except ValueError:
        return False
    return True


def _read_groups(groups: object) -> dict[str, tuple[str, ...]]:
    """Read which groups list a distribution; `include-group` adds none that another group does not list itself."""
    found: dict[str, dict[str, None]] = {}
    for group, items in groups.items() if isinstance(groups, Mapping) else ():
        for item in items if isinstance(items, list) else ():
            # What is no requirement, the tools that install groups say so.
            if isinstance(item, str) and (name := _LEADING_NAME.match(item)):
                found.setdefault(canonicalize_name(name[0]), {})[group] = None
    return {name: tuple(names) for name, names in found.items()}


class _RequirementsReader:
    """Reads requirements of [project], noting what is not valid; `complete` tells whether all names are known."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self.complete = True

    def array(self, place: Place, values: object) -> list[Requirement]:
        if not isinstance(values, list):
            self.complete = False
            self._problems.add(place, f"expected an array of requirements, got {describe(values)}")
            return []
        found = [self._requirement((*place, index), value) for index, value in enumerate(values)]
        return [requirement for requirement in found if requirement is not None]

    def table(self, place: Place, values: object) -> dict[str, list[Requirement]]:
        if not isinstance(values, Mapping):
            self.complete = False
            self._problems.add(place, f"expected a table of extras, got {describe(values)}")
            return {}
        return {
            extra: self.array((*place, extra), requirements)
            for extra, requirements in values.items()
            if self._is_extra(place, extra)
        }

    def _is_extra(self, place: Place, name: str) -> bool:
        if not is_distribution(name):  # the rules are the same
            self.complete = False
            self._problems.add((*place, name), f'expected the name of an extra, as in "plot", got {quote(name)}')
        return is_distribution(name)

    def _requirement(self, place: Place, value: object) -> Requirement | None:
        if isinstance(value, str):
            try:
                return Requirement(value)
            except InvalidRequirement:
                self._problems.add(place, f'expected a requirement, as in "numpy>=2", got {quote(value)}')
            # The name is enough to go on, and to tell what else is wrong.
            name = _LEADING_NAME.match(value)
            return Requirement(name[0]) if name else None
        self._problems.add(place, f"expected a string, got {describe(value)}")
        return None
