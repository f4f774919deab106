"""What a block of statements binds: assignments, definitions, imports, handlers, patterns. Syntax only.

The rules are those of "Naming and binding" in the language reference. One walk serves modules, classes and functions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda"


class Binding(NamedTuple):
    """One place that binds a name, or unbinds it.

    Attributes:
        name: The name.
        line: Where.
        by: What does it; "global" binds nothing here: it says that the name is the module's.
    """

    name: str
    line: int
    by: Literal["import", "definition", "handler", "pattern", "assignment", "global"]


def bindings(block: Iterable[ast.AST]) -> Iterator[Binding]:
    """Yield what is bound in the scope that a block stands in, in no fixed order; inner scopes bind elsewhere."""
    stack = list(block)
    while stack:
        node = stack.pop()
        yield from _own(node)
        stack += _inside(node)


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
                yield Binding(name, node.lineno, "global")


def _inside(node: ast.AST) -> Iterable[ast.AST]:
    """Return the parts of a node that belong to the same scope."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.decorator_list
    if isinstance(node, COMPREHENSIONS):  # which bind by `:=` only; their loops have a scope of their own
        return [inner.target for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)]
    return () if isinstance(node, ast.Lambda) else ast.iter_child_nodes(node)


def bound_by(alias: ast.alias) -> str:
    """Return the name that an import binds: the first part of `a.b`, unless another is given."""
    return alias.asname or alias.name.partition(".")[0]


def locals_of(node: Function) -> set[str]:
    """Return the names that are a function's own."""
    body: list[ast.stmt] | list[ast.expr] = node.body if isinstance(node.body, list) else [node.body]
    found = list(bindings(body))
    bound = {binding.name for binding in found if binding.by != "global"}
    return bound.union(argument.arg for argument in parameters(node.args)).difference(
        binding.name for binding in found if binding.by == "global"
    )


def parameters(node: ast.arguments) -> list[ast.arg]:
    """Return all parameters of a function."""
    more = [argument for argument in (node.vararg, node.kwarg) if argument is not None]
    return [*node.posonlyargs, *node.args, *node.kwonlyargs, *more]


def standing_in(block: Iterable[ast.AST]) -> set[str]:
    """Return the names that a block binds by imports, or assigns what may be of one: a name, an attribute, a call."""
    found: set[str] = set()
    stack = list(block)
    while stack:
        node = stack.pop()
        match node:
            case ast.Import() | ast.ImportFrom():
                found.update(map(bound_by, node.names))
            case ast.Assign(targets=targets, value=ast.Name() | ast.Attribute() | ast.Call()):
                found.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Name() | ast.Attribute() | ast.Call()):
                found.add(name)
            case ast.NamedExpr(target=target):
                found.add(target.id)
        stack += _inside(node)
    return found
