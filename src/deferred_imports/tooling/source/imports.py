"""What one module imports, and when, and what it reads from the names that it binds. Syntax only; nothing is run.

What one module cannot tell by itself, such as whether `b` in `from a import b` is a module, is left to `discover`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import resolve_name
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from deferred_imports.tooling.source.bindings import bindings, bound_by, locals_of, standing_in
from deferred_imports.tooling.source.chains import Chain, chain_by_name, chain_of, innermost
from deferred_imports.tooling.source.conditions import (
    TRIES,
    Binding,
    Judgement,
    Scope,
    Try,
    catches_import_error,
    fallback_chain,
    leaves,
    raises,
)
from deferred_imports.tooling.source.guards import Guard, guard_of
from deferred_imports.tooling.source.text import TOO_DEEP, UnreadableSourceError, parse
from deferred_imports.tooling.table.combining import all_of

When: TypeAlias = Literal["import", "call", "lazy", "typing", "main"]
"""When an import runs: with its module, when a function is called, natively lazy (PEP 810), never, or in a script."""


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
        keyword: Whether the keyword says that it is lazy; every Python that reads that obeys, a list only 3.15 does.
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
    keyword: bool


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
        defined: What it binds by other means than imports.
    """

    statements: tuple[Statement, ...]
    bound: Mapping[str, frozenset[Binding]]
    aliases: Mapping[str, frozenset[Chain]]
    reads: tuple[Read, ...]
    conditional: bool
    defined: frozenset[str] = frozenset()


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
    return _ImportReader(package, Scope(module, constants or {}), lazy).read(tree)


# When the two branches run, of a condition that tells.
_ONLY: Mapping[Judgement, tuple[When | None, When | None]] = {
    "typing": ("typing", None),
    "running": (None, "typing"),
    "main": ("main", None),
    "not main": (None, "main"),
}


class _Context(NamedTuple):
    """What holds where a statement stands."""

    when: When = "import"
    guarded: bool = False  # an ImportError is caught
    conditional: bool = False  # reached on some platforms or Pythons only, of which no marker tells
    marker: str | None = None  # where it is reached
    native: bool = True  # where PEP 810 lets an import be lazy

    def only(self, when: When | None) -> _Context:
        """Return what holds where something runs only then, if it runs at all."""
        return self._replace(when=when) if when and self.when in {"import", "call"} else self

    def where(self, guard: Guard) -> _Context:
        """Return what holds where a condition does, too."""
        marker, conditional = all_of([self.marker, guard.marker]), self.conditional or not guard.whole
        return self._replace(marker=marker, conditional=conditional)

    def called(self) -> _Context:
        """Return what holds in the body of a function that is defined here."""
        return self._replace(when="call" if self.when == "import" else self.when, guarded=False, native=False)


