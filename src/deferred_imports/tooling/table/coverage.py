"""Whether what a project requires covers what the entries of its table need, and what to write where it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from packaging.utils import canonicalize_name

from deferred_imports.tooling.table.known import known_for
from deferred_imports.tooling.table.problems import Place, Problems, alternatives, quote
from deferred_imports.tooling.table.requirements import Requirements, names_for

_OFFERED = 3  # candidates that one message offers at most


BroughtBy: TypeAlias = Callable[[str], Sequence[str]]
"""Says which installed distributions bring a module; it is asked only for what is wrong."""


def nothing(module: str) -> Sequence[str]:  # noqa: ARG001 - another answer depends on it
    """Say that nothing is installed."""
    return ()


@dataclass(frozen=True)
class Need:
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


def check_needs(
    needs: Iterable[Need], requirements: Requirements, problems: Problems, brought_by: BroughtBy = nothing
) -> None:
    """Note every module that no requirement covers, or another one than its entry says."""
    if not requirements.known:
        return
    needs = list(needs)
    free = _not_taken(needs, requirements)
    for need in needs:
        if need.distribution is not None:
            sources = _named(need, need.distribution, requirements, problems)
        else:
            sources = _found(need, requirements, problems, free, brought_by)
        if need.extra is None or need.extra in requirements.extras:
            for problem in _extra_problems(need, sources, requirements):
                problems.add(need.at("extra"), problem)


def _not_taken(needs: Iterable[Need], requirements: Requirements) -> list[str]:
    """List the requirements that cover no entry."""
    taken: set[str] = {canonicalize_name(need.distribution) for need in needs if need.distribution is not None}
    taken.update(name for need in needs for _, module in need.modules for name in requirements.covering(module))
    return [name for name in requirements.spelling if name not in taken]


def _found(
    need: Need, requirements: Requirements, problems: Problems, free: list[str], brought_by: BroughtBy
) -> list[str]:
    """Return the requirements that cover an entry which names none."""
    sources = []
    for place, module in need.modules:
        if source := requirements.source_of(module, need.extra):
            sources.append(source)
        else:
            problems.add(place, _not_covered(module, need, requirements, problems, free, installed=brought_by(module)))
    return sources


def _named(need: Need, distribution: str, requirements: Requirements, problems: Problems) -> list[str]:
    """Return the requirement that an entry names."""
    if (name := canonicalize_name(distribution)) in requirements.spelling:
        return [name]
    if not need.optional:
        problems.add(need.at("distribution"), _not_required(distribution, requirements, problems))
    return []


def _not_covered(
    module: str,
    need: Need,
    requirements: Requirements,
    problems: Problems,
    free: list[str],
    *,
    installed: Sequence[str],
) -> str:
    for name in (*names_for(module), *map(canonicalize_name, known_for(module))):
        if name in requirements.groups:
            return _in_groups_only(name, requirements)
    if installed:  # it decides; there is nothing to be guessed
        offered = [str(name) for name in map(canonicalize_name, installed) if name in requirements.spelling]
    else:
        offered = _alike(names_for(module), free, problems)
    if offered:
        spelled = [requirements.spelling[name] for name in offered]
        others = f" (or {', '.join(map(quote, spelled[1:]))})" if spelled[1:] else ""
        remedy = f"name the distribution that provides it, as in {need.write('distribution', spelled[0])}{others}"
        remedy += "" if need.optional or installed else ", or add that to [project] dependencies"
    elif known := [*installed, *known_for(module)][:1]:
        remedy = f"add what provides it to [project] dependencies, as in {quote(known[0])}"
        remedy = (
            f"name the distribution that provides it, as in {need.write('distribution', known[0])}"
            if need.optional
            else remedy
        )
    elif free:
        remedy = "name as distribution the requirement that provides it"
        remedy += "" if need.optional else ", or add that to [project] dependencies"
    else:
        remedy = f"{'name as distribution' if need.optional else 'add to [project] dependencies'} what provides it"
    return f"expected a module of the standard library or of a declared requirement, got {quote(module)}; {remedy}"


def _alike(names: list[str], free: list[str], problems: Problems) -> list[str]:
    """Return requirements that look like a module's name: who copies a wrong one gets a table that seems right."""
    near = problems.containing(names[-1], free)  # yaml in pyyaml
    near += [match for name in names for match in problems.near(name, free, count=_OFFERED)]
    return list(dict.fromkeys(near))[:_OFFERED]


def _not_required(distribution: str, requirements: Requirements, problems: Problems) -> str:
    name = canonicalize_name(distribution)
    if name in requirements.groups:
        return _in_groups_only(name, requirements)
    remedy = problems.did_you_mean(distribution, requirements.spelling.values())
    remedy = remedy or "; add it to [project] dependencies, or write optional = true if the package can do without"
    return f"expected a declared requirement, got {quote(distribution)}{remedy}"


def _in_groups_only(name: str, requirements: Requirements) -> str:
    groups = ", ".join(map(quote, requirements.groups[name]))
    got = f"{quote(name)}, which is only in [dependency-groups] ({groups})"
    return f"expected a requirement that is installed with the package, got {got}; add it to [project] dependencies"


def _extra_problems(need: Need, sources: list[str], requirements: Requirements) -> Iterator[str]:
    elsewhere = [name for name in sources if not requirements.comes_with(name, need.extra)]
    for name in elsewhere:
        extras = requirements.extras_with(name)
        what = quote(requirements.spelling[name])
        if need.extra is None:
            where = ", ".join(map(quote, extras))
            one = "one, as in " if extras[1:] else ""
            remedy = f"write {one}{need.write('extra', extras[0])}"
            yield f"expected an extra, because only {where} installs {what}, got none; {remedy}"
        else:
            yield f"expected {alternatives(extras)}, which installs {what}, got {quote(need.extra)}"
    if need.extra is not None and sources and not elsewhere and not _adds(need.extra, sources, requirements):
        reason = f"because [project] dependencies install {quote(requirements.spelling[sources[0]])}"
        remedy = "remove it, or name as distribution what the extra adds"
        yield f"expected no extra, {reason}, got {quote(need.extra)}; {remedy}"


def _adds(extra: str, sources: list[str], requirements: Requirements) -> bool:
    return any(way.extra == extra for name in sources for way in requirements.ways[name])
