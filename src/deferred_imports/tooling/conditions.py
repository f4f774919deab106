"""What conditions and handlers in a source say about the imports below them. Syntax only; nothing is run."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

if sys.version_info >= (3, 11):
    Try: TypeAlias = "ast.Try | ast.TryStar"
    TRIES = (ast.Try, ast.TryStar)
else:
    Try: TypeAlias = ast.Try
    TRIES = (ast.Try,)


_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_TYPING = frozenset({"TYPE_CHECKING", "MYPY"})
# What tells platforms and versions apart, by module; None stands for everything in it.
_PLATFORM: Mapping[str, frozenset[str] | None] = {
    "sys": frozenset({"platform", "version_info", "hexversion", "implementation", "getwindowsversion"}),
    "os": frozenset({"name"}),
    "platform": None,
}
# Values that may say which platform it is; others, such as long tables, need no look.
_TELLING = (ast.Attribute, ast.BoolOp, ast.Call, ast.Compare, ast.Subscript, ast.UnaryOp)
Judgement: TypeAlias = Literal["typing", "running", "main", "not main", "platform", ""]
_OPPOSITE: Mapping[Judgement, Judgement] = {
    "typing": "running",
    "running": "typing",
    "main": "not main",
    "not main": "main",
}


Binding: TypeAlias = "tuple[str, str | None]"
"""What an import binds a name to: a module, or a name in one."""


class Scope:
    """What the names of one module stand for."""

    def __init__(self, module: str, constants: Mapping[str, frozenset[str]]) -> None:
        self.bound: dict[str, set[Binding]] = {}
        self._constants = constants
        self._platform_names = set(constants.get(module, ()))

    def bind(self, name: str, module: str, attribute: str | None = None) -> None:
        """Note that an import binds a name to a module, or to something in it."""
        self.bound.setdefault(name, set()).add((module, attribute))

    def assign(self, name: str, value: ast.expr) -> None:
        """Note that a name is bound to a value."""
        if isinstance(value, _TELLING) and self.judge(value) == "platform":
            self._platform_names.add(name)

    def judge(self, test: ast.expr) -> Judgement:
        """Tell what a condition is about, if it is one of those that matter here."""
        judgement: Judgement = ""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                judgement = self.judge(operand)
                judgement = _OPPOSITE.get(judgement, judgement)
            case ast.Constant(value=value):
                judgement = "running" if value else "typing"  # `if False:` hides imports from Python
            case ast.Name(id=name) if name in _TYPING or any(
                attribute == "TYPE_CHECKING" for _, attribute in self.bound.get(name, ())
            ):
                judgement = "typing"
            case ast.Attribute(attr="TYPE_CHECKING"):
                judgement = "typing"
            case ast.BoolOp(op=op, values=values):
                judgement = _joint(op, [self.judge(value) for value in values])
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as operator], comparators=[right]) if {
                _constant(left),
                _constant(right),
            } == {"name:__name__", "__main__"}:
                judgement = "main" if isinstance(operator, ast.Eq) else "not main"
            case _ if any(map(self._is_platform, ast.walk(test))):
                judgement = "platform"
        return judgement

    def _is_platform(self, node: ast.AST) -> bool:
        """Tell whether an expression is one that differs between platforms or versions of Python."""
        if isinstance(node, ast.Name):
            return node.id in self._platform_names or any(
                attribute is not None and self._is_constant(module, attribute)
                for module, attribute in self.bound.get(node.id, ())
            )
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return any(
                self._is_constant(module if attribute is None else f"{module}.{attribute}", node.attr)
                for module, attribute in self.bound.get(node.value.id, ())
            )
        return False

    def _is_constant(self, module: str, name: str) -> bool:
        if module in _PLATFORM:
            known = _PLATFORM[module]
            return known is None or name in known
        return name in self._constants.get(module, ())


def _joint(op: ast.boolop, judgements: list[Judgement]) -> Judgement:
    """Return the judgement on a condition that is joined from others by `and` or `or`."""
    decisive: tuple[Judgement, ...] = ("typing", "main") if isinstance(op, ast.And) else ("running", "not main")
    for judgement in decisive:
        if judgement in judgements:
            return judgement
    if len(set(judgements)) == 1:
        return judgements[0]
    return "platform" if "platform" in judgements else ""


def _constant(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return f"name:{name}"
        case ast.Constant(value=str(value)):
            return value
    return ""


def leaves(statements: list[ast.stmt]) -> bool:
    """Tell whether a block ends by leaving the block around it."""
    return bool(statements) and isinstance(statements[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def catches_import_error(kind: ast.expr | None) -> bool:
    """Tell whether a handler, or another place with exceptions, is for a module that is missing."""
    if isinstance(kind, ast.Tuple):
        return any(map(catches_import_error, kind.elts))
    return kind is None or (getattr(kind, "attr", None) or getattr(kind, "id", None)) in _IMPORT_ERRORS


def fallback_chain(node: Try) -> tuple[list[ast.Import | ast.ImportFrom], bool]:
    """Return the imports of a fallback chain, and whether the last of them must succeed; no imports when it is none.

    A chain binds the same name by one import in the `try`, and one in the handler or in a chain that is in there.
    """
    first = _only_import(node.body)
    handlers = [handler for handler in node.handlers if catches_import_error(handler.type)]
    if first is None or len(handlers) != 1:
        return [], False
    second = _only_import(handlers[0].body)
    if second is not None:
        rest, ends = [second], True
    else:
        tries = [child for child in handlers[0].body if isinstance(child, TRIES)]
        others = [child for child in handlers[0].body if not isinstance(child, TRIES)]
        if len(tries) != 1 or _imports_in(others):
            return [first], False
        rest, ends = fallback_chain(tries[0])
    if any(_binds(other) != _binds(first) for other in rest):
        return [first], False
    return [first, *rest], ends


def _only_import(statements: list[ast.stmt]) -> ast.Import | ast.ImportFrom | None:
    """Return the one import of one module in a block, when it is not in a block of its own."""
    match _imports_in(statements):
        case [ast.ImportFrom() | ast.Import(names=[_]) as only] if only in statements:
            return only
    return None


def _imports_in(statements: Iterable[ast.stmt]) -> list[ast.Import | ast.ImportFrom]:
    return [
        node
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def _binds(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
