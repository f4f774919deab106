"""The place of a statement: when it runs, on which platforms, and what the conditions around it decide of that."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple, TypeAlias

from deferred_imports.tooling.source.conditions import Judgement, Scope, leaves, raises
from deferred_imports.tooling.source.guards import Guard, guard_of
from deferred_imports.tooling.table.combining import all_of

When: TypeAlias = Literal["import", "call", "lazy", "typing", "main"]
"""When an import runs: with its module, when a function is called, natively lazy (PEP 810), never, or in a script."""

# When the two branches run, of a condition that tells.
_ONLY: Mapping[Judgement, tuple[When | None, When | None]] = {
    "typing": ("typing", None),
    "running": (None, "typing"),
    "main": ("main", None),
    "not main": (None, "main"),
}


class Standing(NamedTuple):
    """What holds where a statement stands."""

    when: When = "import"
    guarded: bool = False  # an ImportError is caught
    conditional: bool = False  # reached on some platforms or Pythons only, of which no marker tells
    marker: str | None = None  # where it is reached
    native: bool = True  # where PEP 810 lets an import be lazy

    def only(self, when: When | None) -> Standing:
        """Return what holds where something runs only then, if it runs at all."""
        return self._replace(when=when) if when and self.when in {"import", "call"} else self

    def where(self, guard: Guard) -> Standing:
        """Return what holds where a condition does, too."""
        marker, conditional = all_of([self.marker, guard.marker]), self.conditional or not guard.whole
        return self._replace(marker=marker, conditional=conditional)

    def called(self) -> Standing:
        """Return what holds in the body of a function that is defined here."""
        return self._replace(when="call" if self.when == "import" else self.when, guarded=False, native=False)


def branches(node: ast.If) -> Iterator[ast.If]:
    """Yield an `if` and what follows it as `elif`; not by recursion, some chains are long."""
    while True:
        yield node
        match node.orelse:
            case [ast.If() as node]:
                continue
        return


def both_ways(test: ast.expr, kind: Judgement, scope: Scope, place: Standing) -> tuple[Standing, Standing]:
    """Return the place where a condition holds, and the one where it does not.

    Args:
        test: The condition.
        kind: What it is about, as the scope judges.
        scope: What names stand for in it.
        place: Where the `if` stands.
    """
    if kind in {"platform", "version"}:
        guards = (guard_of(test, scope, holds=holds) for holds in (True, False))
        inside, otherwise = map(place.where, guards)
        return inside, otherwise
    inside_only, otherwise_only = _ONLY.get(kind, (None, None))
    return place.only(inside_only), place.only(otherwise_only)


def beyond(node: ast.If, kind: Judgement, scope: Scope) -> Guard | None:
    """Return where what follows an `if` is reached, when a branch of it leaves the block around it."""
    if kind not in {"platform", "version"}:
        return None
    for branch, holds in ((node.body, False), (node.orelse, True)):
        if leaves(branch, scope):
            raised = raises(branch, scope)
            guard = replace(guard_of(node.test, scope, holds=holds), raised=raised)
            # A version for which it raises is one that the package does not support.
            if kind == "platform" or (guard.marker and guard.whole and not raised):
                return guard
    return None
