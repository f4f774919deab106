"""What of one module can move, in which form, and why the rest stays. Syntax only; what it gains, a start will show."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from deferred_imports.tooling.adopt.answering import own_getattrs
from deferred_imports.tooling.adopt.blocks import first_line, place_below
from deferred_imports.tooling.adopt.groups import Groups, find_groups
from deferred_imports.tooling.adopt.hot import find_hot, why_hot
from deferred_imports.tooling.adopt.moves import BlockPlace, Choice, Definition, Kept, Member, Move, Wanted, told
from deferred_imports.tooling.adopt.outline import NameOrigin, Outline, OutlinedMove
from deferred_imports.tooling.adopt.parsed import ParsedModule, parsed_module, top_statements
from deferred_imports.tooling.adopt.places import functions_for, is_inside
from deferred_imports.tooling.adopt.readers import AnnotationReaders, evaluates
from deferred_imports.tooling.adopt.scopes import find_uses
from deferred_imports.tooling.adopt.stays import KEEP, Stay, StayJudge
from deferred_imports.tooling.adopt.uses import PlacedUse, PlacedUses
from deferred_imports.tooling.source.annotations import are_postponed
from deferred_imports.tooling.source.lookups import is_attaching


@dataclass(frozen=True, eq=False)
class MovePlan:
    """What of one module can move.

    Attributes:
        module: It.
        moves: By name.
        kept: What stays.
        can_postpone: Whether `from __future__ import annotations` would change nothing but that annotations wait.
        useless: The lines of comments that say to keep what does not move anyway.
        attaches: Whether the module has a registry serve what it exports.
        answers: Whether it serves names by a `__getattr__` of its own.
    """

    module: ParsedModule
    moves: Mapping[str, Move]
    kept: tuple[Kept, ...]
    can_postpone: bool
    useless: tuple[int, ...]
    attaches: bool = False
    answers: bool = False

    def outline(self) -> Outline:
        """Return the same without its syntax."""
        moves = {
            name: OutlinedMove(
                name=name,
                members=tuple(map(_origin, move.members)),
                functions=tuple(function.name for function in move.functions),
                typing=move.typing,
                offered=move.offered,
                hidden=move.hidden,
                form=move.form,
                hot=move.hot,
                also=move.choice.names[1:] if move.choice is not None else (),
            )
            for name, move in self.moves.items()
        }
        return Outline(moves, self.kept, self.useless, self.attaches, self.answers)

    def postponing(self) -> MovePlan:
        """Return what can move if `from __future__ import annotations` stands in the module."""
        return _Planner(self.module, postponed=True).plan()


def make_plan(
    source: bytes, name: str, *, is_package: bool, wanted: Wanted | None = None, postponed: bool = False
) -> MovePlan:
    """Return what of a module can move.

    Args:
        source: The file.
        name: The absolute name of the module.
        is_package: Whether that is a package.
        wanted: What others want of its names.
        postponed: Whether every Python that it is for evaluates annotations on demand only (PEP 649).

    Raises:
        UnreadableSourceError: when it cannot be parsed, or not be edited byte for byte.
    """
    module = parsed_module(source, name, is_package=is_package, wanted=wanted or Wanted())
    return _Planner(module, postponed=postponed).plan()


class _Planner:
    def __init__(self, module: ParsedModule, *, postponed: bool) -> None:
        self._one = module
        self._text = module.text
        self._tree = module.tree
        self._wanted = module.wanted
        self._postponed = postponed or are_postponed(module.tree)
        self._can_postpone = not self._postponed
        self._attaches = any(_attaches(node) for node in top_statements(module.tree))
        self._readers = AnnotationReaders(module.tree, module.wanted.heirs, reads=evaluates(module.text.text))
        self._moves: dict[str, Move] = {}
        self._kept: list[Kept] = []

    def plan(self) -> MovePlan:
        """Find what moves, and what stays."""
        groups = find_groups(self._one)
        self._kept = groups.kept
        if groups.imports or groups.choices:
            self._judge(groups)
        self._kept.sort(key=lambda kept: (kept.line, kept.name))
        kept, answers = tuple(self._kept), bool(own_getattrs(self._tree))
        return MovePlan(self._one, self._moves, kept, self._can_postpone, self._useless(), self._attaches, answers)

    def _useless(self) -> tuple[int, ...]:
        """Return the lines of comments that keep nothing."""
        if not KEEP.search(self._text.text):
            return ()
        used = {line for kept in self._kept if kept.reason == "kept" for line in kept.lines}
        return tuple(
            line for line in range(1, self._text.lines + 1) if line not in used and KEEP.search(self._text.line(line))
        )

    def _judge(self, groups: Groups) -> None:
        statements: set[ast.stmt] = {member.statement for members in groups.imports.values() for member in members}
        statements |= {leaf for choice in groups.choices for leaf in choice.leaves}
        names = [*groups.imports, *(name for choice in groups.choices for name in choice.names)]
        uses = find_uses(self._tree, names, statements, postponed=self._postponed, readers=self._readers)
        by_name: dict[str, list[PlacedUse]] = {}
        for use in uses.uses:
            by_name.setdefault(use.name, []).append(use)
            if use.reader or self._readers.by_itself:
                self._can_postpone = False
        judge = StayJudge(self._one, self._readers)
        for choice in groups.choices:
            self._choose(choice, by_name, uses, judge)
        for name, members in groups.imports.items():
            its = by_name.get(name, [])
            line = members[0].statement.lineno
            found = judge.must_stay(name, members, uses) or judge.used_early(its)
            functions: dict[Definition, tuple[Member, ...]] = {}
            if found is None:
                placed = functions_for(its, members)
                functions = placed or {}
                found = ("lambda", "", (line,)) if placed is None else judge.cannot_import(its, functions, uses)
            if found is None:
                found = self._move(name, members, its, functions, judge)
            if comment := judge.excluded(member.statement for member in members):
                self._moves.pop(name, None)
                found = (
                    ("kept", f", and it would stay without that: {told(*found)}", ())
                    if (found and comment[0] == "kept")
                    else comment
                )
            if found is not None:
                reason, detail, lines = found
                self._kept.append(Kept(name, line, reason, detail, lines))

    def _move(
        self,
        name: str,
        members: list[Member],
        uses: list[PlacedUse],
        functions: Mapping[Definition, tuple[Member, ...]],
        judge: StayJudge,
    ) -> Stay | None:
        """Note how a name moves; tell why not, if it does not."""
        by = judge.taken_by(name, members)
        if not uses and not by and name not in judge.comments:
            return "effect", "", ()
        is_typing = any(use.role == "typing" for use in uses)
        quoted: dict[ast.expr, None] = {}
        for use in uses:
            if use.role == "annotation" and use.annotation is not None:
                quoted[use.annotation] = None
            if use.role in {"annotation", "unread"}:
                is_typing = is_typing or not is_inside(use.scope, functions)
        if by and (stay := judge.cannot_serve(name, by, functions)):
            return stay
        self._moves[name] = Move(
            name=name,
            members=tuple(members),
            functions=dict(functions),
            calls=tuple(use.node for use in uses if use.role == "call"),
            typing=is_typing or bool(by) or name in judge.comments,
            quoted=tuple(quoted),
            offered=bool(by),
            used=is_typing or name in judge.exported,
            hidden=bool(by) and judge.is_submodule(name),
            listed=judge.is_listed(name) and not judge.lists_names,
            below=self._below(uses, functions),
            hot=why_hot(functions, self._hot) if functions and not by and self._wanted.registered else "",
        )
        return None

    def _choose(
        self, choice: Choice, by_name: Mapping[str, list[PlacedUse]], uses: PlacedUses, judge: StayJudge
    ) -> None:
        """Note how a choice moves, or why it stays."""
        its = [use for name in choice.names for use in by_name.get(name, ())]
        placed = functions_for(its, list(choice.members))
        needed: dict[Definition | None, frozenset[str]] = {
            function: frozenset(use.name for use in its if is_inside(use.scope, {function}))
            for function in placed or {}
        }
        outside = [use for use in its if use.role != "call" and not is_inside(use.scope, placed or {})]
        typing = frozenset(use.name for use in outside).union(judge.comments.intersection(choice.names))
        if typing:
            needed[None] = typing
        found = judge.choice_stays(choice, by_name, uses, placed, needed)
        if found is not None:
            name, reason, detail, lines = found
            for member in choice.members:
                if member.bound == name:
                    self._kept.append(Kept(name, member.line, reason, detail, lines))
                else:
                    with_it = f"{choice.word} that binds {name}, too, which stays"
                    self._kept.append(Kept(member.bound, member.line, "block", with_it, ()))
            return
        quoted = (use.annotation for use in its if use.role == "annotation" and use.annotation is not None)
        self._moves[choice.names[0]] = Move(
            name=choice.names[0],
            members=choice.members,
            functions=placed or {},
            calls=tuple(use.node for use in its if use.role == "call"),
            typing=bool(typing),
            quoted=tuple(dict.fromkeys(quoted)),
            offered=False,
            used=True,
            below=self._below(its, placed or {}),
            choice=choice,
            needed=needed,
        )

    @cached_property
    def _hot(self) -> dict[Definition, int]:
        return find_hot(self._tree)

    def _below(self, uses: list[PlacedUse], functions: Iterable[Definition]) -> dict[Definition, BlockPlace]:
        """Return the functions that get an import below their head, since the starts call them, with the place."""
        found = {}
        for function in functions:
            if first_line(function) in self._wanted.called:
                inside = {use.node for use in uses if is_inside(use.scope, {function})}
                if place := place_below(function, inside, self._text):
                    found[function] = place
        return found


def _origin(member: Member) -> NameOrigin:
    is_from = isinstance(member.statement, ast.ImportFrom)
    return NameOrigin(member.module, member.target, member.alias.name, member.alias.asname, is_from, member.line)


def _attaches(node: ast.stmt) -> bool:
    """Tell whether a statement has a registry serve what the module exports."""
    return isinstance(node, ast.Expr | ast.Assign) and is_attaching(node.value)