class _ImportReader:
    """Walks through one module, statement by statement.

    What names stand for is noted of all its functions together. What is read counts only where Python would find the
    name in a scope that an import may have bound it in.
    """

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
        # Outermost first: the names of a scope, those of them that may be an import's, and whether it is a class's.
        self._scopes: list[tuple[set[str], set[str], bool]] = []

    def read(self, tree: ast.Module) -> Facts:
        """Return the facts; what is read from other names than those that imports bind is left out."""
        named = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
        self._scopes.append((set(), standing_in(tree.body) | named, False))
        conditional = self._block(tree.body, _Context())
        defined = {binding.name for binding in bindings(tree.body) if binding.by not in {"import", "global"}}
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
            defined=frozenset(defined),
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
        return self._READERS.get(type(node), _ImportReader._others)(self, node, context)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, context: _Context) -> None:
        self._expressions([*node.decorator_list, node.args, node.returns], context.when)
        self._scopes.append((locals_of(node), standing_in(node.body), False))
        self._block(node.body, context.called())
        self._scopes.pop()

    def _class(self, node: ast.ClassDef, context: _Context) -> None:
        self._expressions([*node.decorator_list, *node.bases, *node.keywords], context.when)
        self._scopes.append(({binding.name for binding in bindings(node.body)}, standing_in(node.body), True))
        self._block(node.body, context._replace(native=False))
        self._scopes.pop()

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
            bound = bound_by(alias)
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
        keyword = bool(getattr(node, "is_lazy", 0)) or (node.lineno, node.col_offset) in self._lazy
        if when == "import" and context.native and names != ("*",):
            listed = self._listed
            when = "lazy" if keyword or module in self._listed_too else when
        self._statements.append(
            Statement(node.lineno, module, names, bound, when, optional, context.marker, chain, listed, keyword)
        )

    def _absolute(self, module: str, level: int) -> str | None:
        try:
            return resolve_name("." * level + module, self._package or None) if level else module
        except ImportError:
            return None

    def _if(self, node: ast.If, context: _Context) -> Guard | None:
        after = None  # what has to hold for what follows it
        rest = node.orelse
        for branch in _branches(node):
            self._expressions([branch.test], context.when)
            kind = self._scope.judge(branch.test)
            left = self._left(branch, kind)
            if left is not None and branch is node:
                after = left
            elif left is not None and kind == "platform":
                after = Guard(after.marker if after else None, whole=False)
            inside, otherwise = self._split(branch.test, kind, context)
            self._block(branch.body, inside)
            context, rest = otherwise, branch.orelse
        self._block(rest, context)
        return after

    def _split(self, test: ast.expr, kind: Judgement, context: _Context) -> tuple[_Context, _Context]:
        """Return what holds where a condition does, and where it does not."""
        if kind in {"platform", "version"}:
            guards = (guard_of(test, self._scope, holds=holds) for holds in (True, False))
            inside, otherwise = map(context.where, guards)
            return inside, otherwise
        inside_only, otherwise_only = _ONLY.get(kind, (None, None))
        return context.only(inside_only), context.only(otherwise_only)

    def _left(self, node: ast.If, kind: Judgement) -> Guard | None:
        """Return where what follows an `if` is reached, when a branch of it leaves the block around it."""
        if kind not in {"platform", "version"}:
            return None
        for branch, holds in ((node.body, False), (node.orelse, True)):
            if leaves(branch):
                guard = guard_of(node.test, self._scope, holds=holds)
                # A version for which it raises is one that the package does not support.
                if kind == "platform" or (guard.marker and guard.whole and not raises(branch)):
                    return guard
        return None

    def _try(self, node: Try, context: _Context) -> None:
        caught = [handler for handler in node.handlers if catches_import_error(handler.type)]
        without = context._replace(native=False)
        # A first handler that raises guards nothing: the code does not go on without the module.
        goes_on = bool(caught) and not raises(caught[0].body)
        guarded = without._replace(guarded=True) if goes_on else without
        candidates, ends = fallback_chain(node)
        if len(candidates) > 1 and node.body and candidates[0] not in self._chains:
            optional = context.guarded or context.conditional or not ends
            self._chains.update(dict.fromkeys(candidates, (self._chain_count, optional)))
            self._chain_count += 1
        self._block(node.body, guarded)
        for handler in node.handlers:
            self._expressions([handler.type], context.when)
            self._block(handler.body, without._replace(guarded=True) if handler in caught else without)
        self._block(node.orelse, context._replace(guarded=True) if goes_on else context)
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
            stack += self._expression(*stack.pop())

    def _expression(self, node: ast.AST, when: When) -> list[tuple[ast.AST, When]]:
        """Note what one expression reads; return the parts of it that are left to read."""
        match node:
            case ast.Name() | ast.Constant():
                return []
            case ast.Attribute():
                chain = chain_of(node)
                if chain is None:
                    return [(innermost(node), when)]
                self._note(node.lineno, chain, when)
                return []
            case ast.Lambda():
                self._scopes.append((locals_of(node), standing_in([node.body]), False))
                self._expressions([node.body], "call" if when == "import" else when)
                self._scopes.pop()
                return [(node.args, when)]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                targets = [inner for generator in node.generators for inner in ast.walk(generator.target)]
                self._scopes.append(({name.id for name in targets if isinstance(name, ast.Name)}, set(), False))
                self._expressions(ast.iter_child_nodes(node), when)
                self._scopes.pop()
                return []
            case ast.NamedExpr():
                self._alias(node.target.id, node.value)
            case ast.Call():
                if chain := chain_by_name(node):
                    self._note(node.lineno, chain, when)
        return [(child, when) for child in ast.iter_child_nodes(node)]

    def _note(self, line: int, chain: Chain, when: When) -> None:
        """Note what is read from a name, unless that is surely another one than an import binds."""
        innermost_scope = len(self._scopes) - 1
        for index in range(innermost_scope, 0, -1):
            names, may_be, is_class = self._scopes[index]
            if chain[0] in names and (not is_class or index == innermost_scope):
                if chain[0] in may_be:
                    break
                return
        else:
            module = self._scopes[0][1]
            if chain[0] not in module and "*" not in module:
                return
        self._reads.append(Read(line, chain, when))

    def _alias(self, name: str, value: ast.expr) -> None:
        chain = chain_of(value)
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


def _branches(node: ast.If) -> Iterator[ast.If]:
    """Yield an `if` and what follows it as `elif`; not by recursion, some chains are long."""
    while True:
        yield node
        match node.orelse:
            case [ast.If() as node]:
                continue
        return


def _attribute_of(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ""
