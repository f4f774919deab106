"""How a module with a `__getattr__` of its own (PEP 562) serves more names: by lines at the head of that function."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from deferred_imports.tooling.adopt.blocks import first_line, head_of
from deferred_imports.tooling.adopt.layout import Style
from deferred_imports.tooling.adopt.parsed import top_statements
from deferred_imports.tooling.adopt.text import Edit, Text

VALUE = "value"
"""What is served is called so there."""


def own_getattrs(tree: ast.Module) -> list[ast.FunctionDef]:
    """Return the functions by which a module serves names in its own way."""
    return [node for node in top_statements(tree) if isinstance(node, ast.FunctionDef) and node.name == "__getattr__"]


def can_answer(functions: Sequence[ast.FunctionDef], text: Text) -> bool:
    """Tell whether a module has one function that serves names, and that can serve more."""
    if len(functions) != 1:
        return False
    (function,) = functions
    arguments, head = function.args, head_of(function)
    is_plain = not (function.decorator_list or arguments.vararg or arguments.kwonlyargs or arguments.kwarg)
    if not is_plain or len([*arguments.posonlyargs, *arguments.args]) != 1 or head == len(function.body):
        return False
    first = function.body[head]
    has_lines = not text.line(first_line(first))[: first.col_offset].strip()
    inside = list(ast.walk(function))
    is_generator = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in inside)
    return has_lines and not is_generator and _is_free(inside)


def answering(function: ast.FunctionDef, served: Mapping[str, Sequence[str]], style: Style, text: Text) -> Edit:
    """Return the edit by which a function serves more names.

    Args:
        function: It.
        served: The names, each with the statements that import what it stands for, as `value`.
        style: How the project writes code.
        text: The source.
    """
    (name,) = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    head = head_of(function)
    first = function.body[head]
    line = first_line(first)
    indent = text.line(line)[: first.col_offset]
    least = (function.body[head - 1].end_lineno or line) if head else first.lineno - 1
    while line - 1 > least and text.line(line - 1).lstrip().startswith("#"):
        line -= 1
    deeper = indent + ("\t" if "\t" in indent else "    ")
    lines = []
    for one, statements in sorted(served.items()):
        lines.append(f"{indent}if {name} == {style.quote}{one}{style.quote}:")
        lines += [f"{deeper}{statement}" for statement in statements]
        lines += ["", f"{deeper}return globals().setdefault({name}, {VALUE})"]
    place = text.starts[line - 1]
    return Edit(place, place, "".join(f"{part}\n" for part in lines))


def _is_free(inside: list[ast.AST]) -> bool:
    """Tell whether a function means nothing else by the name of what it serves."""
    arguments = any(isinstance(node, ast.arg) and node.arg == VALUE for node in inside)
    ours = any(isinstance(node, ast.alias) and node.asname == VALUE for node in inside)
    names = [node for node in inside if isinstance(node, ast.Name) and node.id == VALUE]
    return not arguments and all(ours and isinstance(node.ctx, ast.Load) for node in names)
