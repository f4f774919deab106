"""What of one module can move, without its syntax: all that is kept of a module that nothing is written into.

The syntax tree of a module takes some fifty times its source; of ten thousand files none but the last few stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from deferred_imports.tooling.adopt.moves import Kept


class NameOrigin(NamedTuple):
    """One import that binds a name.

    Attributes:
        module: What stands after `from` or `import`, as an absolute name.
        target: What it imports; of `from a import b` that is `a.b`, be that a module or not.
        taken: What stands after `import`.
        asname: What stands after `as`, if anything does.
        is_from: Whether it is `from a import b`.
        line: Where it stands.
    """

    module: str
    target: str
    taken: str
    asname: str | None
    is_from: bool
    line: int


@dataclass(frozen=True)
class OutlinedMove:
    """A name that can move.

    Attributes:
        name: It.
        members: What binds it.
        functions: The names of the functions that get the import.
        typing: Whether type checkers get it.
        offered: Whether the module imports it when it is first asked for.
        hidden: Whether a submodule has this name, too, so that only the registry can serve it.
        form: Its form in words.
        hot: Why it had better be read from one place than imported in each function, if so.
        also: Other names that move with it, or stay.
    """

    name: str
    members: tuple[NameOrigin, ...]
    functions: tuple[str, ...]
    typing: bool
    offered: bool
    hidden: bool
    form: str
    hot: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outline:
    """What of one module can move.

    Attributes:
        moves: By name.
        kept: What stays.
        useless: The lines of comments that say to keep what does not move anyway.
        attaches: Whether the module has a registry serve what it exports.
        answers: Whether it serves names by a `__getattr__` of its own.
    """

    moves: Mapping[str, OutlinedMove]
    kept: tuple[Kept, ...]
    useless: tuple[int, ...]
    attaches: bool
    answers: bool = False

    def keeping(self, names: Iterable[Kept]) -> Outline:
        """Return what can move when some names stay; others than those that could are left out."""
        holding = {
            (one, member.line): name
            for name, move in self.moves.items()
            for one in (name, *move.also)
            for member in move.members
        }
        stay = {holding[kept.name, kept.line]: kept for kept in names if (kept.name, kept.line) in holding}
        moves = {name: move for name, move in self.moves.items() if name not in stay}
        kept = sorted((*self.kept, *stay.values()), key=lambda one: (one.line, one.name))
        return replace(self, moves=moves, kept=tuple(kept)) if stay else self
