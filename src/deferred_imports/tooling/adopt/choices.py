"""Blocks at the top that only choose what names stand for, by the version of Python or by what is missing.

    if sys.version_info >= (3, 11):         try:
        import tomllib                          import rich
    else:                                   except ImportError:
        import tomli as tomllib                 rich = None

Such a block moves whole: each function that needs a name of it chooses anew, as the block did. Syntax only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TypeAlias

from deferred_imports.tooling.adopt.comments import comment_of, line_above
from deferred_imports.tooling.adopt.layout import Item, Style, items_of, wrapped
from deferred_imports.tooling.adopt.moves import Choice, ImportStatement, Member, is_for_checkers
from deferred_imports.tooling.adopt.parsed import ParsedModule
from deferred_imports.tooling.adopt.text import Text
from deferred_imports.tooling.source.conditions import Scope, catches_import_error

Chosen: TypeAlias = "tuple[Choice, frozenset[str]]"
"""A choice, and the names of it that are needed at one place."""


def find_choice(node: ast.stmt, module: ParsedModule) -> Choice | None:
    """Return what a statement at the top chooses between, if it does nothing else."""
    if not isinstance(node, ast.If | ast.Try) or is_for_checkers(node):
        return None
    blocks = list(_blocks(node, _scope(module)))
    leaves: dict[ast.stmt, tuple[str, ...]] = {}
    members: list[Member] = []
    for leaf in (leaf for block in blocks for leaf in block or ()):
        bound, its = _bound(leaf, module)
        if bound is None or not _stands_alone(leaf, module.text):
            return None
        leaves[leaf] = bound
        members += its
    if None in blocks or not members:
        return None
    inside = [one for one in ast.walk(node) if isinstance(one, ast.If | ast.Try)]
    tests = [one.test for one in inside if isinstance(one, ast.If)]
    tested = {name.id for test in tests for name in ast.walk(test) if isinstance(name, ast.Name)}
    fails_over = any(isinstance(one, ast.Try) for one in inside)
    return Choice(node, leaves, tuple(members), frozenset(tested), fails_over)


def choice_lines(chosen: Chosen, text: Text, style: Style, indent: str) -> list[str]:
    """Return the lines that choose what some names stand for, further in."""
    choice, names = chosen
    lines: list[str] = []
    leaves = {leaf.lineno: leaf for leaf in choice.leaves}
    number = line_above(text, choice.statement)
    needed = {leaf for leaf, bound in choice.leaves.items() if not bound or names.intersection(bound)}
    while number <= (choice.statement.end_lineno or number):
        line, leaf = text.line(number), leaves.get(number)
        if leaf is None:
            lines.append(f"{indent}{line}" if line.strip() else "")
            number += 1
            continue
        inner = indent + line[: len(line) - len(line.lstrip())]
        number = (leaf.end_lineno or leaf.lineno) + 1
        if leaf in needed:
            lines += _leaf(leaf, names, text, style, inner)
        elif needed.isdisjoint(siblings := _siblings(choice.statement, leaf)) and leaf is siblings[0]:
            lines.append(f"{inner}pass")
    return list(_without_gaps(lines))


def _without_gaps(lines: list[str]) -> Iterator[str]:
    """Yield lines without the empty ones that were between two statements of which one is gone."""
    before = ""
    for index, line in enumerate(lines):
        following = next(filter(None, lines[index + 1 :]), "")
        is_gap = not line and (not before or before.rstrip().endswith(":") or _depth(following) < _depth(before))
        if not is_gap:
            yield line
            before = line


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _scope(module: ParsedModule) -> Scope:
    """Return what the names in conditions stand for."""
    scope = Scope(module.name, {})
    for node in module.tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                scope.bind(alias.asname or alias.name.partition(".")[0], alias.name)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                scope.bind(alias.asname or alias.name, node.module or "", alias.name)
    return scope


def _blocks(node: ast.stmt, scope: Scope) -> Iterator[list[ast.stmt] | None]:
    """Yield the statements of each block that has no block in it; None for one that does something else, too."""
    if isinstance(node, ast.If):
        parts = [node.body, node.orelse] if scope.judge(node.test) in {"platform", "version"} else []
    elif isinstance(node, ast.Try) and not node.finalbody:
        is_for_imports = all(handler.name is None and _is_for_imports(handler.type) for handler in node.handlers)
        parts = [node.body, *(one.body for one in node.handlers), node.orelse] if is_for_imports else []
    else:
        parts = []
    if not parts:
        yield None
    for part in filter(None, parts):
        if len(part) == 1 and isinstance(part[0], ast.If | ast.Try):
            yield from _blocks(part[0], scope)
        else:
            yield part


def _is_for_imports(kind: ast.expr | None) -> bool:
    return kind is not None and catches_import_error(kind)


def _bound(leaf: ast.stmt, module: ParsedModule) -> tuple[tuple[str, ...] | None, list[Member]]:
    """Return the names that a statement binds, or None where it does something else; and its imports."""
    match leaf:
        case ast.Pass():
            return (), []
        case ast.Assign(targets=targets, value=ast.Constant()) if leaf.lineno == leaf.end_lineno:
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            return (tuple(names) if len(names) == len(targets) else None), []
        case ast.Import() | ast.ImportFrom():
            origin = module.origin(leaf)
            names = [alias.name for alias in leaf.names]
            if origin is None or origin == "__future__" or "*" in names or module.is_lazy(leaf):
                return None, []
            members = [Member(leaf, alias, origin or alias.name) for alias in leaf.names]
            is_registry = any({one.module, one.target} & module.wanted.registries for one in members)
            return (None if is_registry else tuple(member.bound for member in members)), members
    return None, []


def _stands_alone(leaf: ast.stmt, text: Text) -> bool:
    """Tell whether a statement has its lines for itself, with at most one comment, behind it."""
    start, end = text.offset(leaf.lineno, leaf.col_offset), text.offset(leaf.end_lineno or 0, leaf.end_col_offset or 0)
    before, after = text.text[text.starts[leaf.lineno - 1] : start], text.text[end : text.end(leaf.end_lineno or 0)]
    inside = text.text[start:end]
    return not before.strip() and not re.search(r"[#\\]", inside) and re.fullmatch(r"\s*(#.*)?\s*", after) is not None


def _leaf(leaf: ast.stmt, names: frozenset[str], text: Text, style: Style, indent: str) -> list[str]:
    """Return the lines of one statement."""
    if not isinstance(leaf, ImportStatement):
        return [indent + text.line(leaf.lineno).strip()]
    bound = [Member(leaf, alias, alias.name).bound for alias in leaf.names]
    comment = comment_of(text, leaf)
    items = [Item(*item[:4], comment) for item, name in zip(items_of(leaf), bound, strict=True) if name in names]
    if isinstance(leaf, ast.ImportFrom):
        return wrapped(tuple(items), style, indent)
    return [line for item in items for line in wrapped((item,), style, indent)]


def _siblings(node: ast.AST, leaf: ast.stmt) -> list[ast.stmt]:
    """Return the statements of the block in which one stands."""
    for one in ast.walk(node):
        for part in (getattr(one, "body", []), getattr(one, "orelse", [])):
            if leaf in part:
                found: list[ast.stmt] = part
                return found
    return []
