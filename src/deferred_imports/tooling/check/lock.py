"""What a lock says of a start, and how a start differs from that. Values in, values out; `lock_text` has the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STANDARD_LIBRARY = "standard library"


@dataclass(frozen=True)
class Loaded:
    """What one start loaded.

    Attributes:
        program: What was started, as the user names it.
        python: The minor version, as in `3.11`.
        platform: As `sys.platform` says.
        modules: Whose each module is: the name of a distribution, or `STANDARD_LIBRARY`.
        versions: The versions of these distributions.
    """

    program: str
    python: str
    platform: str
    modules: Mapping[str, str]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class LockSection:
    """What a lock says of a program on one version of Python.

    Attributes:
        platforms: Where it was started.
        modules: For each module whose it is, and on which of these platforms it was loaded.
        versions: The versions of the distributions, at the last update.
    """

    platforms: frozenset[str]
    modules: Mapping[str, tuple[str, frozenset[str]]]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """How a start differs from its section.

    Attributes:
        new: The modules that the lock does not have, with their owners.
        gone: The modules that only the lock has, with their owners.
        versions: For each owner of these whose version is another one: locked and found; empty for none.
    """

    new: Mapping[str, str]
    gone: Mapping[str, str]
    versions: Mapping[str, tuple[str, str]]


def is_kept(module: str, owner: str) -> bool:
    """Tell whether a lock holds such a module: of the standard library only what is public."""
    if owner != STANDARD_LIBRARY:
        return True
    return not module.startswith("encodings.") and not any(part.startswith("_") for part in module.split("."))


def compare_with_lock(start: Loaded, section: LockSection) -> Difference:
    """Compare a start with its section."""
    known_platform = start.platform in section.platforms

    def counts(owner: str) -> bool:
        return known_platform or owner != STANDARD_LIBRARY

    now = {name: owner for name, owner in start.modules.items() if is_kept(name, owner)}
    new = {name: owner for name, owner in now.items() if counts(owner) and name not in section.modules}
    if known_platform:  # else nobody has seen which of the others' modules it lacks
        new |= {
            name: owner
            for name, owner in now.items()
            if name in section.modules and start.platform not in section.modules[name][1]
        }
    gone = {
        name: owner
        for name, (owner, platforms) in section.modules.items()
        if name not in now and (start.platform in platforms if known_platform else platforms == section.platforms)
        if counts(owner)
    }
    owners = {*new.values(), *gone.values()} - {STANDARD_LIBRARY}
    versions = {owner: (section.versions.get(owner, ""), start.versions.get(owner, "")) for owner in sorted(owners)}
    return Difference(
        new=dict(sorted(new.items())),
        gone=dict(sorted(gone.items())),
        versions={owner: both for owner, both in versions.items() if both[0] != both[1]},
    )


def update(section: LockSection | None, start: Loaded) -> LockSection:
    """Return what a lock says after a start: of its platform what it showed, of others what the lock said before."""
    old = section or LockSection(frozenset(), {}, {})
    elsewhere = {
        name: (owner, platforms - {start.platform})
        for name, (owner, platforms) in old.modules.items()
        if platforms - {start.platform}
    }
    modules = dict(elsewhere)
    for name, owner in start.modules.items():
        if is_kept(name, owner):
            modules[name] = (owner, elsewhere.get(name, (owner, frozenset()))[1] | {start.platform})
    owners = {owner for owner, _ in modules.values()}
    versions = {owner: version for owner, version in {**old.versions, **start.versions}.items() if owner in owners}
    return LockSection(old.platforms | {start.platform}, modules, versions)
