"""`check --startup --lock`: what a start loads, beside what the lock says, and who brought what is new."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deferred_imports.tooling.check.chains import Frame, chain_lines, place_in_project
from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.check.lock import (
    STANDARD_LIBRARY,
    Difference,
    Loaded,
    LockSection,
    compare_with_lock,
    update,
)
from deferred_imports.tooling.check.lock_text import LockError, parse_lock, render_lock
from deferred_imports.tooling.project.paths import content_of, shown
from deferred_imports.tooling.registry.distributions import installed_projects
from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import Launch
from deferred_imports.tooling.start.timing import Startup, statements_to
from deferred_imports.tooling.table.names import parents
from deferred_imports.tooling.table.problems import RefusalError, quote
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY as STDLIB

FILE_NAME = "deferred-imports.lock"
_UPDATE = '"--lock --update" writes that down'
_MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


@dataclass(frozen=True)
class Owners:
    """Whose modules are: the project's own, by import package, and those of the distributions that are installed."""

    project: str
    packages: frozenset[str]
    tops: Mapping[str, str]
    modules: Mapping[str, str]
    versions: Mapping[str, str]

    def of(self, module: str) -> str:
        """Return the distribution that a module belongs to; the standard library is one, too."""
        top = module.partition(".")[0]
        if top in self.packages:
            return self.project
        if top in STDLIB:
            return STANDARD_LIBRARY
        for name in (module, *parents(module)):  # several distributions may share a namespace
            if name in self.modules:
                return self.modules[name]
        return self.tops.get(top, "not from a distribution")


def owners(project: str, packages: Iterable[str]) -> Owners:
    """Return whose the modules of this environment are, by the files that each distribution lists.

    Args:
        project: The name of the project, which stands for its own modules wherever they lie, without a version.
        packages: Its import packages.
    """
    own = frozenset(name.partition(".")[0] for name in packages)
    tops: dict[str, str] = {}
    modules: dict[str, str] = {}
    versions: dict[str, str] = {}
    for distribution in installed_projects():
        name = distribution.name
        versions[name] = distribution.version
        for file in distribution.files:
            if file.suffix in {".py", ".so", ".pyd"} and file.parts[0] not in {"..", "bin"}:
                stem = file.name.partition(".")[0]
                parts = [*file.parts[:-1], *([stem] if stem != "__init__" else [])]
                modules.setdefault(".".join(parts), name)
                tops.setdefault(parts[0] if parts else stem, name)
    return Owners(project, own, tops, modules, versions)


def start_of(launch: Launch, startup: Startup, known: Owners) -> Loaded:
    """Return what a start loaded beyond a bare interpreter's, as a lock says it."""
    new = [name for name in startup.loaded if name not in startup.before and name != "__main__"]
    modules = {name: known.of(name) for name in new}
    found = {owner: known.versions[owner] for owner in {*modules.values()} - {known.project} if owner in known.versions}
    return Loaded(launch.command, _MINOR, sys.platform, modules, found)


def read_lock(path: Path) -> dict[tuple[str, str], LockSection]:
    """Return the sections of a lock; none where there is no file.

    Raises:
        RefusalError: when it cannot be read.
    """
    if not path.exists():
        return {}
    try:
        return parse_lock(content_of(path).decode("utf-8"))
    except OSError as error:
        raise RefusalError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    except (LockError, UnicodeDecodeError) as error:
        lines = str(error).splitlines()
        raise RefusalError("\n".join(f"{shown(path)}: {line}" for line in lines)) from error


def updated(sections: Mapping[tuple[str, str], LockSection], starts: Iterable[Loaded]) -> str:
    """Return the text of a lock after these starts."""
    found = dict(sections)
    for start in starts:
        key = start.program, start.python
        found[key] = update(found.get(key), start)
    return render_lock(found)


