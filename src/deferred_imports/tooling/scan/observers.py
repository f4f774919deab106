"""Who relies on what a module does to another module of the program, and what has to stay for them. Nothing is run.

Where `nodes` sets up `grammar` when it is imported, only what reads `grammar` can miss that. As long as each of these
still loads `nodes` by itself, all other imports of `nodes` can wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TypeAlias

from deferred_imports.tooling.scan.effects import Effect
from deferred_imports.tooling.scan.following import Follower
from deferred_imports.tooling.source.chains import Chain
from deferred_imports.tooling.source.module import Module

Uses: TypeAlias = "Mapping[str, Mapping[str, frozenset[str]]]"
"""For each module that others change: who uses it, and what of it."""

Step: TypeAlias = "tuple[str, str]"
"""A module and another that it imports."""


def uses_of(targets: Iterable[str], modules: Mapping[str, Module], follower: Follower) -> Uses:
    """Return who uses which modules, by importing from them or by reading from them, at any time.

    Args:
        targets: The modules that are asked for.
        modules: All modules of the program.
        follower: Follows their names.
    """
    found: dict[str, dict[str, set[str]]] = {target: {} for target in targets}
    if not found:
        return {}
    for name, module in modules.items():
        for chain in _used(module):
            for place, rest in follower.passed(name, chain):
                if place in found and rest and place != name:
                    found[place].setdefault(name, set()).add(rest[0])
    return {target: {name: frozenset(what) for name, what in users.items()} for target, users in found.items()}


def _used(module: Module) -> set[Chain]:
    """Return what a module takes from others, by importing it or by reading it, at any time."""
    taken = {
        (bound.partition(".")[0],)
        for statement in module.facts.statements
        if statement.when != "typing" and statement.names is not None
        for bound in statement.bound
    }
    return taken.union(read.chain for read in module.facts.reads if read.when != "typing")


def steps_to_keep(
    module: str,
    effect: Effect,
    uses: Mapping[str, frozenset[str]],
    way: Callable[[str, str], tuple[str, ...] | None],
) -> frozenset[Step] | None:
    """Return the imports that have to stay, for an effect to be there for all that rely on it.

    None stands for all that lead to it.

    Args:
        module: The module that has the effect.
        effect: It.
        uses: Who uses the module that it changes, and what of it.
        way: Tells how a module comes to load another when it is imported, or None where it does not.
    """
    relying = list(_relying(module, effect, uses))
    ways = [way(one, module) for one in relying]
    if not ways or None in ways:  # others read it, outside of the program or in ways that nothing shows
        return None
    return frozenset(step for found in ways if found for step in pairwise(found))


def _relying(module: str, effect: Effect, uses: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for name, what in uses.items():
        # What does the same by itself relies on nobody.
        repeats = effect.what in what and (len(what) == 1 or effect.alone)
        if name != module and not repeats:
            yield name
