"""The plans of a package's modules: those that were last asked for are there, the others are made again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from deferred_imports.tooling.adopt.moves import Wanted
from deferred_imports.tooling.adopt.plan import MovePlan, make_plan

# The bytes of all sources whose plans are there; these take some fifty times as much.
_MOST = 5_000_000


@dataclass(frozen=True, eq=False)
class ModuleSource:
    """What a plan is made of.

    Attributes:
        source: The file.
        is_package: Whether the module is a package.
        wanted: What others want of its names.
        postponed: Whether every Python that it is for evaluates annotations on demand only (PEP 649).
    """

    source: bytes
    is_package: bool
    wanted: Wanted
    postponed: bool


class Shelf:
    """Plans, by module."""

    def __init__(self, most: int = _MOST) -> None:
        """Begin with none, and keep those of so many bytes of sources."""
        self._sources: dict[str, ModuleSource] = {}
        self._plans: OrderedDict[str, MovePlan] = OrderedDict()
        self._most = most
        self._size = 0

    def add(self, module: str, source: ModuleSource) -> MovePlan:
        """Note what the plan of a module is made of, and return it."""
        self._sources[module] = source
        return self.plan(module)

    def plan(self, module: str) -> MovePlan:
        """Return the plan of a module."""
        if module in self._plans:
            self._plans.move_to_end(module)
            return self._plans[module]
        one = self._sources[module]
        plan = make_plan(one.source, module, is_package=one.is_package, wanted=one.wanted, postponed=one.postponed)
        self._plans[module] = plan
        self._size += len(one.source)
        while self._size > self._most and len(self._plans) > 1:
            gone, _ = self._plans.popitem(last=False)
            self._size -= len(self._sources[gone].source)
        return plan
