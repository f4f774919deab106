"""What a block of statements binds: assignments, definitions, imports, handlers, patterns. Syntax only.

The rules are those of "Naming and binding" in the language reference. One walk serves modules, classes and functions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from deferred_imports.tooling.source.chains import Chain, chain_of
from deferred_imports.tooling.source.walking import children, walk

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda"


class Binding(NamedTuple):
    """One place that binds a name, or unbinds it.

    Attributes:
        name: The name.
        line: Where.
        by: What does it; "global" and "nonlocal" bind nothing here: they say that the name is another scope's.
    """

    name: str
    line: int
    by: Literal["import", "definition", "handler", "pattern", "assignment", "global", "nonlocal"]


class BoundNames(NamedTuple):
    """What a block of statements binds.

    Attributes:
        bindings: All that binds a name.
        imports: The imports among that.
        aliases: What it assigns to names, where that is a name with attributes or without.
    """

    bindings: list[Binding]
    imports: list[ast.Import | ast.ImportFrom]
    aliases: list[tuple[str, Chain]]

    @property
    def own(self) -> set[str]:
        """The names that are bound here, and are not said to be another scope's."""
        return {one.name for one in self.bindings} - self.declared

    @property
    def declared(self) -> set[str]:
        """The names that are said to be another scope's."""
        return {one.name for one in self.bindings if one.by in {"global", "nonlocal"}}


def bindings(block: Iterable[ast.AST]) -> list[Binding]:
    """Return what is bound in the scope that a block stands in, in no fixed order; inner scopes bind elsewhere."""
    return read_block(block).bindings


def read_block(block: Iterable[ast.AST]) -> BoundNames:
    """Read what a block binds in the scope that it stands in; inner scopes bind elsewhere."""
    found = BoundNames([], [], [])
    stack = list(block)
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind in _TELLING:
            found.bindings.extend(_own(node))
            if isinstance(node, ast.Import | ast.ImportFrom):
                found.imports.append(node)
            else:
                found.aliases.extend(_aliases(node))
        stack += _inside(node) if kind in _SCOPES else children(node)
    return found


_DEFINITIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})
_SCOPES: frozenset[type[ast.AST]] = frozenset({*COMPREHENSIONS, *_DEFINITIONS, ast.Lambda})
# The nodes that `_own` or `_aliases` may have something to say of.
_TELLING: frozenset[type[ast.AST]] = frozenset(
    {
        *_DEFINITIONS,
        *(ast.Name, ast.Import, ast.ImportFrom, ast.ExceptHandler, ast.Global, ast.Nonlocal),
        *(ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.Assign, ast.AnnAssign, ast.NamedExpr),
    }
)


def _own(node: ast.AST) -> Iterator[Binding]:
    """Yield what a node binds by itself."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield Binding(name, node.lineno, "assignment")
        case ast.Import() | ast.ImportFrom():
            for alias in node.names:
                yield Binding(bound_by(alias), node.lineno, "import")
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield Binding(node.name, node.lineno, "definition")
        case ast.ExceptHandler(name=str(name)):
            yield Binding(name, node.lineno, "handler")
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield Binding(name, node.lineno, "pattern")
        case ast.Global() | ast.Nonlocal():
            for name in node.names:
                yield Binding(name, node.lineno, "global" if isinstance(node, ast.Global) else "nonlocal")


def _aliases(node: ast.AST) -> Iterator[tuple[str, Chain]]:
    """Yield the names to which a node assigns what an import may have brought, and what that is."""
    match node:
        case ast.Assign(targets=targets, value=value):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            names = [name]
        case ast.NamedExpr(target=target, value=value):
            names = [target.id]
        case _:
            return
    if names and (chain := chain_of(value)):
        yield from ((name, chain) for name in names if chain != (name,))


def _inside(node: ast.AST) -> Iterable[ast.AST]:
    """Return the parts of a node with a scope of its own that belong to the scope around it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.decorator_list
    if isinstance(node, COMPREHENSIONS):  # which bind by `:=` only; their loops have a scope of their own
        return [inner.target for inner in walk(node) if isinstance(inner, ast.NamedExpr)]
    return ()  # a lambda


def bound_by(alias: ast.alias) -> str:
    """Return the name that an import binds: the first part of `a.b`, unless another is given."""
    return alias.asname or alias.name.partition(".")[0]


def read_function(node: Function) -> tuple[BoundNames, set[str]]:
    """Read what a function binds; return that, and the names that are its own."""
    block = read_block(node.body if isinstance(node.body, list) else [node.body])
    return block, block.own.union(argument.arg for argument in parameters(node.args))


def locals_of(node: Function) -> set[str]:
    """Return the names that are a function's own."""
    return read_function(node)[1]


def parameters(node: ast.arguments) -> list[ast.arg]:
    """Return all parameters of a function."""
    more = [argument for argument in (node.vararg, node.kwarg) if argument is not None]
    return [*node.posonlyargs, *node.args, *node.kwonlyargs, *more]
