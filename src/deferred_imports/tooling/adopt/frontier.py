"""The frontier: of all that could move, what has to, so that a start loads as little as if all had moved.

Two starts tell. In the first all has moved; a move counts whose module is still loaded there, and whose target is not.
The second start has only these, and loads the same. No I/O here: `pipeline` starts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from deferred_imports.tooling.adopt.outline import Outline


class Name(NamedTuple):
    """A name in a module of the package."""

    module: str
    name: str


def all_names(plans: Mapping[str, Outline]) -> frozenset[Name]:
    """Return everything that can move."""
    return frozenset(Name(module, name) for module, plan in plans.items() for name in plan.moves)


def frontier(plans: Mapping[str, Outline], before: Collection[str], after: Collection[str]) -> frozenset[Name]:
    """Return the moves that make a start load less.

    Args:
        plans: What can move.
        before: The modules that the start loads when nothing has moved.
        after: Those that it loads when all has.
    """
    return frozenset(
        name
        for name in all_names(plans)
        if name.module in after
        and any(target in before and target not in after for target in targets(plans, name, before))
    )


def targets(plans: Mapping[str, Outline], name: Name, modules: Collection[str]) -> frozenset[str]:
    """Return the modules that a name is the way to: what it names, and where that in its turn comes from."""
    found: set[str] = set()
    waiting = [plans[name.module].moves[name.name]]
    seen: set[int] = set()
    while waiting:
        move = waiting.pop()
        if id(move) in seen:
            continue
        seen.add(id(move))
        for member in move.members:
            found.add(member.target if member.target in modules else member.module)
            origin = plans.get(member.module)
            if origin is not None and member.taken in origin.moves:
                waiting.append(origin.moves[member.taken])
    return frozenset(found)