def check_lock(path: Path, start: Loaded, startup: Startup, copy: Copy) -> list[Finding]:
    """Return how a start differs from what the lock says of it.

    Args:
        path: The lock, in the directory of the project.
        start: What the start loaded.
        startup: The start, which shows who imported what.
        copy: Whose modules the program ran.
    """
    section = read_lock(path).get((start.program, start.python))
    if section is None:
        message = f"{start.program} has no section for Python {start.python}"
        return [Finding("not-locked", path, 1, message, '"--lock --update" adds it')]
    difference = compare_with_lock(start, section)
    found = [*_gained(path, start, startup, difference, copy.places), *_lost(path, start, difference)]
    if not found and start.platform not in section.platforms:
        message = f"{start.program} was never locked on {start.platform}: its standard library is not compared"
        found.append(Finding("other-platform", path, _line(path, f"[{start.program}]"), message, _UPDATE, note=True))
    return found


# What is new


def _gained(
    path: Path, start: Loaded, startup: Startup, difference: Difference, places: Sequence[Path]
) -> Iterable[Finding]:
    """Yield a finding for each new module that something brought which is not new itself."""
    brought: dict[str, list[str]] = {}
    for module in difference.new:
        brought.setdefault(_first(module, startup, difference.new), []).append(module)
    for module, all_of_it in brought.items():
        steps = chain(module, startup)
        where, line = place_in_project(steps, path.parent, places)
        others = len(all_of_it) - 1
        more = f" and {others} more that {'comes' if others == 1 else 'come'} with it" if others else ""
        owner = difference.new[module]
        whose = "" if owner == start.modules.get(startup.first_by.get(module, "")) else f" ({owner})"
        message = f"{start.program} loads {quote(module)}{whose}{more}, which {shown(path)} does not have"
        involved = {*(difference.new[name] for name in all_of_it), *_passed(module, startup, start)}
        versions = "".join(f"; {said}" for said in _versions(difference, involved))
        yield Finding(
            "new-at-startup", where, line, message + versions, f"defer it, or {_UPDATE}", chain=chain_lines(steps)
        )


def _first(module: str, startup: Startup, new: Mapping[str, str]) -> str:
    """Return the outermost of the new modules through which a module was first imported."""
    return [name for name in _ways(module, startup) if name in new][-1]


def _passed(module: str, startup: Startup, start: Loaded) -> Iterable[str]:
    """Yield the distributions through which a module was first imported."""
    return (start.modules[name] for name in _ways(module, startup) if name in start.modules)


def _ways(module: str, startup: Startup) -> list[str]:
    """Return a module and through what it was first imported, the program last."""
    found = [module]
    loaded = frozenset(startup.loaded)
    while True:
        # Some names are only put into `sys.modules`, such as `pyexpat.errors`, by what they lie in.
        above = (name for name in parents(found[-1]) if name in loaded)
        by = startup.first_by.get(found[-1]) or next(above, None)
        if by is None or by in found:
            return found
        found.append(by)


def _versions(difference: Difference, owners: Iterable[str]) -> Iterable[str]:
    for owner in sorted(owners):
        old, new = difference.versions.get(owner, ("", ""))
        if old and new:
            yield f"{owner} went from {old} to {new}"
        elif new:
            yield f"{owner} {new} is new"


def chain(module: str, startup: Startup) -> list[Frame]:
    """Return the statements that led to the first import of a module, outermost first."""
    return [Frame(edge.file, edge.line, "<module>") for edge in statements_to(module, startup)]


# What is gone


def _lost(path: Path, start: Loaded, difference: Difference) -> Iterable[Finding]:
    """Yield a finding for each distribution of which modules are gone."""
    owners: dict[str, list[str]] = {}
    for module, owner in difference.gone.items():
        owners.setdefault(owner, []).append(module)
    for owner, modules in owners.items():
        said = ", ".join(map(quote, modules[:3])) + (f" and {len(modules) - 3} more" if len(modules) > 3 else "")
        versions = "".join(f"; {said}" for said in _versions(difference, {owner}))
        message = f"{start.program} no longer loads {said} ({owner}){versions}"
        yield Finding("gone-at-startup", path, _line(path, f"  {modules[0]}"), message, _UPDATE)


def _line(path: Path, beginning: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((at for at, line in enumerate(lines, 1) if f"{line} ".startswith(f"{beginning} ")), 1)
