"""Conditions about the platform or the version of Python, as environment markers (PEP 508). Syntax only.

A marker says where what stands below a condition can run, and never leaves out a place where it could. What no marker
says, such as `sys.version_info.minor > 8`, and what depends on the program, is left out of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from deferred_imports.tooling.source.conditions import Scope
from deferred_imports.tooling.table.combining import OPPOSITE, all_of


@dataclass(frozen=True)
class Guard:
    """What a condition says of what it guards.

    Attributes:
        marker: Where that can run; None when no marker tells.
        whole: Whether the marker tells all that the platform and the version have to do with it.
        raised: Whether something is raised elsewhere, which a block around it may catch.
    """

    marker: str | None
    whole: bool
    raised: bool = False


_TEXTS = {
    "os.name": "os_name",
    "platform.machine()": "platform_machine",
    "platform.python_implementation()": "platform_python_implementation",
    "platform.system()": "platform_system",
    "sys.implementation.name": "implementation_name",
    "sys.platform": "sys_platform",
}
# The values of `sys.platform` that begin so; there is one each.
_BEGINNINGS = {
    "win": "win32",
    **{name: name for name in "android cygwin darwin emscripten ios linux wasi win32".split()},
}
_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def guard_of(test: ast.expr, scope: Scope, *, holds: bool = True) -> Guard:
    """Return what a condition says of what runs when it holds, or when it does not."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return guard_of(operand, scope, holds=not holds)
        case ast.NamedExpr(value=value):
            return guard_of(value, scope, holds=holds)
        case ast.BoolOp(op=op, values=values):
            guards = [guard_of(value, scope, holds=holds) for value in values]
            return _all(guards) if isinstance(op, ast.And) is holds else _any(guards)
        case ast.Compare(left=left, ops=ops, comparators=others):
            pairs = zip(ops, [left, *others], others, strict=False)
            markers = [_compared(*pair, scope, holds=holds) for pair in pairs]
            guards = [_told(marker, test, scope) for marker in markers]
            return _all(guards) if holds else _any(guards)
        case ast.Call(func=ast.Attribute(value=ast.expr() as value, attr="startswith"), args=[prefix]) if (
            _name_of(value, scope) == "sys.platform"
        ):
            found = [_BEGINNINGS.get(text or "") for text in _texts(prefix)]
            return _told(_one_of("sys_platform", found, holds=holds), test, scope)
    return _told(None, test, scope)


def _told(marker: str | None, test: ast.expr, scope: Scope) -> Guard:
    return Guard(marker, whole=marker is not None or scope.judge(test) not in {"platform", "version"})


def all_guards(guards: Iterable[Guard | None]) -> Guard | None:
    """Return what holds where all of these do; None stands for everywhere."""
    found = [guard for guard in guards if guard is not None]
    return _all(found) if found else None


def any_guard(guards: Iterable[Guard | None]) -> Guard | None:
    """Return what holds where one of these does; None when one does everywhere."""
    found = list(guards)
    told = [guard for guard in found if guard is not None and (guard.marker or not guard.whole)]
    return _any(told) if found and len(told) == len(found) else None


def _all(guards: list[Guard]) -> Guard:
    marker, whole = all_of(guard.marker for guard in guards), all(guard.whole for guard in guards)
    return Guard(marker, whole, raised=any(guard.raised for guard in guards))


def _any(guards: list[Guard]) -> Guard:
    markers = [guard.marker for guard in guards if guard.marker]
    raised = any(guard.raised for guard in guards)
    if len(markers) < len(guards):  # the others may hold anywhere
        return Guard(None, whole=not markers and all(guard.whole for guard in guards), raised=raised)
    return Guard(" or ".join(dict.fromkeys(markers)), whole=all(guard.whole for guard in guards), raised=raised)


