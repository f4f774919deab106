"""Why a name of a module stays: what needs it at once, what takes it from there, what a comment says. Syntax only."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from typing import TypeAlias

from deferred_imports.tooling.adopt.answering import can_answer, own_getattrs
from deferred_imports.tooling.adopt.blocks import first_line, head_of
from deferred_imports.tooling.adopt.looked_up import find_lookups
from deferred_imports.tooling.adopt.moves import Choice, Definition, Member, StayReason
from deferred_imports.tooling.adopt.parsed import ParsedModule, top_statements
from deferred_imports.tooling.adopt.places import enclosing
from deferred_imports.tooling.adopt.readers import PSEUDO_FIELDS, AnnotationReaders
from deferred_imports.tooling.adopt.regions import lines_off
from deferred_imports.tooling.adopt.uses import PlacedUse, PlacedUses

Stay: TypeAlias = "tuple[StayReason, str, tuple[int, ...]]"
"""Why something stays: the code, what fills the sentence, and the lines."""
KEEP = re.compile(r"#\s*deferred-imports:\s*keep\b")
_SKIP = re.compile(r"#.*?\b(?:isort:\s*(?:skip|dont-add|split)|fmt:\s*skip|yapf:\s*disable)\b")
_DOCTEST = re.compile(r"(?m)^[ \t]*(?:>>>|\.\.\.)[ \t](.*)$")
_TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!\s|ignore)(.+)")
_WORD = re.compile(r"[^\W\d]\w*")


class StayJudge:
    """Tells of the names of one module why they stay.

    Attributes:
        exported: The names in `__all__`.
        comments: Those in comments that tell types.
    """

    def __init__(self, module: ParsedModule, readers: AnnotationReaders) -> None:
        self._one = module
        self._text = module.text
        self._wanted = module.wanted
        self._readers = readers
        plain = module.text.text.replace("\r\n", "\n").replace("\r", "\n")
        self._doctests = {word for found in _DOCTEST.findall(plain) for word in _WORD.findall(found)}
        self._off = lines_off(module.text)
        self._looked_up = find_lookups(module.tree, module.text.text)
        functions = {node.name: node for node in top_statements(module.tree) if isinstance(node, ast.FunctionDef)}
        self._dir = functions.get("__dir__")
        self._getattrs = own_getattrs(module.tree)
        self.comments = {word for found in _TYPE_COMMENT.findall(plain) for word in _WORD.findall(found)}
        self.exported = _exported(module.tree)

    def excluded(self, statements: Iterable[ast.stmt]) -> Stay | None:
        """Return which comment says that some statements stay, if one does."""
        for node in statements:
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                line = self._text.line(number)
                if KEEP.search(line):
                    return "kept", "", (number,)
                if number in self._off or _SKIP.search(line):
                    return "skip", "", (number,)
        return None

    def must_stay(
        self,
        name: str,
        members: Sequence[Member],
        uses: PlacedUses,
    ) -> Stay | None:
        """Tell why a name stays, whatever uses it."""
        looked_up = self._looked_up
        other = next((one for one in members[1:] if not _binds_the_same(members[0], one)), members[0])
        missing = self._wanted.missing.intersection(
            name for one in members for name in (one.target.partition(".")[0], one.module, one.target)
        )
        by_text = "a text names it, and it is looked up in"
        reasons: list[tuple[object, Stay]] = [
            (name in uses.bound, ("rebound", "", (uses.bound.get(name, 0),))),
            (other is not members[0], ("rebound", "", (other.statement.lineno,))),
            (name in uses.unclear, ("unclear", "", (uses.unclear.get(name, 0),))),
            (looked_up.anything, ("dynamic", looked_up.by, (looked_up.anything,))),
            (
                name in looked_up.texts,
                ("dynamic", by_text, (looked_up.texts.get(name, 0),)),
            ),
            (self._wanted.fallback and missing, ("fallback", f"`{self._wanted.fallback}`", ())),
            (name in self._doctests, ("doctest", "", ())),
        ]
        return next((reason for holds, reason in reasons if holds), None)

    def choice_stays(
        self,
        choice: Choice,
        by_name: Mapping[str, list[PlacedUse]],
        uses: PlacedUses,
        functions: Mapping[Definition, object] | None,
        needed: Mapping[Definition | None, frozenset[str]],
    ) -> tuple[str, StayReason, str, tuple[int, ...]] | None:
        """Tell why a choice between imports stays, by which of its names.

        Args:
            choice: It.
            by_name: What uses each name.
            uses: What else the module does with names.
            functions: The functions that would choose; None where not all that needs it stands in one.
            needed: The names that each of them needs, and, by None, type checkers.
        """
        first = choice.names[0]
        if comment := self.excluded([choice.statement]):
            return first, *comment
        for name in choice.names:
            if found := self._one_stays(name, choice, by_name.get(name, []), uses):
                return name, *found
        if functions is None:
            return first, "lambda", "", (choice.statement.lineno,)
        everything = [use for name in choice.names for use in by_name.get(name, ())]
        reason = self.cannot_import(everything, functions, uses) or self._cannot_choose(choice, needed)
        return (first, *reason) if reason else None

    def _one_stays(self, name: str, choice: Choice, its: list[PlacedUse], uses: PlacedUses) -> Stay | None:
        """Tell why one name of a choice stays."""
        members = [one for one in choice.members if one.bound == name]
        found = self.used_early(its)
        if found is None and (by := self.taken_by(name, members)):
            return "exported", by, ()
        found = found or next(filter(None, (self.must_stay(name, [one], uses) for one in members)), None)
        is_unused = members and not its and name not in self.comments
        return found or (("effect", "", ()) if is_unused else None)

    def _cannot_choose(self, choice: Choice, needed: Mapping[Definition | None, frozenset[str]]) -> Stay | None:
        """Tell which of what needs a choice cannot hold it."""
        imported = {member.bound for member in choice.members}
        for function, names in needed.items():
            if choice.fails_over and (function is None or not imported <= names):
                return "block", f"{choice.word}, of which not all is needed together", ()
            if function is not None and (_binds(function, choice.tested) or not self._has_lines(function)):
                return "block", f"{choice.word}, which `{function.name}` cannot hold", (function.lineno,)
        return None

    def _has_lines(self, function: Definition) -> bool:
        """Tell whether a function has lines of its own, among which a block can stand."""
        first = function.body[head_of(function)]
        line = first_line(first)
        return not head_of(function) or not self._text.line(line)[: first.col_offset].strip()

    def cannot_import(
        self, uses: list[PlacedUse], functions: Mapping[Definition, object], placed: PlacedUses
    ) -> Stay | None:
        """Tell which function, of those that would get an import, cannot do with one."""
        for use in uses:
            for scope in (use.scope, *enclosing(use.scope)) if use.role == "call" else ():
                node = scope.node
                if not isinstance(node, Definition):
                    continue
                if reason := "shutdown" if node.name == "__del__" else placed.late.get(node.name):
                    return reason, node.name, (node.lineno,)
                if node in functions and node in self._looked_up.holders:
                    return "holds", node.name, (self._looked_up.holders[node],)
                if any(map(self._readers.compiles, node.decorator_list)):
                    return "compiled", node.name, (node.lineno,)
        return None

    def used_early(self, uses: list[PlacedUse]) -> Stay | None:
        """Tell what needs a name while the module is imported."""
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

    def taken_by(self, name: str, members: Sequence[Member]) -> str:
        """Return what takes a name from this module, or nothing."""
        wanted = self._wanted
        is_own = all(one.module.partition(".")[0] == self._one.name.partition(".")[0] for one in members)
        renamed = any(one.alias.asname == one.alias.name for one in members)
        by = "tests that replace it" if name in wanted.patched or wanted.all_patched else ""
        by = by or ("`__all__`" if name in self.exported else "") or wanted.taken.get(name, "") or wanted.looked_up
        if seen := self._seen_by(name):
            return seen
        by = by or (wanted.listed if self.is_listed(name) else "")
        if renamed or (self._one.is_package and is_own and not name.startswith("_")):
            return by or "others, as it seems"
        return by

    def _seen_by(self, name: str) -> str:
        """Return what sees a name only where it is there, or nothing."""
        wanted = self._wanted
        if wanted.viewed and re.fullmatch(wanted.views, name):
            return wanted.viewed
        if self._dir is not None and _reads_names(self._dir) and self.is_listed(name):
            return wanted.listed
        return "" if self.exported or name.startswith("_") else wanted.starred

    def is_submodule(self, name: str) -> bool:
        """Tell whether a submodule has a name, too."""
        return name in self._wanted.submodules

    @property
    def lists_names(self) -> bool:
        """Whether the module lists its names by a function of its own."""
        return self._dir is not None

    def is_listed(self, name: str) -> bool:
        """Tell whether something looks for a name in a list of all that the module has."""
        return bool(self._wanted.listed and re.fullmatch(self._wanted.lists, name))

    def cannot_serve(self, name: str, by: str, functions: Container[Definition]) -> Stay | None:
        """Tell why a name that others take, and some functions import, cannot be imported when they do."""
        asks_itself = any(function in functions for function in self._getattrs)
        if self._getattrs and (asks_itself or not can_answer(self._getattrs, self._text)):
            return "served", "", ()
        if self._getattrs and self._dir is None and self.is_listed(name):
            return "exported", by, ()
        if self._one.name.rpartition(".")[2] == "__main__":
            return "exported", by, ()
        if self._seen_by(name):
            return "exported", by, ()
        return ("submodule", "", ()) if self.is_submodule(name) and not self._wanted.registered else None


def _binds(function: Definition, names: Collection[str]) -> bool:
    """Tell whether a function, or one in it, has a name of its own among some."""
    for node in ast.walk(function):
        bound = {
            getattr(node, "arg", None),
            getattr(node, "asname", None) or getattr(node, "name", None),
            node.id if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) else None,
        }
        if not bound.isdisjoint(names):
            return True
    return False


def _reads_names(function: ast.FunctionDef) -> bool:
    """Tell whether a function reads which names are there."""
    asking = {"globals", "vars", "locals", "dir"}
    return any(isinstance(node, ast.Name) and node.id in asking for node in ast.walk(function))


def _binds_the_same(one: Member, other: Member) -> bool:
    """Tell whether two imports bind a name to the same; those of submodules bind their package."""
    if isinstance(one.statement, ast.Import) and isinstance(other.statement, ast.Import):
        return (one.alias.asname, other.alias.asname) == (None, None) or one.target == other.target
    return type(one.statement) is type(other.statement) and one.target == other.target


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
