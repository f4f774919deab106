"""What one module imports, and when, and what it reads from the names that it binds. Syntax only; nothing is run.

What one module cannot tell by itself, such as whether `b` in `from a import b` is a module, is left to `discover`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from deferred_imports.tooling.source.conditions import (
    TRIES,
    Binding,
    Scope,
    Try,
    catches_import_error,
    fallback_chain,
    leaves,
)
from deferred_imports.tooling.source.guards import Guard, both, guard_of
from deferred_imports.tooling.source.text import TOO_DEEP, UnreadableSourceError, parse

When: TypeAlias = Literal["import", "call", "lazy", "typing", "main"]
"""When an import runs: with its module, when a function is called, natively lazy (PEP 810), never, or in a script."""

Chain: TypeAlias = "tuple[str, ...]"
"""A name and the attributes read from it, as in `_deferred.np.zeros`."""


@dataclass(frozen=True)
class Statement:
    """One `from` statement, or one module of an `import` statement.

    Attributes:
        line: Where it stands.
        module: The absolute name after `from` or `import`.
        names: What `from` takes; None for `import`.
        bound: What it calls that, each in its turn.
        when: When it runs.
        optional: Whether the code goes on without it.
        marker: The environment marker that holds wherever it runs; None for everywhere.
        chain: The number of the fallback chain that it is part of: try this, else the next.
        listed: Whether a registry's `__lazy_modules__` decides here if it is lazy.
    """

    line: int
    module: str
    names: tuple[str, ...] | None
    bound: tuple[str, ...]
    when: When
    optional: bool
    marker: str | None
    chain: int | None
    listed: bool


@dataclass(frozen=True)
class Read:
    """Attributes read from a name: `d.np` is the chain `("d", "np")`."""

    line: int
    chain: Chain
    when: When


@dataclass(frozen=True)
class Facts:
    """What one module says.

    Attributes:
        statements: Its imports.
        bound: What they bind names to: modules, or names in modules.
        aliases: What it assigns to names, where that begins with a name in `bound` or another alias.
        reads: What it reads from these names.
        conditional: Whether it refuses to be imported on some platforms or Pythons.
    """

    statements: tuple[Statement, ...]
    bound: Mapping[str, frozenset[Binding]]
    aliases: Mapping[str, frozenset[Chain]]
    reads: tuple[Read, ...]
    conditional: bool


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
    tree, lazy = parse(text)
    package = module if is_package else module.rpartition(".")[0]
    reader = _Reader(package, Scope(module, constants or {}), lazy)
    try:
        return reader.read(tree)
    except RecursionError as error:
        raise UnreadableSourceError(TOO_DEEP) from error


class _Context(NamedTuple):
    """What holds where a statement stands."""

    when: When = "import"
    guarded: bool = False  # an ImportError is caught
    conditional: bool = False  # reached on some platforms or Pythons only, of which no marker tells
    marker: str | None = None  # where it is reached
    native: bool = True  # where PEP 810 lets an import be lazy

    def only(self, when: When) -> _Context:
        return self._replace(when=when) if self.when in {"import", "call"} else self

    def where(self, guard: Guard) -> _Context:
        """Return what holds where a condition does, too."""
        marker, conditional = both(self.marker, guard.marker), self.conditional or not guard.whole
        return self._replace(marker=marker, conditional=conditional)

    def called(self) -> _Context:
        """Return what holds in the body of a function that is defined here."""
        return self._replace(when="call" if self.when == "import" else self.when, guarded=False, native=False)


class _Reader:
    """Walks through one module, statement by statement; all its functions together are one scope."""

    def __init__(self, package: str, scope: Scope, lazy: set[tuple[int, int]]) -> None:
        self._package = package
        self._scope = scope
        self._lazy = lazy
        self._statements: list[Statement] = []
        self._reads: list[Read] = []
        self._aliases: dict[str, set[Chain]] = {}
        self._chains: dict[ast.stmt, tuple[int, bool]] = {}
        self._chain_count = 0
        # What __lazy_modules__ holds: all that the registry declares, and what else.
        self._listed = False
        self._listed_too: frozenset[str] = frozenset()

    def read(self, tree: ast.Module) -> Facts:
        """Return the facts; what is read from other names than those that imports bind is left out."""
        conditional = self._block(tree.body, _Context())
        names = set(self._scope.bound)
        while (
            more := {name for name, chains in self._aliases.items() if any(chain[0] in names for chain in chains)}
            - names
        ):
            names |= more
        aliases = {
            name: frozenset(chain for chain in chains if chain[0] in names) for name, chains in self._aliases.items()
        }
        return Facts(
            statements=tuple(self._statements),
            bound={name: frozenset(bindings) for name, bindings in self._scope.bound.items()},
            aliases={name: chains for name, chains in aliases.items() if chains},
            reads=tuple(read for read in self._reads if read.chain[0] in names),
            conditional=conditional,
        )

    # Statements

    def _block(self, statements: Iterable[ast.stmt], context: _Context) -> bool:
        """Read statements that run one after the other; tell whether the platform decides if all of them do."""
        decides = False
        for statement in statements:
            guard = self._statement(statement, context)
            if guard is not None:
                context, decides = context.where(guard), True
        return decides

    def _statement(self, node: ast.stmt, context: _Context) -> Guard | None:
        """Read one statement; return what it says of where what follows in its block is reached, if it does."""
        return self._READERS.get(type(node), _Reader._others)(self, node, context)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, context: _Context) -> None:
        self._expressions([*node.decorator_list, node.args, node.returns], context.when)
        self._block(node.body, context.called())

    def _class(self, node: ast.ClassDef, context: _Context) -> None:
        self._expressions([*node.decorator_list, *node.bases, *node.keywords], context.when)
        self._block(node.body, context._replace(native=False))

    def _assert(self, node: ast.Assert, context: _Context) -> Guard | None:
        self._expressions([node.test], context.when)
        is_told = self._scope.judge(node.test) == "platform"  # how mypy is
        return guard_of(node.test, self._scope) if is_told else None

    def _match(self, node: ast.Match, context: _Context) -> None:
        self._expressions([node.subject], context.when)
        if self._scope.judge(node.subject) in {"platform", "version"}:
            context = context._replace(conditional=True)
        for case in node.cases:
            self._expressions([case.pattern, case.guard], context.when)
            self._block(case.body, context)

    def _others(self, node: ast.stmt, context: _Context) -> None:
        """Read a statement of a kind that means nothing by itself: loops, expressions and the rest."""
        for name, value in ast.iter_fields(node):
            if name in {"body", "orelse", "finalbody"} and isinstance(value, list):
                self._block(value, context)
            else:
                self._expressions(value if isinstance(value, list) else [value], context.when)

    def _import(self, node: ast.Import, context: _Context) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            if context.when != "typing":
                self._scope.bind(alias.asname or top, alias.name if alias.asname else top)
            self._add(node, alias.name, [alias], context)

    def _import_from(self, node: ast.ImportFrom, context: _Context) -> None:
        module = self._absolute(node.module or "", node.level)
        if module is None:  # beyond the top, which fails where it runs
            return
        for alias in node.names:
            bound = alias.asname or alias.name
            if context.when != "typing":
                self._scope.bind(bound, module, alias.name)
            if bound == "__lazy_modules__" and context.when == "import":
                self._listed = True
        self._add(node, module, node.names, context)

    def _add(self, node: ast.Import | ast.ImportFrom, module: str, aliases: list[ast.alias], context: _Context) -> None:
        names = tuple(alias.name for alias in aliases) if isinstance(node, ast.ImportFrom) else None
        bound = tuple(alias.asname or alias.name for alias in aliases)
        chain, optional = self._chains.get(node, (None, context.guarded or context.conditional))
        when, listed = context.when, False
        if when == "import" and context.native and names != ("*",):
            listed = self._listed
            keyword = getattr(node, "is_lazy", 0) or (node.lineno, node.col_offset) in self._lazy
            when = "lazy" if keyword or module in self._listed_too else when
        self._statements.append(
            Statement(node.lineno, module, names, bound, when, optional, context.marker, chain, listed)
        )

    def _absolute(self, module: str, level: int) -> str | None:
        if not level:
            return module
        parts = self._package.split(".") if self._package else []
        if level > len(parts):
            return None
        return ".".join([*parts[: len(parts) - level + 1], *([module] if module else [])])

    def _if(self, node: ast.If, context: _Context) -> Guard | None:
        first, after = node, None  # what has to hold for what follows it
        while True:
            self._expressions([node.test], context.when)
            kind = self._scope.judge(node.test)
            inside = otherwise = context
            if kind in {"platform", "version"}:
                inside = context.where(guard_of(node.test, self._scope))
                otherwise = context.where(guard_of(node.test, self._scope, holds=False))
                left = self._left(node, is_platform=kind == "platform")
                if left is not None and node is first:
                    after = left
                elif left is not None and kind == "platform":
                    after = Guard(after.marker if after else None, whole=False)
            elif kind == "typing":
                inside = context.only("typing")
            elif kind == "running":
                otherwise = context.only("typing")
            elif kind == "main":
                inside = context.only("main")
            elif kind == "not main":
                otherwise = context.only("main")
            self._block(node.body, inside)
            match node.orelse:
                case [ast.If() as node]:  # not by recursion: some chains of elif are long
                    context = otherwise
                case orelse:
                    self._block(orelse, otherwise)
                    return after

    def _left(self, node: ast.If, *, is_platform: bool) -> Guard | None:
        """Return where what follows an `if` is reached, when a branch of it leaves the block around it."""
        for branch, holds in ((node.body, False), (node.orelse, True)):
            if leaves(branch):
                guard = guard_of(node.test, self._scope, holds=holds)
                # A version for which it raises is one that the package does not support.
                if is_platform or (guard.marker and guard.whole and not isinstance(branch[-1], ast.Raise)):
                    return guard
        return None

    def _try(self, node: Try, context: _Context) -> None:
        caught = [handler for handler in node.handlers if catches_import_error(handler.type)]
        without = context._replace(native=False)
        guarded = without._replace(guarded=True) if caught else without
        candidates, ends = fallback_chain(node)
        if len(candidates) > 1 and node.body and candidates[0] not in self._chains:
            optional = context.guarded or context.conditional or not ends
            self._chains.update(dict.fromkeys(candidates, (self._chain_count, optional)))
            self._chain_count += 1
        self._block(node.body, guarded)
        for handler in node.handlers:
            self._expressions([handler.type], context.when)
            self._block(handler.body, guarded if handler in caught else without)
        self._block(node.orelse, context._replace(guarded=True) if caught else context)
        self._block(node.finalbody, context)

    def _with(self, node: ast.With | ast.AsyncWith, context: _Context) -> None:
        for item in node.items:
            self._expressions([item.context_expr, item.optional_vars], context.when)
            match item.context_expr:  # contextlib.suppress(ImportError)
                case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=arguments):
                    if any(map(catches_import_error, arguments)):
                        context = context._replace(guarded=True)
        self._block(node.body, context)

    def _assign(self, node: ast.Assign | ast.AnnAssign, context: _Context) -> None:
        self._others(node, context)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is None:
            return
        for target in targets:
            if not isinstance(target, ast.Name):
                continue
            self._alias(target.id, node.value)
            self._scope.assign(target.id, node.value)
            if target.id == "__lazy_modules__" and context.when == "import":
                parts = list(ast.walk(node.value))
                constants = (part.value for part in parts if isinstance(part, ast.Constant))
                if not context.guarded:  # in `except ImportError: __lazy_modules__ = ()` it stands for nothing
                    self._listed, self._listed_too = False, frozenset()
                self._listed |= any(_attribute_of(part) == "__lazy_modules__" for part in parts)
                self._listed_too |= {value for value in constants if isinstance(value, str)}

    # Expressions

    def _expressions(self, nodes: Iterable[object], when: When) -> None:
        """Note what is read from names, in expressions and in what holds some."""
        stack = [(node, when) for node in nodes if isinstance(node, ast.AST)]
        while stack:
            node, when = stack.pop()
            if isinstance(node, ast.Attribute):
                chain = _chain(node)
                if chain is None:
                    stack.append((_innermost(node), when))
                else:
                    self._reads.append(Read(node.lineno, chain, when))
            elif isinstance(node, ast.Lambda):
                stack += [(node.args, when), (node.body, "call" if when == "import" else when)]
            elif not isinstance(node, ast.Name | ast.Constant):
                if isinstance(node, ast.NamedExpr):
                    self._alias(node.target.id, node.value)
                elif isinstance(node, ast.Call) and (chain := _chain_by_name(node)):
                    self._reads.append(Read(node.lineno, chain, when))
                stack += [(child, when) for child in ast.iter_child_nodes(node)]

    def _alias(self, name: str, value: ast.expr) -> None:
        chain = _chain(value)
        if chain is not None and chain != (name,):
            self._aliases.setdefault(name, set()).add(chain)

    # What to do with the statements that mean something by themselves.
    _READERS: ClassVar[Mapping[type[ast.AST], Callable[[Any, Any, _Context], Guard | None]]] = {
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
    }


def _chain(node: ast.expr) -> Chain | None:
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, *reversed(attributes)) if isinstance(node, ast.Name) else None


def _chain_by_name(node: ast.Call) -> Chain | None:
    """Return the chain that `getattr(d, "np")` stands for."""
    match node:
        case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=[value, ast.Constant(value=str(name)), *_]):
            chain = _chain(value)
            return (*chain, name) if chain else None
    return None


def _innermost(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


def _attribute_of(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ""
