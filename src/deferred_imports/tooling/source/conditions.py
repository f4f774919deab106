"""What conditions and handlers in a source say about the imports below them. Syntax only; nothing is run."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
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
_EXITS = frozenset({"exit", "os._exit", "os.abort", "quit", "sys.exit"})
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

    def __init__(self, module: str, constants: Mapping[str, frozenset[str]], tree: ast.Module | None = None) -> None:
        """Begin without names.

        Args:
            module: The name of the module.
            constants: The platform constants of each module of the project.
            tree: The module, for what a handler names that is bound anywhere in it.
        """
        self.bound: dict[str, set[BoundTo]] = {}
        self._constants = constants
        self._platform_names = set(constants.get(module, ()))
        self._tree = tree
        self._errors: dict[str, ast.expr | None] | None = None  # None of what is bound more than once

    def bind(self, name: str, module: str, attribute: str | None = None) -> None:
        """Note that an import binds a name to a module, or to something in it."""
        self.bound.setdefault(name, set()).add((module, attribute))

    def assign(self, name: str, value: ast.expr) -> None:
        """Note that a name is bound to a value."""
        if isinstance(value, _TELLING) and self.judge(value) in {"platform", "version"}:
            self._platform_names.add(name)

    def caught(self, *kinds: ast.expr | None) -> ast.expr | None:
        """Return what a handler catches: a name may stand for several errors, `ERRORS = (ImportError, OSError)`."""
        if kinds == (None,):
            return None
        expanded: set[str] = set()
        found = [error for kind in kinds if kind is not None for error in self._spread(kind, (), expanded)]
        return found[0] if len(found) == 1 else ast.Tuple(found, ast.Load())

    def _spread(self, kind: ast.expr, around: tuple[str, ...], expanded: set[str]) -> Iterator[ast.expr]:
        """Yield the errors that an expression stands for, through names of the module.

        Args:
            kind: The expression.
            around: The names whose values it stands in; one that stands for itself may stand for anything.
            expanded: The names whose errors have been yielded; once is enough.
        """
        match kind:
            case ast.Tuple(elts=parts):
                for part in parts:
                    yield from self._spread(part, around, expanded)
            case ast.Starred(value=value):
                yield from self._spread(value, around, expanded)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                yield from self._spread(left, around, expanded)
                yield from self._spread(right, around, expanded)
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if (
                name not in _EXCEPTIONS and name not in around and (named := self._named_errors().get(name)) is not None
            ):
                if name not in expanded:
                    expanded.add(name)
                    yield from self._spread(named, (*around, name), expanded)
            case _:
                yield kind

    def _named_errors(self) -> Mapping[str, ast.expr | None]:
        """Return what the module assigns to names that may stand for errors, wherever it does."""
        if self._errors is None:
            self._errors = {}
            for name, value in _assigned(self._tree):
                told = isinstance(value, ast.Tuple | ast.BinOp | ast.Name | ast.Attribute)
                self._errors[name] = value if told and name not in self._errors else None
        return self._errors

    def is_suppress(self, function: ast.expr) -> bool:
        """Tell whether a function is `contextlib.suppress`, by whatever name."""
        name = self.origin(function)
        return name == "contextlib.suppress" or name.rpartition(".")[2] == "suppress"

    def origin(self, function: ast.expr) -> str:
        """Return what a function is called where it comes from, as far as imports tell: `sys.exit`."""
        match function:
            case ast.Name(id=name):
                origins = self.bound.get(name, ())
                return next((f"{module}.{attribute}" for module, attribute in origins if attribute), name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                return f"{next((module for module, one in self.bound.get(name, ()) if one is None), name)}.{attribute}"
            case ast.Attribute(attr=attribute):
                return f".{attribute}"
        return ""

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


def _assigned(tree: ast.Module | None) -> Iterator[tuple[str, ast.expr]]:
    """Yield what is assigned to single names, anywhere in a module."""
    for node in walk(tree) if tree is not None else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


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


def leaves(statements: list[ast.stmt], scope: Scope | None = None) -> bool:
    """Tell whether a block always ends by leaving the block around it."""
    return _ends(statements, scope or Scope("", {}), _leaving)


def raises(statements: list[ast.stmt], scope: Scope | None = None) -> bool:
    """Tell whether a block always ends by raising something, or by ending the program."""
    return _ends(statements, scope or Scope("", {}), _raising)


_EndOfBlock: TypeAlias = "Callable[[ast.stmt, Scope], bool]"
"""Tells whether a statement by itself is the end that is asked for."""


def _raising(node: ast.stmt, scope: Scope) -> bool:
    match node:
        case ast.Raise():
            return True
        case ast.Expr(value=ast.Call(func=function)):
            return scope.origin(function) in _EXITS
    return False


def _returning(node: ast.stmt, _: Scope) -> bool:
    return isinstance(node, ast.Return | ast.Continue | ast.Break)


def _leaving(node: ast.stmt, scope: Scope) -> bool:
    return _returning(node, scope) or _raising(node, scope)


def _ends(statements: list[ast.stmt], scope: Scope, way: _EndOfBlock) -> bool:
    """Tell whether all ways through a block end so."""
    if not statements:
        return False
    match statements[-1]:
        case ast.If(body=body, orelse=orelse):
            return _ends(body, scope, way) and _ends(orelse, scope, way)
        case ast.With(body=body) | ast.AsyncWith(body=body):  # which may swallow what is raised, but not a return
            return way is _leaving and _ends(body, scope, _returning)
        case ast.Match(cases=cases):
            last = cases[-1]
            whole = last.guard is None and isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
            return whole and all(_ends(case.body, scope, way) for case in cases)
        case node if isinstance(node, TRIES):
            normal = _ends(node.body, scope, way) or _ends(node.orelse, scope, way)
            caught = all(_ends(handler.body, scope, way) for handler in node.handlers)
            return (normal and caught) or _ends(node.finalbody, scope, way)
        case node:
            return way(node, scope)


def catches_import_error(kind: ast.expr | None) -> bool:
    """Tell whether a handler, or another place with exceptions, is for a module that is missing."""
    if isinstance(kind, ast.Tuple):
        return any(map(catches_import_error, kind.elts))
    name = getattr(kind, "attr", None) or getattr(kind, "id", None)
    # A constant from elsewhere may stand for anything; classes are not written so.
    return kind is None or name in _IMPORT_ERRORS or (isinstance(name, str) and name.isupper() and len(name) > 1)


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


def fallback_chain(node: Try, scope: Scope) -> tuple[list[Candidate], bool]:
    """Return the imports of a fallback chain, and whether the last of them must succeed; no imports when it is none.

    A chain binds the same name by one import in the `try`, and one in the handler or in a chain that is in there.
    Beside each import stands what has the next one answer.
    """
    first = _only_import(node.body)
    handlers = [handler for handler in node.handlers if catches_import_error(scope.caught(handler.type))]
    if first is None or len(handlers) != 1:
        return [], False
    candidate = (first, caught_by(scope.caught(handlers[0].type)))
    if raises(handlers[0].body, scope):
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
        rest, ends = fallback_chain(tries[0], scope)
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
