"""The edits that move names of one module: pure, and exact to the byte outside of what they replace."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from deferred_imports.tooling.adopt.answering import answering, own_getattrs
from deferred_imports.tooling.adopt.choices import Chosen
from deferred_imports.tooling.adopt.comments import comment_of, kept_comment
from deferred_imports.tooling.adopt.exporting import ATTACH, Exporting, import_from
from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.inside import Inside
from deferred_imports.tooling.adopt.layout import Item, Style, style_for, wrapped
from deferred_imports.tooling.adopt.moves import ImportStatement, Member, Move
from deferred_imports.tooling.adopt.plan import MovePlan
from deferred_imports.tooling.adopt.registering import Registering, lazy_edits, reading_edits
from deferred_imports.tooling.adopt.serving import as_value, serving_lines
from deferred_imports.tooling.adopt.shortening import comments_above
from deferred_imports.tooling.adopt.text import Edit, Text
from deferred_imports.tooling.adopt.top import Top

_TAKEN = "noqa: F401 - others take it from here"


def edits_for(
    plan: MovePlan,
    names: Collection[str],
    style: Style,
    extra: Iterable[str] = (),
    *,
    registering: Registering | None = None,
    exporting: Exporting | None = None,
) -> list[Edit]:
    """Return the edits that move some names of a module.

    Args:
        plan: What can move.
        names: What shall.
        style: How the project writes imports.
        extra: Modules that it has to import itself, since nothing else does any more.
        registering: How names go through the registry, if some do.
        exporting: What the registry serves, if it serves anything.
    """
    style = style_for(plan.module.text.text, style)
    if registering is not None and registering.form == "native":
        line = wrapped((registering.import_in(plan),), style)[0]
        return lazy_edits(plan, line) if any(registering.key(plan, name) for name in names) else []
    moves = [plan.moves[name] for name in plan.moves if name in names]
    postpone = _shall_postpone(plan, moves, style)
    if postpone:  # then functions, too, evaluate no annotations of those that they hold
        later = plan.postponing().moves
        moves = [later[name] for name in later if name in names]
    added = [Item(0, module, None, None) for module in sorted(extra)]
    named = [move for move in moves if registering is not None and registering.key(plan, move.name)]
    reading = [edit for move in named if registering is not None for edit in reading_edits(plan, move, registering)]
    if named and registering is not None:
        added.append(registering.import_in(plan))
        moves = [replace(move, functions={}) if move in named else move for move in moves]
    exports = exporting.targets if exporting is not None else {}
    by_registry = {move.name for move in moves if Name(plan.module.name, move.name) in exports}
    if by_registry and exporting is not None and not plan.attaches:
        added.append(import_from(plan, exporting.package, exporting.registry, ATTACH))
    editor = _Editor(plan, moves, style, postpone=postpone, by_registry=by_registry)
    edits = editor.edits(added) if moves or added else []
    return sorted([*edits, *reading], key=lambda edit: (edit.start, edit.end))


def apply(plan: MovePlan, names: Collection[str], style: Style, extra: Iterable[str] = ()) -> bytes:
    """Return the source of a module with some names moved, where no registry is needed."""
    return plan.module.text.edited(edits_for(plan, names, style, extra))


class _Editor:
    def __init__(
        self, plan: MovePlan, moves: list[Move], style: Style, *, postpone: bool, by_registry: Collection[str]
    ) -> None:
        self._postpone = postpone
        self._attaches = plan.attaches
        self._answers = own_getattrs(plan.module.tree) if plan.answers else []
        self._by_registry = by_registry
        self._module = plan.module
        self._moves = moves
        self._style = style
        self._text = plan.module.text
        self._edits: list[Edit] = []
        self._gone: dict[ast.stmt, list[ast.alias]] = {}
        for move in moves:
            if move.choice is not None:
                self._gone[move.choice.statement] = []
                continue
            for member in move.members:
                self._gone.setdefault(member.statement, []).append(member.alias)
        self._comments = {
            statement: comment_of(self._text, statement)
            for move in moves
            for statement in dict.fromkeys(member.statement for member in move.members)
        }

    def edits(self, extra: Iterable[Item]) -> list[Edit]:
        """Return all edits."""
        inside = Inside(self._text, self._style)
        typing: list[Item] = []
        chosen: list[Chosen] = []
        for move in self._moves:
            for function, members in move.functions.items():
                place = move.below.get(function)
                if move.choice is not None:
                    inside.add_choice(function, place, (move.choice, move.needed[function]))
                else:
                    inside.add(function, place, self._items(move, members))
            if move.typing and move.choice is not None:
                chosen.append((move.choice, move.needed[None]))
            elif move.typing:
                typing += [self._item(member, unused=not move.used) for member in move.members]
        self._edits += inside.edits()
        top = Top(self._module.tree, self._text, self._style)
        offered = [move for move in self._moves if move.offered]
        if not self._postpone:
            nodes = dict.fromkeys(node for move in self._moves for node in move.quoted)
            self._edits += filter(None, (quoting(self._text, node, self._style) for node in nodes))
        if offered and self._answers:
            answers = {move.name: as_value(move) for move in offered}
            self._edits.append(answering(self._answers[0], answers, self._style, self._text))
        getter = None
        if offered and not self._attaches and not self._answers:
            lines = serving_lines(offered, self._by_registry, self._style.quote)
            # With it, type checkers would take every name to be there.
            getter = lambda flag: [f"if not {flag}:  # type checkers see the imports above", *lines]  # noqa: E731 - one
        self._edits += top.edits(self._gone, typing, getter, postpone=self._postpone, extra=extra, chosen=chosen)
        return sorted(self._edits, key=lambda edit: (edit.start, edit.end))

    # What is imported where

    def _items(self, move: Move, members: Iterable[Member]) -> list[Item]:
        """Return what a function imports for a move."""
        if not move.offered:
            return [self._item(member) for member in members]
        module, is_relative = self._module.name, any(_level(member) for member in move.members)
        if not is_relative:
            return [Item(0, module, move.name, None)]
        return [Item(1, "" if self._module.is_package else module.rpartition(".")[2], move.name, None)]

    def _item(self, member: Member, *, unused: bool = False) -> Item:
        node, alias = member.statement, member.alias
        comment = self._comments[node] if alias is node.names[0] or "type:" in self._comments[node] else ""
        if node.end_lineno != node.lineno and alias.lineno == alias.end_lineno:
            own = [*self._comments_around(node, alias), self._comment_behind(alias)]
            comment = "; ".join(text.rstrip(".") for text in own if text) or comment
        # In a package, linters take `a as a` for an offer; elsewhere for a mistake.
        is_offer = unused and self._module.is_package and alias.asname in {None, alias.name} and "." not in alias.name
        if unused and not is_offer:
            comment = "; ".join(filter(None, [_TAKEN, comment]))
        asname = alias.asname or (alias.name if is_offer else None)
        if isinstance(node, ast.Import):
            return Item(0, alias.name, None, asname, comment)
        return Item(node.level, node.module or "", alias.name, asname, comment)

    def _comments_around(self, node: ImportStatement, alias: ast.alias) -> list[str]:
        """Return what comments say that stand on lines of their own, above a name or below the last one."""
        gone = self._gone[node]
        lines = comments_above(self._text, node, alias, gone)
        if alias is node.names[-1] and len(gone) == len(node.names):
            lines += range(alias.lineno + 1, node.end_lineno or 0)
        texts = (self._text.line(line).strip() for line in lines)
        return [kept_comment(text) for text in texts if text.startswith("#")]

    def _comment_behind(self, alias: ast.alias) -> str:
        """Return what a comment behind one name of a list says."""
        end = self._text.offset(alias.lineno, alias.end_col_offset or 0)
        found = re.match(r"[ \t]*,?[ \t]*(#.*)", self._text.text[end : self._text.end(alias.lineno)].rstrip("\r\n"))
        return kept_comment(found[1]) if found else ""


def _shall_postpone(plan: MovePlan, moves: list[Move], style: Style) -> bool:
    """Tell whether no annotation of the module shall be evaluated, rather than some be made a text each."""
    nodes = list(dict.fromkeys(node for move in moves for node in move.quoted))
    fit = all(
        quoting(plan.module.text, node, style) is not None
        and len(plan.module.text.line(node.lineno)) + 2 <= style.line_length
        for node in nodes
    )
    return plan.can_postpone and (len(nodes) > 2 or not fit)


def quoting(text: Text, node: ast.expr, style: Style) -> Edit | None:
    """Return the edit that makes an annotation a text, or None where that cannot be."""
    if node.lineno != node.end_lineno or isinstance(node, ast.Constant):
        return None
    start = text.offset(node.lineno, node.col_offset)
    end = text.offset(node.lineno, node.end_col_offset or 0)
    piece = text.text[start:end]
    other = "'" if style.quote == '"' else '"'
    mark = style.quote if style.quote not in piece else other
    if mark in piece or "\\" in piece:
        return None
    return Edit(start, end, f"{mark}{piece}{mark}")


def _level(member: Member) -> int:
    return member.statement.level if isinstance(member.statement, ast.ImportFrom) else 0