def _compared(op: ast.cmpop, left: ast.expr, right: ast.expr, scope: Scope, *, holds: bool) -> str | None:
    """Return a comparison as a marker, if there is one for it."""
    operator = _OPERATORS.get(type(op), "")
    if not holds:
        operator = OPPOSITE.get(operator, "")
    if isinstance(left, ast.Constant | ast.Tuple):  # "win32" == sys.platform, "linux" in sys.platform
        variable = _TEXTS.get(_name_of(right, scope))
        if variable and operator in {"in", "not in"}:
            return next((f"'{text}' {operator} {variable}" for text in _texts(left) if text), None)
        left, right, operator = right, left, _MIRRORED.get(operator, "")
    variable = _TEXTS.get(_name_of(left, scope))
    if variable:
        several = operator in {"in", "not in"}
        if several is isinstance(right, ast.Constant) or operator not in {"==", "!=", "in", "not in"}:
            return None
        return _one_of(variable, _texts(right), holds=operator in {"==", "in"})
    return _compared_version(_part_of_version(left, scope), operator, _numbers(right))


def _one_of(variable: str, texts: list[str | None], *, holds: bool) -> str | None:
    if not texts or None in texts:
        return None
    if holds:
        return " or ".join(f"{variable} == '{text}'" for text in texts)
    return " and ".join(f"{variable} != '{text}'" for text in texts)


def _compared_version(part: str | None, operator: str, numbers: tuple[int, ...]) -> str | None:
    """Return a comparison of `sys.version_info`, or a part of it, as a marker."""
    if part is None or operator not in _MIRRORED or not numbers or len(numbers) > 3:
        return None
    if part == ":2":
        return f"python_version {operator} '{numbers[0]}.{numbers[1]}'" if len(numbers) == 2 else None
    if operator in {"==", "!="}:
        return f"python_version {operator} '{numbers[0]}.*'" if part == "0" else None
    if operator in {">", "<="}:
        # All of `version_info` is greater than its beginning; a number is not greater than itself.
        operator = {">": ">=", "<=": "<"}[operator]
        numbers = (numbers[0] + 1,) if part == "0" else numbers
    if len(numbers) == 3 and numbers[2]:
        return f"python_full_version {operator} '{'.'.join(map(str, numbers))}'"
    return f"python_version {operator} '{'.'.join(map(str, numbers[:2]))}'"


def _part_of_version(node: ast.expr, scope: Scope) -> str | None:
    """Return which part of `sys.version_info` an expression is: all, the first number or the first two."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=0)):
            part = "0"
        case ast.Subscript(value=value, slice=ast.Slice(lower=None, upper=ast.Constant(value=2), step=None)):
            part = ":2"
        case ast.Attribute(value=value, attr="major"):
            part = "0"
        case value:
            part = ""
    return part if _name_of(value, scope) == "sys.version_info" else None


def _name_of(node: ast.expr, scope: Scope) -> str:
    """Return what an expression stands for, as in `sys.platform` and `platform.system()`, or nothing."""
    match node:
        case ast.Name(id=name) if len(bindings := scope.bound.get(name, ())) == 1:
            return ".".join(filter(None, *bindings))
        case ast.Attribute(value=value, attr=attribute) if holder := _name_of(value, scope):
            return f"{holder}.{attribute}"
        case ast.Call(func=function, args=[], keywords=[]) if called := _name_of(function, scope):
            return f"{called}()"
    return ""


def _texts(node: ast.expr) -> list[str | None]:
    """Return the text, or the texts, that an expression is; None for those that no marker can hold."""
    nodes = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    values = [item.value if isinstance(item, ast.Constant) else None for item in nodes]
    return [value if isinstance(value, str) and re.fullmatch(r"[\w.-]+", value) else None for value in values]


def _numbers(node: ast.expr) -> tuple[int, ...]:
    nodes = node.elts if isinstance(node, ast.Tuple) else [node]
    values = [item.value for item in nodes if isinstance(item, ast.Constant)]
    numbers = tuple(value for value in values if isinstance(value, int))
    return numbers if len(numbers) == len(nodes) else ()
