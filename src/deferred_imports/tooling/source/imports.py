"""What one module imports, and when, and what it reads from the names that it binds. Syntax only; nothing is run.

What one module cannot tell by itself, such as whether `b` in `from a import b` is a module, is left to `discover`.
It is long as one walk, with a handler for each kind of statement.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.util import resolve_name
from typing import Any, ClassVar

from deferred_imports.tooling.source.bindings import bindings, bound_by, parameters
from deferred_imports.tooling.source.conditions import (
    TRIES,
    Scope,
    Try,
    catches_import_error,
    fallback_chain,
    leaves,
    raises,
)
from deferred_imports.tooling.source.facts import Facts, Statement
from deferred_imports.tooling.source.guards import Guard, all_guards, any_guard, guard_of
from deferred_imports.tooling.source.place import Standing, beyond, both_ways, branches
from deferred_imports.tooling.source.reads import ChainReader, later
from deferred_imports.tooling.source.text import TOO_DEEP, UnreadableSourceError, parse_source
from deferred_imports.tooling.source.walking import walk


def read_source(
    text: str, module: str, *, is_package: bool, constants: Mapping[str, frozenset[str]] | None = None
) -> Facts:
    """Analyse a module.

    Args:
        text: Its source.
        module: Its absolute name.
        is_package: Whether that is a package, which relative imports start from.
        constants: The platform constants of each module of the project.

    Raises:
        UnreadableSourceError: when it cannot be parsed.
    """
    tree, lazy = parse_source(text)
    try:
        return read_imports(tree, lazy, module, is_package=is_package, constants=constants)
    except RecursionError as error:
        raise UnreadableSourceError(TOO_DEEP) from error


def read_imports(
    tree: ast.Module,
    lazy: set[tuple[int, int]],
    module: str,
    *,
    is_package: bool,
    constants: Mapping[str, frozenset[str]] | None = None,
) -> Facts:
    """Analyse a module as `read_source` does, of which `parse` has returned the tree and the lazy imports.

    Raises:
        RecursionError: when it is nested too deeply.
    """
    package = module if is_package else module.rpartition(".")[0]
    return _ImportReader(tree, package, Scope(module, constants or {}, tree), lazy).read()


def _absolute(package: str, module: str, level: int) -> str | None:
    try:
        return resolve_name("." * level + module, package or None) if level else module
    except ImportError:
        return None


class _ImportReader:
    """Walks through one module, statement by statement; what expressions read from names is for `ChainReader`."""

    def __init__(self, tree: ast.Module, package: str, scope: Scope, lazy: set[tuple[int, int]]) -> None:
        self._tree = tree
        self._package = package
        self._scope = scope
        self._lazy = lazy
        self._expressions = ChainReader(tree, partial(_absolute, package))  # no method: a cycle would keep each tree
        self._statements: list[Statement] = []
        # The imports that are part of a fallback chain: its number, whether the code goes on without all of it, and
        # which errors lead to the next one.
        self._fallbacks: dict[ast.stmt, tuple[int, bool, tuple[str, ...]]] = {}
        self._fallback_count = 0
        # What __lazy_modules__ holds: all that the registry declares, and what else.
        self._listed = False
        self._listed_too: frozenset[str] = frozenset()

    def read(self) -> Facts:
        """Return the facts; what is read from other names than those that imports bind is left out."""
        body = self._tree.body
        conditional = self._block(body, Standing()) is not None
        reads, aliases = self._expressions.beginning_with(self._scope.bound)
        return Facts(
            statements=tuple(self._statements),
            bound={name: frozenset(origins) for name, origins in self._scope.bound.items()},
            aliases=aliases,
            reads=reads,
            conditional=conditional,
            defined=frozenset(one.name for one in bindings(body) if one.by not in {"import", "global", "nonlocal"}),
        )

    # Statements

    def _block(self, statements: Iterable[ast.stmt], place: Standing) -> Guard | None:
        """Read statements that run one after the other; return where the end of them is reached, if that is told."""
        after = None
        for statement in statements:
            guard = self._statement(statement, place)
            if guard is not None:
                place, after = place.where(guard), all_guards([after, guard])
            match statement:
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="enter_context" | "push"), args=[entered])):
                    # Of an ExitStack, whose end is that of the block, or later.
                    place = place._replace(guarded=place.guarded or self._suppresses(entered))
        return after

    def _statement(self, node: ast.stmt, place: Standing) -> Guard | None:
        """Read one statement; return what it says of where what follows in its block is reached, if it does."""
        return self._READERS.get(type(node), _ImportReader._others)(self, node, place)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: Standing) -> None:
        defaults = [*node.args.defaults, *node.args.kw_defaults]
        self._expressions.read([*node.decorator_list, *defaults], place.when)
        with self._expressions.with_parameters(node, place.when):
            self._expressions.read([*parameters(node.args), node.returns], place.when)
            with self._expressions.inside(node):
                self._block(node.body, place.called())

    def _class(self, node: ast.ClassDef, place: Standing) -> None:
        self._expressions.read(node.decorator_list, place.when)
        with self._expressions.with_parameters(node, place.when):
            self._expressions.read([*node.bases, *node.keywords], place.when)
            with self._expressions.inside(node):
                self._block(node.body, place._replace(native=False))

    def _alias(self, node: Any, place: Standing) -> None:  # ast.TypeAlias, which Python 3.12 brought
        with self._expressions.with_parameters(node, place.when):
            self._expressions.read([node.value], later(place.when))

    def _assert(self, node: ast.Assert, place: Standing) -> Guard | None:
        self._expressions.read([node.test], place.when)
        is_told = self._scope.judge(node.test) == "platform"  # how mypy is
        return guard_of(node.test, self._scope) if is_told else None

    def _match(self, node: ast.Match, place: Standing) -> None:
        self._expressions.read([node.subject], place.when)
        if self._scope.judge(node.subject) in {"platform", "version"}:
            place = place._replace(conditional=True)
        for case in node.cases:
            self._expressions.read([case.pattern, case.guard], place.when)
            self._block(case.body, place)

    def _others(self, node: ast.stmt, place: Standing) -> None:
        """Read a statement of a kind that means nothing by itself: loops, expressions and the rest."""
        for name, value in ast.iter_fields(node):
            if name in {"body", "orelse", "finalbody"} and isinstance(value, list):
                self._block(value, place)
            else:
                self._expressions.read(value if isinstance(value, list) else [value], place.when)

    def _import(self, node: ast.Import, place: Standing) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            if place.when != "typing":
                self._scope.bind(alias.asname or top, alias.name if alias.asname else top)
            self._add(node, alias.name, [alias], place)

    def _import_from(self, node: ast.ImportFrom, place: Standing) -> None:
        module = _absolute(self._package, node.module or "", node.level)
        if module is None:  # beyond the top, which fails where it runs
            return
        for alias in node.names:
            bound = bound_by(alias)
            if place.when != "typing":
                self._scope.bind(bound, module, alias.name)
            if bound == "__lazy_modules__" and place.when == "import":
                self._listed = True
        self._add(node, module, node.names, place)

    def _add(self, node: ast.Import | ast.ImportFrom, module: str, aliases: list[ast.alias], place: Standing) -> None:
        names = tuple(alias.name for alias in aliases) if isinstance(node, ast.ImportFrom) else None
        bound = tuple(alias.asname or alias.name for alias in aliases)
        alone = (None, place.guarded or place.conditional, ())
        chain, optional, caught = self._fallbacks.get(node, alone)
        when, listed = place.when, False
        keyword = bool(getattr(node, "is_lazy", 0)) or (node.lineno, node.col_offset) in self._lazy
        if when == "import" and place.native and names != ("*",):
            listed = self._listed
            when = "lazy" if keyword or module in self._listed_too else when
        self._statements.append(
            Statement(node.lineno, module, names, bound, when, optional, place.marker, chain, caught, listed, keyword)
        )

    def _if(self, node: ast.If, place: Standing) -> Guard | None:
        after = None  # what has to hold for what follows it
        rest = node.orelse
        ways: list[Guard | None] = []  # by which that is reached
        for branch in branches(node):
            self._expressions.read([branch.test], place.when)
            kind = self._scope.judge(branch.test)
            left = beyond(branch, kind, self._scope)
            if left is not None and branch is node:
                after = left
            elif left is not None and kind == "platform":
                after = Guard(after.marker if after else None, whole=False)
            inside, otherwise = both_ways(branch.test, kind, self._scope, place)
            end = self._block(branch.body, inside)
            if not leaves(branch.body, self._scope):
                ways.append(end)
            place, rest = otherwise, branch.orelse
        end = self._block(rest, place)
        if not leaves(rest, self._scope):
            ways.append(end)
        return all_guards([after, any_guard(ways)])

    def _try(self, node: Try, place: Standing) -> Guard | None:
        caught = [handler for handler in node.handlers if catches_import_error(self._scope.caught(handler.type))]
        without = place._replace(native=False)
        # A first handler that raises guards nothing: the code does not go on without the module.
        goes_on = bool(caught) and not raises(caught[0].body, self._scope)
        guarded = without._replace(guarded=True) if goes_on else without
        candidates, ends = fallback_chain(node, self._scope)
        if len(candidates) > 1 and node.body and candidates[0][0] not in self._fallbacks:
            optional = place.guarded or place.conditional or not ends
            for candidate, errors in candidates:
                self._fallbacks[candidate] = (self._fallback_count, optional, errors)
            self._fallback_count += 1
        ended = self._block(node.body, guarded)
        ways: list[Guard | None] = []  # by which what follows is reached
        for handler in node.handlers:
            self._expressions.read([handler.type], place.when)
            end = self._block(handler.body, without._replace(guarded=True) if handler in caught else without)
            if not leaves(handler.body, self._scope):
                ways.append(end)
        ended = all_guards([ended, self._block(node.orelse, place._replace(guarded=True) if goes_on else place)])
        if not leaves([*node.body, *node.orelse], self._scope):
            ways.append(ended)
        return all_guards([any_guard(ways), self._block(node.finalbody, place)])

    def _with(self, node: ast.With | ast.AsyncWith, place: Standing) -> Guard | None:
        for item in node.items:
            self._expressions.read([item.context_expr, item.optional_vars], place.when)
            place = place._replace(guarded=place.guarded or self._suppresses(item.context_expr))
        end = self._block(node.body, place)
        return None if end is None or end.raised else end  # what is raised, it may swallow

    def _suppresses(self, manager: ast.expr) -> bool:
        """Tell whether a context manager is `contextlib.suppress`, of what imports raise."""
        if not isinstance(manager, ast.Call) or not self._scope.is_suppress(manager.func):
            return False
        return bool(manager.args) and catches_import_error(self._scope.caught(*manager.args))

    def _assign(self, node: ast.Assign | ast.AnnAssign, place: Standing) -> None:
        self._others(node, place)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is None:
            return
        for target in targets:
            if not isinstance(target, ast.Name):
                continue
            self._expressions.alias(target.id, node.value)
            self._scope.assign(target.id, node.value)
            if target.id == "__lazy_modules__" and place.when == "import":
                self._list_lazy(node.value, guarded=place.guarded)

    def _list_lazy(self, value: ast.expr, *, guarded: bool) -> None:
        """Note what is assigned to `__lazy_modules__` at the top."""
        parts = list(walk(value))
        if not guarded:  # in `except ImportError: __lazy_modules__ = ()` it stands for nothing
            self._listed, self._listed_too = False, frozenset()
        self._listed |= any(isinstance(part, ast.Attribute) and part.attr == "__lazy_modules__" for part in parts)
        constants = (part.value for part in parts if isinstance(part, ast.Constant))
        self._listed_too |= {value for value in constants if isinstance(value, str)}

    # What to do with the statements that mean something by themselves.
    _READERS: ClassVar[Mapping[type[ast.AST], Callable[[Any, Any, Standing], Guard | None]]] = {
        ast.AnnAssign: _assign,
        ast.Assert: _assert,
        ast.Assign: _assign,
        ast.AsyncFunctionDef: _function,
        ast.AsyncWith: _with,
        ast.ClassDef: _class,
        ast.FunctionDef: _function,
        ast.If: _if,
        ast.Import: _import,
        ast.ImportFrom: _import_from,
        ast.Match: _match,
        ast.With: _with,
        **dict.fromkeys(TRIES, _try),
        **({ast.TypeAlias: _alias} if hasattr(ast, "TypeAlias") else {}),
    }
