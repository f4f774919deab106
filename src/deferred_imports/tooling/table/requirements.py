"""What a project declares that it requires, and whether that covers what its deferred imports need.

Reads [project] and [dependency-groups] as mappings (PEP 508, 621, 685, 735). Nothing is guessed: a module is covered by
a requirement of its own name or of a parent's, or by the distribution that its entry names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from deferred_imports.tooling.table.problems import Place, Problems, alternatives, describe, did_you_mean, quote

_LEADING_NAME = re.compile(r"[A-Za-z0-9]+([._-]+[A-Za-z0-9]+)*")
_OFFERED = 3  # candidates that one message offers at most


@dataclass(frozen=True)
class Requirements:
    """The declared requirements; all names are normalised but those in `spelling` and `extra_spelling`."""

    spelling: Mapping[str, str]  # each distribution as the user wrote it, in the order of the file
    always: frozenset[str]
    conditional: frozenset[str]  # what only requirements with a marker install
    extras: Mapping[str, frozenset[str]]  # what each extra installs
    listed: Mapping[str, frozenset[str]]  # what each extra lists itself, not through another extra
    extra_spelling: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]  # the dependency groups that list a distribution
    extras_known: bool
    known: bool  # False when a part is dynamic or not valid: then nobody can say what is not covered

    def covering(self, module: str) -> list[str]:
        """List the distributions that have the module's name, or that of a parent; the longest name first."""
        return [name for name in _names_of(module) if name in self.spelling]

    def source_of(self, module: str, extra: str | None) -> str | None:
        """Find the distribution that a module comes from, preferably one that is installed with the extra."""
        covering = self.covering(module)
        installed = self.always | self.extras.get(extra or "", frozenset())
        return next((name for name in covering if name in installed), covering[0] if covering else None)


@dataclass(frozen=True)
class Use:
    """What one entry of the table needs from other distributions, and what it says about them."""

    place: Place
    value: object
    modules: tuple[tuple[Place, str], ...] = ()
    distribution: str | None = None
    extra: str | None = None
    optional: bool = False

    def at(self, key: str) -> Place:
        """Give the place of a key, which is the entry itself while that is written in short."""
        return (*self.place, key) if isinstance(self.value, Mapping) else self.place

    def write(self, key: str, value: str) -> str:
        """Write the key as the entry should have it; a short entry becomes a table."""
        table = isinstance(self.value, Mapping)
        return f"{key} = {quote(value)}" if table else quote({"module": self.value, key: value})


def read_requirements(document: Mapping[str, object], problems: Problems) -> Requirements:
    """Read what a pyproject.toml requires, noting what is not valid."""
    project = document.get("project")
    project = project if isinstance(project, Mapping) else {}
    dynamic = project.get("dynamic")
    absent = {str(key) for key in dynamic if str(key) not in project} if isinstance(dynamic, list) else set()
    optional = project.get("optional-dependencies", {})
    reader = _Reader(problems)
    always = reader.array(("project", "dependencies"), project.get("dependencies", []))
    extras = reader.table(("project", "optional-dependencies"), optional)

    own = canonicalize_name(str(project.get("name", "")))
    listed: dict[str, list[Requirement]] = {}
    for extra, found in extras.items():
        listed.setdefault(canonicalize_name(extra), []).extend(found)
    spelling: dict[str, str] = {}
    everything = [*always, *(requirement for found in extras.values() for requirement in found)]
    for requirement in everything:
        if canonicalize_name(requirement.name) != own:
            spelling.setdefault(canonicalize_name(requirement.name), requirement.name)
    sure = {canonicalize_name(requirement.name) for requirement in everything if requirement.marker is None}
    return Requirements(
        spelling=spelling,
        always=_installed(always, listed, own),
        conditional=frozenset(spelling.keys() - sure),
        extras={extra: _installed(found, listed, own) for extra, found in listed.items()},
        listed={extra: _installed(found, {}, own) for extra, found in listed.items()},
        extra_spelling=tuple(extras),
        groups=_read_groups(document.get("dependency-groups")),
        extras_known="optional-dependencies" not in absent and isinstance(optional, Mapping),
        known=not absent & {"dependencies", "optional-dependencies"} and reader.complete,
    )


def check_uses(uses: Iterable[Use], requirements: Requirements, problems: Problems) -> None:
    """Note every module that no requirement covers, or another one than its entry says."""
    if not requirements.known:
        return
    uses = list(uses)
    taken: set[str] = {canonicalize_name(use.distribution) for use in uses if use.distribution is not None}
    taken.update(name for use in uses for _, module in use.modules for name in requirements.covering(module))
    free = [name for name in requirements.spelling if name not in taken]
    for use in uses:
        sources: list[str] = []
        if use.distribution is None:
            for place, module in use.modules:
                if source := requirements.source_of(module, use.extra):
                    sources.append(source)
                else:
                    problems.add(place, _not_covered(module, use, requirements, free))
        elif (name := canonicalize_name(use.distribution)) in requirements.spelling:
            sources.append(name)
        elif not use.optional:
            problems.add(use.at("distribution"), _not_required(use.distribution, requirements))
        if use.extra is None or use.extra in requirements.extras:
            for problem in _extra_problems(use, sources, requirements):
                problems.add(use.at("extra"), problem)


