"""What of one module can move, in which form, and why the rest stays. Syntax only; what it gains, a start will show."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import resolve_name
from typing import TypeAlias

from deferred_imports.tooling.adopt.blocks import first_line, place_below
from deferred_imports.tooling.adopt.looked_up import LookedUp, find_lookups, is_attaching
from deferred_imports.tooling.adopt.moves import (
    BlockPlace,
    Definition,
    HiddenReason,
    ImportStatement,
    Kept,
    Member,
    Move,
    StayReason,
    Wanted,
    is_for_checkers,
    told,
)
from deferred_imports.tooling.adopt.outline import NameOrigin, Outline, OutlinedMove
from deferred_imports.tooling.adopt.places import enclosing, functions_for, is_inside
from deferred_imports.tooling.adopt.readers import PSEUDO_FIELDS, AnnotationReaders, evaluates
from deferred_imports.tooling.adopt.regions import changes_finding, lines_off, temporary_lines
from deferred_imports.tooling.adopt.scopes import PlacedUse, PlacedUses, find_uses
from deferred_imports.tooling.adopt.text import Text
from deferred_imports.tooling.source.annotations import are_postponed
from deferred_imports.tooling.source.text import parse_source

_Stay: TypeAlias = "tuple[StayReason, str, tuple[int, ...]]"


@dataclass(frozen=True, eq=False)
class ParsedModule:
    """One module, read.

    Attributes:
        name: Its absolute name.
        is_package: Whether that is a package.
        text: Its source.
        tree: Its syntax.
        lazy: Where `lazy import` stands in it (PEP 810).
        wanted: What others want of its names.
    """

    name: str
    is_package: bool
    text: Text
    tree: ast.Module
    lazy: frozenset[tuple[int, int]]
    wanted: Wanted


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
    """

    module: ParsedModule
    moves: Mapping[str, Move]
    kept: tuple[Kept, ...]
    can_postpone: bool
    useless: tuple[int, ...]
    attaches: bool = False

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
            )
            for name, move in self.moves.items()
        }
        return Outline(moves, self.kept, self.useless, self.attaches)

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
    text = Text(source)
    tree, lazy = parse_source(text.text)
    module = ParsedModule(name, is_package, text, tree, frozenset(lazy), wanted or Wanted())
    return _Planner(module, postponed=postponed).plan()


_KEEP = re.compile(r"#\s*deferred-imports:\s*keep\b")
_SKIP = re.compile(r"#.*?\b(?:isort:\s*(?:skip|dont-add|split)|fmt:\s*skip|yapf:\s*disable)\b")
_DOCTEST = re.compile(r"(?m)^[ \t]*(?:>>>|\.\.\.)[ \t](.*)$")
_TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!\s|ignore)(.+)")
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class _Common:
    """What one module says that concerns all its names."""

    off: set[int]  # lines that are excluded from formatting
    doctests: set[str]
    comments: set[str]  # names in comments that tell types
    exported: set[str]
    looked_up: LookedUp
    has_getattr: bool


