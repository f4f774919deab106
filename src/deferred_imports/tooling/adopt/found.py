"""What `adopt` has found, as values: what moves, what that gains, what was taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.generating import registry_for
from deferred_imports.tooling.adopt.hanging import Hanging
from deferred_imports.tooling.adopt.package import AdoptedPackage
from deferred_imports.tooling.adopt.starts import TrialStart
from deferred_imports.tooling.adopt.testing import Result


class Declined(NamedTuple):
    """What would gain something, and too little for the wishes of the user.

    Attributes:
        names: How many names would move.
        modules: How many modules less the starts would load.
    """

    names: int
    modules: int


@dataclass(frozen=True)
class Gain:
    """What one start loads before and after."""

    shown: str
    command: str
    before: TrialStart
    after: TrialStart


@dataclass(frozen=True)
class TakenBack:
    """A move that was tried and taken back, and what failed with it."""

    name: Name
    why: str


T = TypeVar("T")


@dataclass(frozen=True)
class Adoption(Generic[T]):
    """What moves, and what that is known to do.

    Attributes:
        package: The package as it is.
        names: What moves.
        sources: The new sources of the modules that change.
        extra: What some modules import themselves now, since nothing else does any more.
        gains: What each start loads before and after.
        idle: How many names could move, and would gain nothing.
        declined: How many would gain something, and too little.
        taken_back: What was tried in vain.
        tests: What the tests told before and after, if they were run.
        hanging: What the first start still loads because of names that stay.
        finished: What the caller has made of the copy in the end.
    """

    package: AdoptedPackage
    names: frozenset[Name]
    sources: Mapping[str, bytes]
    extra: Mapping[str, Collection[str]]
    gains: tuple[Gain, ...]
    idle: int
    declined: Declined
    taken_back: tuple[TakenBack, ...]
    tests: tuple[Result, Result] | None
    hanging: tuple[Hanging, ...]
    finished: T

    @property
    def importing_registry(self) -> frozenset[str]:
        """The modules that change and read names from the registry, or have it serve some."""
        registering, exporting = registry_for(self.package, self.names)
        entries = registering.entries if registering is not None else {}
        served = exporting.targets if exporting is not None else {}
        return frozenset(name.module for name in self.names if name in entries or name in served)

    @property
    def has_registry(self) -> bool:
        """Whether what moves needs the registry."""
        return any(one is not None and one.targets for one in registry_for(self.package, self.names))