def _not_covered(module: str, use: Use, requirements: Requirements, free: list[str]) -> str:
    names = _names_of(module)
    for name in names:
        if name in requirements.groups:
            return _in_groups_only(name, requirements)
    near = [match for name in names for match in get_close_matches(name, free, n=_OFFERED)]
    near += [name for name in free if names[-1] in name]  # yaml in pyyaml
    offered = [requirements.spelling[name] for name in dict.fromkeys([*near, *free])][:_OFFERED]
    if offered:
        others = f" (or {', '.join(map(quote, offered[1:]))})" if offered[1:] else ""
        remedy = f"name the distribution that provides it, as in {use.write('distribution', offered[0])}{others}"
        remedy += "" if use.optional else ", or add that to [project] dependencies"
    else:
        remedy = f"{'name as distribution' if use.optional else 'add to [project] dependencies'} what provides it"
    return f"expected a module of the standard library or of a declared requirement, got {quote(module)}; {remedy}"


def _not_required(distribution: str, requirements: Requirements) -> str:
    name = canonicalize_name(distribution)
    if name in requirements.groups:
        return _in_groups_only(name, requirements)
    remedy = did_you_mean(distribution, requirements.spelling.values())
    remedy = remedy or "; add it to [project] dependencies, or write optional = true if the package can do without"
    return f"expected a declared requirement, got {quote(distribution)}{remedy}"


def _in_groups_only(name: str, requirements: Requirements) -> str:
    groups = ", ".join(map(quote, requirements.groups[name]))
    got = f"{quote(name)}, which is only in [dependency-groups] ({groups})"
    return f"expected a requirement that is installed with the package, got {got}; add it to [project] dependencies"


def _extra_problems(use: Use, sources: list[str], requirements: Requirements) -> Iterator[str]:
    installed = requirements.extras[use.extra] if use.extra is not None else frozenset()
    elsewhere = [name for name in sources if name not in requirements.always and name not in installed]
    for name in elsewhere:
        extras = [extra for extra, listed in requirements.listed.items() if name in listed]
        what = quote(requirements.spelling[name])
        if use.extra is None:
            where = ", ".join(map(quote, extras))
            remedy = use.write("extra", extras[0])
            one = "one, as in " if extras[1:] else ""
            yield f"expected an extra, because only {where} installs {what}, got none; write {one}{remedy}"
        else:
            yield f"expected {alternatives(extras)}, which installs {what}, got {quote(use.extra)}"
    if use.extra is not None and sources and not elsewhere and not installed.intersection(sources):
        reason = f"because [project] dependencies install {quote(requirements.spelling[sources[0]])}"
        remedy = "remove it, or name as distribution what the extra adds"
        yield f"expected no extra, {reason}, got {quote(use.extra)}; {remedy}"


def _names_of(module: str) -> list[str]:
    """List the distribution names that google.cloud.storage may have: google-cloud-storage, google-cloud, google."""
    parts = module.split(".")
    return [canonicalize_name("-".join(parts[:end])) for end in range(len(parts), 0, -1)]


def _installed(
    requirements: Iterable[Requirement], extras: Mapping[str, list[Requirement]], own: str
) -> frozenset[str]:
    """Collect what the requirements install, following those of the project on its own extras (`weather[plot]`)."""
    names: set[str] = set()
    followed: set[str] = set()
    pending = list(requirements)
    while pending:
        requirement = pending.pop()
        if canonicalize_name(requirement.name) != own:
            names.add(canonicalize_name(requirement.name))
            continue
        for extra in {canonicalize_name(extra) for extra in requirement.extras} - followed:
            followed.add(extra)
            pending += extras.get(extra, [])
    return frozenset(names)


def _read_groups(groups: object) -> dict[str, tuple[str, ...]]:
    """Read which groups list a distribution; `include-group` adds none that another group does not list itself."""
    found: dict[str, dict[str, None]] = {}
    for group, items in groups.items() if isinstance(groups, Mapping) else ():
        for item in items if isinstance(items, list) else ():
            # What is no requirement, the tools that install groups say so.
            if isinstance(item, str) and (name := _LEADING_NAME.match(item)):
                found.setdefault(canonicalize_name(name[0]), {})[group] = None
    return {name: tuple(names) for name, names in found.items()}


class _Reader:
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
        return {extra: self.array((*place, extra), requirements) for extra, requirements in values.items()}

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