class _Planner:
    def __init__(self, module: ParsedModule, *, postponed: bool) -> None:
        self._one = module
        self._text = module.text
        self._tree = module.tree
        self._module = module.name
        self._is_package = module.is_package
        self._package = module.name if module.is_package else module.name.rpartition(".")[0]
        self._wanted = module.wanted
        self._postponed = postponed or are_postponed(module.tree)
        self._can_postpone = not self._postponed
        self._attaches = any(_attaches(node) for node in _top(module.tree))
        self._readers = AnnotationReaders(module.tree, module.wanted.heirs, reads=evaluates(module.text.text))
        self._moves: dict[str, Move] = {}
        self._kept: list[Kept] = []

    def plan(self) -> MovePlan:
        """Find what moves, and what stays."""
        groups = self._groups()
        for node in self._tree.body:
            self._in_blocks(node)
        if groups:
            self._judge(groups)
        self._kept.sort(key=lambda kept: (kept.line, kept.name))
        return MovePlan(self._one, self._moves, tuple(self._kept), self._can_postpone, self._useless(), self._attaches)

    def _useless(self) -> tuple[int, ...]:
        """Return the lines of comments that keep nothing."""
        if not _KEEP.search(self._text.text):
            return ()
        used = {line for kept in self._kept if kept.reason == "kept" for line in kept.lines}
        return tuple(
            line for line in range(1, self._text.lines + 1) if line not in used and _KEEP.search(self._text.line(line))
        )

    def _judge(self, groups: Mapping[str, list[Member]]) -> None:
        statements = {member.statement for members in groups.values() for member in members}
        uses = find_uses(self._tree, groups, statements, postponed=self._postponed, readers=self._readers)
        by_name: dict[str, list[PlacedUse]] = {}
        for use in uses.uses:
            by_name.setdefault(use.name, []).append(use)
            if use.reader or self._readers.by_itself:
                self._can_postpone = False
        plain = self._text.text.replace("\r\n", "\n").replace("\r", "\n")
        doctests = {word for found in _DOCTEST.findall(plain) for word in _WORD.findall(found)}
        comments = {word for found in _TYPE_COMMENT.findall(plain) for word in _WORD.findall(found)}
        facts = _Common(
            off=lines_off(self._text),
            doctests=doctests,
            comments=comments,
            exported=_exported(self._tree),
            looked_up=find_lookups(self._tree, self._text.text),
            has_getattr=any(
                isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in _top(self._tree)
            ),
        )
        for name, members in groups.items():
            its = by_name.get(name, [])
            line = members[0].statement.lineno
            found = self._must_stay(name, members, uses, facts) or self._used_early(its)
            functions: dict[Definition, tuple[Member, ...]] = {}
            if found is None:
                placed = functions_for(its, members)
                functions = placed or {}
                found = ("lambda", "", (line,)) if placed is None else self._cannot_import(its, functions, uses, facts)
            if found is None:
                found = self._move(name, members, its, functions, facts)
            if comment := self._excluded(members, facts):
                self._moves.pop(name, None)
                found = (
                    ("kept", f", and it would stay without that: {told(*found)}", ())
                    if (found and comment[0] == "kept")
                    else comment
                )
            if found is not None:
                reason, detail, lines = found
                self._kept.append(Kept(name, line, reason, detail, lines))

    def _in_blocks(self, node: ast.stmt, block: str = "") -> None:
        """Note the imports that stand in blocks at the top: they stay."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names if block else ():
                name = alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)
                self._kept.append(Kept(name, node.lineno, "block", block, ()))
        elif not isinstance(node, Definition) and not is_for_checkers(node):
            word = type(node).__name__.lower().removesuffix("def").removesuffix("star")
            parts = (getattr(node, name, ()) for name in ("body", "handlers", "orelse", "finalbody", "cases"))
            for child in (child for part in parts for child in part):
                for inner in (child,) if isinstance(child, ast.stmt) else child.body:
                    self._in_blocks(inner, block or f"`{word}`")

    def _groups(self) -> dict[str, list[Member]]:
        groups: dict[str, list[Member]] = {}
        is_other = False
        temporary = temporary_lines(self._tree, self._text)
        bound_elsewhere: set[str] = set()
        for node in self._tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = self._origin(node)
                is_lazy = bool(getattr(node, "is_lazy", 0)) or (node.lineno, node.col_offset) in self._one.lazy
                if module == "__future__" or module is None or is_lazy:
                    continue
                for alias in node.names:
                    member = Member(node, alias, module or alias.name)
                    if not self._wanted.registries.isdisjoint({member.module, member.target}):
                        continue  # it costs nothing, and has to be there
                    if alias.name == "*":
                        self._kept.append(Kept(f"{module}.*", node.lineno, "star", "", ()))
                    elif is_other or node.lineno in temporary:
                        self._kept.append(Kept(member.bound, node.lineno, "order", "", ()))
                        bound_elsewhere.add(member.bound)
                    else:
                        groups.setdefault(member.bound, []).append(member)
            elif not is_other and not isinstance(node, Definition | ast.ClassDef):
                is_other = changes_finding(node, self._text)
        return {name: members for name, members in groups.items() if name not in bound_elsewhere}

    def _origin(self, node: ImportStatement) -> str | None:
        """Return the absolute name after `from`; nothing for `import`, None for what leaves the package."""
        if isinstance(node, ast.Import):
            return ""
        try:
            return resolve_name("." * node.level + (node.module or ""), self._package) if node.level else node.module
        except ImportError:
            return None

    def _excluded(self, members: list[Member], facts: _Common) -> _Stay | None:
        """Return which comment says that a name stays, if one does."""
        for member in members:
            node = member.statement
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                line = self._text.line(number)
                if _KEEP.search(line):
                    return "kept", "", (number,)
                if number in facts.off or _SKIP.search(line):
                    return "skip", "", (number,)
        return None

    def _must_stay(
        self,
        name: str,
        members: list[Member],
        uses: PlacedUses,
        facts: _Common,
    ) -> _Stay | None:
        """Tell why a name stays, whatever uses it."""
        looked_up = facts.looked_up
        other = next((one for one in members[1:] if not _binds_the_same(members[0], one)), members[0])
        missing = self._wanted.missing.intersection(
            name for one in members for name in (one.target.partition(".")[0], one.module, one.target)
        )
        by_text = "a text names it, and it is looked up in"
        reasons: list[tuple[object, _Stay]] = [
            (name in uses.bound, ("rebound", "", (uses.bound.get(name, 0),))),
            (other is not members[0], ("rebound", "", (other.statement.lineno,))),
            (name in uses.unclear, ("unclear", "", (uses.unclear.get(name, 0),))),
            (looked_up.anything, ("dynamic", looked_up.by, (looked_up.anything,))),
            (
                name in looked_up.texts,
                ("dynamic", by_text, (looked_up.texts.get(name, 0),)),
            ),
            (self._wanted.fallback and missing, ("fallback", f"`{self._wanted.fallback}`", ())),
            (name in facts.doctests, ("doctest", "", ())),
        ]
        return next((reason for holds, reason in reasons if holds), None)

    def _cannot_import(
        self, uses: list[PlacedUse], functions: Mapping[Definition, object], placed: PlacedUses, facts: _Common
    ) -> _Stay | None:
        """Tell which function, of those that would get an import, cannot do with one."""
        for use in uses:
            for scope in (use.scope, *enclosing(use.scope)) if use.role == "call" else ():
                node = scope.node
                if not isinstance(node, Definition):
                    continue
                if reason := "shutdown" if node.name == "__del__" else placed.late.get(node.name):
                    return reason, node.name, (node.lineno,)
                if node in functions and node in facts.looked_up.holders:
                    return "holds", node.name, (facts.looked_up.holders[node],)
                if any(map(self._readers.compiles, node.decorator_list)):
                    return "compiled", node.name, (node.lineno,)
        return None

    def _used_early(self, uses: list[PlacedUse]) -> _Stay | None:
        order: tuple[StayReason, ...] = ("base", "decorator", "default", "class", "module")
        for reason in order:
            lines = tuple(dict.fromkeys(use.node.lineno for use in uses if use.role == reason))
            if lines:
                return reason, "", lines
        for use in uses:
            reader = f"`{use.reader}`" if use.reader else self._readers.by_itself
            if use.role in {"annotation", "unread"} and reader:
                return "annotation", reader, (use.node.lineno,)
            if use.role in {"annotation", "unread"} and {use.name, *use.attributes} & PSEUDO_FIELDS:
                return "annotation", "a dataclass", (use.node.lineno,)
        return None

    def _move(
        self,
        name: str,
        members: list[Member],
        uses: list[PlacedUse],
        functions: Mapping[Definition, tuple[Member, ...]],
        facts: _Common,
    ) -> _Stay | None:
        """Note how a name moves; tell why not, if it does not."""
        by = self._taken_by(name, members, facts)
        if not uses and not by and name not in facts.comments:
            return "effect", "", ()
        is_typing = any(use.role == "typing" for use in uses)
        quoted: dict[ast.expr, None] = {}
        for use in uses:
            if use.role == "annotation" and use.annotation is not None:
                quoted[use.annotation] = None
            if use.role in {"annotation", "unread"}:
                is_typing = is_typing or not is_inside(use.scope, functions)
        if by and (stay := self._cannot_serve(name, by, facts)):
            return stay
        self._moves[name] = Move(
            name=name,
            members=tuple(members),
            functions=dict(functions),
            calls=tuple(use.node for use in uses if use.role == "call"),
            typing=is_typing or bool(by) or name in facts.comments,
            quoted=tuple(quoted),
            offered=bool(by),
            used=is_typing or name in facts.exported,
            hidden=self._hidden(name) if by else "",
            below=self._below(uses, functions),
        )
        return None

    def _below(self, uses: list[PlacedUse], functions: Iterable[Definition]) -> dict[Definition, BlockPlace]:
        """Return the functions that get an import below their head, since the starts call them, with the place."""
        found = {}
        for function in functions:
            if first_line(function) in self._wanted.called:
                inside = {use.node for use in uses if is_inside(use.scope, {function})}
                if place := place_below(function, inside, self._text):
                    found[function] = place
        return found

    def _taken_by(self, name: str, members: list[Member], facts: _Common) -> str:
        """Return what takes a name from this module, or nothing."""
        wanted = self._wanted
        is_own = all(one.module.partition(".")[0] == self._module.partition(".")[0] for one in members)
        renamed = any(one.alias.asname == one.alias.name for one in members)
        by = "tests that replace it" if name in wanted.patched or wanted.all_patched else ""
        by = by or ("`__all__`" if name in facts.exported else "") or wanted.taken.get(name, "") or wanted.looked_up
        if seen := self._seen_by(name, facts):
            return seen
        by = by or ("" if self._hidden(name) != "exported" else wanted.listed)
        if renamed or (self._is_package and is_own and not name.startswith("_")):
            return by or "others, as it seems"
        return by

    def _seen_by(self, name: str, facts: _Common) -> str:
        """Return what sees a name only where it is there, or nothing."""
        wanted = self._wanted
        if wanted.viewed and re.fullmatch(wanted.views, name):
            return wanted.viewed
        if not wanted.registered and self._hidden(name) == "exported":
            return wanted.listed
        return "" if facts.exported or name.startswith("_") else wanted.starred

    def _hidden(self, name: str) -> HiddenReason:
        """Tell why a name that others take stays unless the registry serves it."""
        wanted = self._wanted
        if name in wanted.submodules:
            return "submodule"
        return "exported" if wanted.listed and re.fullmatch(wanted.lists, name) else ""

    def _cannot_serve(self, name: str, by: str, facts: _Common) -> _Stay | None:
        """Tell why a name that others take cannot be imported when they do."""
        if facts.has_getattr:
            return "served", "", ()
        if self._module.rpartition(".")[2] == "__main__":
            return "exported", by, ()
        if self._seen_by(name, facts):
            return "exported", by, ()
        return ("submodule", "", ()) if name in self._wanted.submodules and not self._wanted.registered else None


def _origin(member: Member) -> NameOrigin:
    is_from = isinstance(member.statement, ast.ImportFrom)
    return NameOrigin(member.module, member.target, member.alias.name, member.alias.asname, is_from, member.line)


def _binds_the_same(one: Member, other: Member) -> bool:
    """Tell whether two imports bind a name to the same; those of submodules bind their package."""
    if isinstance(one.statement, ast.Import) and isinstance(other.statement, ast.Import):
        return (one.alias.asname, other.alias.asname) == (None, None) or one.target == other.target
    return type(one.statement) is type(other.statement) and one.target == other.target


def _attaches(node: ast.stmt) -> bool:
    """Tell whether a statement has a registry serve what the module exports."""
    return isinstance(node, ast.Expr | ast.Assign) and is_attaching(node.value)


def _top(tree: ast.Module) -> list[ast.stmt]:
    """Return the statements at the top, those in conditions included."""
    return [
        one for node in tree.body for one in ([node, *node.body, *node.orelse] if isinstance(node, ast.If) else [node])
    ]


def _exported(tree: ast.Module) -> set[str]:
    """Return the names in `__all__`."""
    found: set[str] = set()
    for node in tree.body:
        targets: list[ast.expr] = []
        value: ast.AST | None = None
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets, value = [node.target], node.value
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            holder = node.value.func
            targets, value = [holder.value] if isinstance(holder, ast.Attribute) else [], node.value
        if value is not None and any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            found |= _texts(value)
    return found


def _texts(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
