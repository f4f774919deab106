"""What conditions and handlers in a source say about the imports below them. Syntax only; nothing is run."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from deferred_imports.tooling.source.walking import walk

if sys.version_info >= (3, 11):
    Try: TypeAlias = "ast.Try | ast.TryStar"
    TRIES = (ast.Try, ast.TryStar)
else:
    Try: TypeAlias = ast.Try
    TRIES = (ast.Try,)


_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
# Those that every Python has on which a registry runs.
_EXCEPTIONS = frozenset(
    """
    ArithmeticError AssertionError AttributeError BaseException BufferError BytesWarning ConnectionError
    DeprecationWarning EOFError Exception FileNotFoundError ImportError ImportWarning IndexError KeyError
    KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotImplementedError OSError OverflowError
    PermissionError RecursionError RuntimeError RuntimeWarning StopIteration SyntaxError SystemError SystemExit
    TypeError UnboundLocalError UnicodeDecodeError UnicodeError UserWarning ValueError Warning ZeroDivisionError
    """.split()
)
_TYPING = frozenset({"TYPE_CHECKING", "MYPY"})
# What tells versions of Python apart, and platforms, as everything in the module `platform` does.
_VERSION = {
    "sys": frozenset({"hexversion", "version_info"}),
    "platform": frozenset({"python_version", "python_version_tuple"}),
}
_PLATFORM = {"sys": frozenset({"getwindowsversion", "implementation", "platform"}), "os": frozenset({"name"})}
# Values that may say which platform it is; others, such as long tables, need no look.
_TELLING = (ast.Attribute, ast.BoolOp, ast.Call, ast.Compare, ast.Subscript, ast.UnaryOp)
Judgement: TypeAlias = Literal["typing", "running", "main", "not main", "platform", "version", ""]
_OPPOSITE: Mapping[Judgement, Judgement] = {
    "typing": "running",
    "running": "typing",
    "main": "not main",
    "not main": "main",
}


BoundTo: TypeAlias = "tuple[str, str | None]"
"""What an import binds a name to: a module, or a name in one."""

Candidate: TypeAlias = "tuple[ast.Import | ast.ImportFrom, tuple[str, ...]]"
"""An import of a fallback chain, and the errors of it that have the next one answer."""


class Scope:
    """What the names of one module stand for."""

    def __init__(self, module: str, constants: Mapping[str, frozenset[str]]) -> None:
        self.bound: dict[str, set[BoundTo]] = {}
        self._constants = constants
        self._platform_names = set(constants.get(module, ()))
        self._tuples: dict[str, ast.Tuple | None] = {}  # None of what is bound more than once

    def bind(self, name: str, module: str, attribute: str | None = None) -> None:
        """Note that an import binds a name to a module, or to something in it."""
        self.bound.setdefault(name, set()).add((module, attribute))

    def assign(self, name: str, value: ast.expr) -> None:
        """Note that a name is bound to a value."""
        if isinstance(value, _TELLING) and self.judge(value) in {"platform", "version"}:
            self._platform_names.add(name)
        self._tuples[name] = value if isinstance(value, ast.Tuple) and name not in self._tuples else None

    def caught(self, kind: ast.expr | None) -> ast.expr | None:
        """Return what a handler catches: a name may stand for several errors, `ERRORS = (ImportError, OSError)`."""
        return (self._tuples.get(kind.id) or kind) if isinstance(kind, ast.Name) else kind

    def is_suppress(self, function: ast.expr) -> bool:
        """Tell whether a function is `contextlib.suppress`, by whatever name."""
        if isinstance(function, ast.Name):
            return function.id == "suppress" or ("contextlib", "suppress") in self.bound.get(function.id, ())
        return isinstance(function, ast.Attribute) and function.attr == "suppress"

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
            case _:
                found = {self._platform_or_version(node) for node in walk(test)}
                judgement = "platform" if "platform" in found else "version" if "version" in found else ""
        return judgement

    def _platform_or_version(self, node: ast.AST) -> Judgement:
        """Tell whether an expression differs between platforms, or only between versions of Python."""
        names: list[tuple[str, str]] = []
        if isinstance(node, ast.Name):
            if node.id in self._platform_names:
                return "platform"
            names = [(module, name) for module, name in self.bound.get(node.id, ()) if name is not None]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            holders = self.bound.get(node.value.id, ())
            names = [(module if name is None else f"{module}.{name}", node.attr) for module, name in holders]
        for module, name in names:
            if name in _VERSION.get(module, ()):
                return "version"
            if module == "platform" or name in _PLATFORM.get(module, ()) or name in self._constants.get(module, ()):
                return "platform"
        return ""


def _joint(op: ast.boolop, judgements: list[Judgement]) -> Judgement:
    """Return the judgement on a condition that is joined from others by `and` or `or`."""
    decisive: tuple[Judgement, ...] = ("typing", "main") if isinstance(op, ast.And) else ("running", "not main")
    for judgement in decisive:
        if judgement in judgements:
            return judgement
    if len(set(judgements)) == 1:
        return judgements[0]
    return "platform" if "platform" in judgements else "version" if "version" in judgements else ""


def _constant(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return f"name:{name}"
        case ast.Constant(value=str(value)):
            return value
    return ""


def leaves(statements: list[ast.stmt]) -> bool:
    """Tell whether a block ends by leaving the block around it."""
    return raises(statements) or (
        bool(statements) and isinstance(statements[-1], ast.Return | ast.Continue | ast.Break)
    )


def raises(statements: list[ast.stmt]) -> bool:
    """Tell whether a block ends by raising something, or by ending the program."""
    match statements:
        case [*_, ast.Raise()]:
            return True
        case [*_, ast.Expr(value=ast.Call(func=function))]:
            return ast.unparse(function) in {"exit", "os._exit", "os.abort", "quit", "sys.exit"}
    return False


def catches_import_error(kind: ast.expr | None) -> bool:
    """Tell whether a handler, or another place with exceptions, is for a module that is missing."""
    if isinstance(kind, ast.Tuple):
        return any(map(catches_import_error, kind.elts))
    return kind is None or (getattr(kind, "attr", None) or getattr(kind, "id", None)) in _IMPORT_ERRORS


def caught_by(kind: ast.expr | None) -> tuple[str, ...]:
    """Return what a handler catches, as far as Python itself has it, in the order of their names."""
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    names = {getattr(part, "attr", None) or getattr(part, "id", None) for part in parts}
    return ("BaseException",) if kind is None else tuple(sorted(_EXCEPTIONS & names))


def in_common(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """Return what two handlers both catch."""
    one, other = [[getattr(builtins, name) for name in names] for names in (first, second)]
    both = {kind for kind in one if issubclass(kind, tuple(other))} | {
        kind for kind in other if issubclass(kind, tuple(one))
    }
    return tuple(sorted(kind.__name__ for kind in both))


def fallback_chain(node: Try) -> tuple[list[Candidate], bool]:
    """Return the imports of a fallback chain, and whether the last of them must succeed; no imports when it is none.

    A chain binds the same name by one import in the `try`, and one in the handler or in a chain that is in there.
    Beside each import stands what has the next one answer.
    """
    first = _only_import(node.body)
    handlers = [handler for handler in node.handlers if catches_import_error(handler.type)]
    if first is None or len(handlers) != 1:
        return [], False
    candidate = (first, caught_by(handlers[0].type))
    if raises(handlers[0].body):
        return [candidate], True
    second = _only_import(handlers[0].body)
    rest: list[Candidate]
    if second is not None:
        rest, ends = [(second, ())], True
    else:
        tries = [child for child in handlers[0].body if isinstance(child, TRIES)]
        others = [child for child in handlers[0].body if not isinstance(child, TRIES)]
        if len(tries) != 1 or _imports_in(others):
            return [candidate], False
        rest, ends = fallback_chain(tries[0])
    if any(_binds(other) != _binds(first) for other, _ in rest):
        return [candidate], False
    return [candidate, *rest], ends


def _only_import(statements: list[ast.stmt]) -> ast.Import | ast.ImportFrom | None:
    """Return the one import of one module in a block, when it is not in a block of its own."""
    match _imports_in(statements):
        case [ast.ImportFrom() | ast.Import(names=[_]) as only] if only in statements:
            return only
    return None


def _imports_in(statements: Iterable[ast.stmt]) -> list[ast.Import | ast.ImportFrom]:
    return [
        node for statement in statements for node in walk(statement) if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def _binds(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
