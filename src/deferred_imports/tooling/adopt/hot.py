"""Functions that are called often, as far as their own module shows it: an import in them would run each time.

Each `import` takes a tenth of a microsecond to one; what is read from the registry takes no more than any attribute. So
a name that such functions use goes through the registry, and so does one that many functions use. Syntax only.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping

from deferred_imports.tooling.adopt.moves import Definition

MANY = 10
"""How many functions of a module may import a name each, before they read it from one place."""
_SCOPES = frozenset({ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef})
_LOOPS = frozenset({ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp})
_CALLING_EACH = frozenset({"map", "filter", "starmap"})  # what calls its first argument for each item


def find_hot(tree: ast.Module) -> dict[Definition, int]:
    """Return the functions that are called in a loop, with the line of a call."""
    functions: dict[str, list[Definition]] = {}
    methods: dict[str, list[Definition]] = {}
    repeated: list[ast.expr] = []
    for node in ast.walk(tree):
        kind = type(node)
        if kind in _SCOPES:
            body: list[ast.stmt] = getattr(node, "body", [])
            for one in body:
                if isinstance(one, Definition):
                    (methods if kind is ast.ClassDef else functions).setdefault(one.name, []).append(one)
        elif kind in _LOOPS:
            parts = _repeating(node)
            repeated += (call.func for part in parts for call in ast.walk(part) if isinstance(call, ast.Call))
        elif isinstance(node, ast.Call):
            repeated += _called_for_each(node)
    found: dict[Definition, int] = {}
    for call in repeated:
        for one in _meant(call, functions, methods):
            found.setdefault(one, call.lineno)
    return found


def why_hot(functions: Collection[Definition], hot: Mapping[Definition, int]) -> str:
    """Return why the functions that use a name had better read it from one place, or nothing."""
    one = next((function for function in functions if function in hot), None)
    if one is not None:
        return f"`{one.name}`, which uses it, is called in a loop (line {hot[one]})"
    return f"{len(functions)} functions use it" if len(functions) > MANY else ""


def _meant(
    call: ast.expr, functions: Mapping[str, list[Definition]], methods: Mapping[str, list[Definition]]
) -> list[Definition]:
    """Return the functions of a module that may be what is called."""
    match call:
        case ast.Name(id=name):
            return functions.get(name, [])
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
            return methods.get(name, [])
    return []


def _called_for_each(node: ast.Call) -> Iterator[ast.expr]:
    """Yield what a call may call for each item."""
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    yield from node.args[:1] if name in _CALLING_EACH else ()
    yield from node.args[1:2] if name in {"sub", "subn"} else ()
    yield from (keyword.value for keyword in node.keywords if keyword.arg == "key")


def _repeating(node: ast.AST) -> Iterable[ast.AST]:
    """Return what of a loop runs each time."""
    if isinstance(node, ast.For | ast.AsyncFor):
        return node.body
    if isinstance(node, ast.While):
        return [node.test, *node.body]
    generators: list[ast.comprehension] = getattr(node, "generators", [])
    parts = [getattr(node, name, None) for name in ("elt", "key", "value")]
    inner = [part for one in generators for part in (one.target, *one.ifs)]
    return [*filter(None, parts), *inner, *(one.iter for one in generators[1:])]
