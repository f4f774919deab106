"""Where a module may look its own names up by their text: `globals()[...]`, `eval`, `getattr`. Syntax only.

An import that such a place may ask for has to bind its name in the module, wherever its other uses stand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deferred_imports.tooling.source.text import UnreadableSourceError, parse_source

_NAMESPACES = frozenset({"globals", "vars", "locals", "dir"})


def lookup(node: ast.AST, *, in_function: bool) -> Iterator[str | None]:
    """Yield the names that a node looks up by their text; None where any may be meant.

    Args:
        node: Any part of a module; what lies in it is asked for by itself.
        in_function: Whether it stands in a function, where `vars()`, `locals()` and `dir()` mean that.
    """
    match node:
        # globals()["name"], which is no lookup where it is assigned to
        case ast.Subscript(value=value, slice=index, ctx=ast.Load()) if _is_namespace(value, in_function):
            yield _text(index)
        case ast.Call(func=ast.Attribute(value=value, attr="get" | "__getitem__" | "pop"), args=[index, *_]) if (
            _is_namespace(value, in_function)
        ):
            yield _text(index)
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[right]) if _is_namespace(
            right, in_function
        ):
            yield _text(left)
        case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=[value, index, *_]) if _is_itself(value):
            yield _text(index)
        case ast.Call(func=ast.Name(id="eval" | "exec"), args=[text, *namespaces]):
            if not namespaces or _is_namespace(namespaces[0], in_function):
                yield from _in_code(text)
        # handed on, or walked through
        case ast.Call() if _hands_on(node, in_function):
            yield None
        case ast.Call(func=ast.Attribute(value=value, attr="items" | "keys" | "values" | "copy")) if _is_namespace(
            value, in_function
        ):
            yield None
        case ast.For(iter=value) | ast.comprehension(iter=value) if _is_namespace(value, in_function):
            yield None


def _hands_on(node: ast.Call, in_function: bool) -> bool:
    """Tell whether a call gets the whole namespace; the registry only asks for what the table exports."""
    arguments = (*node.args, *(keyword.value for keyword in node.keywords))
    return any(_is_namespace(one, in_function) for one in arguments) and (in_function or not is_attaching(node))


def is_attaching(node: ast.AST) -> bool:
    """Tell whether a node is `attach(globals())`, by which a module has the registry serve what it exports."""
    match node:
        case ast.Call(func=ast.Name(id="attach"), args=[ast.Call(func=ast.Name(id="globals"), args=[])], keywords=[]):
            return True
    return False


def _is_namespace(node: ast.expr, in_function: bool) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[]) if name in _NAMESPACES:
            return name == "globals" or not in_function
        case ast.Call(func=ast.Name(id="vars" | "dir"), args=[value]) | ast.Attribute(value=value, attr="__dict__"):
            return _is_itself(value)
    return False


def _is_itself(node: ast.expr) -> bool:
    """Tell whether an expression is `sys.modules[__name__]`."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="modules") | ast.Name(id="modules"), slice=ast.Name(id="__name__")):
            return True
    return False


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _in_code(node: ast.expr) -> Iterator[str | None]:
    text = _text(node)
    if text is None:
        yield None
        return
    try:
        tree, _ = parse_source(text)
    except UnreadableSourceError:
        return
    yield from {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
