"""Where in a function that the start runs an import stands: in front of the first statement that uses what it binds.

At the head of such a function it would run in each start, also in one that ends before anything uses it, as `--help`
does while the arguments are parsed. Syntax only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from deferred_imports.tooling.adopt.moves import BlockPlace, Definition, ImportStatement
from deferred_imports.tooling.adopt.regions import changes_finding
from deferred_imports.tooling.adopt.text import Text
from deferred_imports.tooling.source.conditions import catches_import_error, raises

# Contexts that swallow what an import raises, or in which it would find or do something else than outside of them.
_APART = re.compile(r"(?i)suppress|raises|ignor|patch|chdir|cwd|work(?:ing)?_?dir|warn|redirect|environ|sys_?path|lock")


def place_below(function: Definition, uses: Collection[ast.AST], text: Text) -> BlockPlace | None:
    """Return where an import stands that comes as late as it can; None for the head of the function.

    That is in the innermost block that holds all uses, so that on each way to one of them the name is bound. No block
    is entered that may run more than once, or in which an error of the import would be caught.

    Args:
        function: The function.
        uses: The expressions in it that use what the import binds.
        text: The source.
    """
    block, found = function.body, None
    while True:
        holding = [index for index, node in enumerate(block) if _holds(node, uses)]
        first = block[holding[0]]
        if _can_stand(first, text):
            found = BlockPlace(block, holding[0])
        inner = _inner(first, uses)
        if inner is None:
            break
        block = inner
    if found is None or _is_at_head(function, found):
        return None
    passed = (node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function)
    before = (node for node in passed if node.lineno < found.statement.lineno and not hasattr(node, "body"))
    return None if any(changes_finding(node, text) for node in before) else found


def first_line(node: ast.stmt) -> int:
    """Return the line on which a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def head_of(function: Definition) -> int:
    """Return the index of the first statement of a function that is no docstring and declares nothing."""
    index = int(is_docstring(function.body[0]))
    while index < len(function.body) and isinstance(function.body[index], ast.Global | ast.Nonlocal):
        index += 1
    return index


def is_docstring(node: ast.stmt) -> bool:
    """Tell whether the first statement of a body is its documentation."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _holds(node: ast.AST, uses: Collection[ast.AST]) -> bool:
    return any(one in uses for one in ast.walk(node))


def _can_stand(node: ast.stmt, text: Text) -> bool:
    """Tell whether a statement begins its line, so that another one can stand in front of it."""
    start = text.starts[node.lineno - 1]
    place = text.offset(node.lineno, node.col_offset)
    return not text.text[start:place].strip() and not (isinstance(node, ast.If) and text.text.startswith("elif", place))


def _is_at_head(function: Definition, place: BlockPlace) -> bool:
    before = function.body[head_of(function) : place.index]
    return place.block is function.body and all(isinstance(node, ImportStatement) for node in before)


def _inner(node: ast.stmt, uses: Collection[ast.AST]) -> list[ast.stmt] | None:
    """Return the block of a statement that holds all uses, if an import may stand in it."""
    return next((block for block in _blocks(node) if _holds_all(block, uses)), None)


def _holds_all(block: list[ast.stmt], uses: Collection[ast.AST]) -> bool:
    inside = {one for node in block for one in ast.walk(node)}
    return all(use in inside for use in uses)


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    """Return the blocks of a statement that run once at most, and in which an import may fail as it does outside."""
    if isinstance(node, ast.If):
        return [node.body, node.orelse]
    if isinstance(node, ast.With | ast.AsyncWith):
        return [] if any(_APART.search(ast.unparse(item.context_expr)) for item in node.items) else [node.body]
    if isinstance(node, ast.Match):
        return [case.body for case in node.cases]
    # `except*` has a type of its own, and the same parts.
    handlers: list[ast.ExceptHandler] = getattr(node, "handlers", [])
    if not handlers:
        return [node.body] if isinstance(node, ast.Try) else []
    outside = [*(handler.body for handler in handlers), getattr(node, "orelse", [])]
    return outside if any(map(_goes_on, handlers)) else [*outside, getattr(node, "body", [])]


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler may catch what an import raises, and have the program go on."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(map(_may_be_import_error, kinds)) and not raises(handler.body)


def _may_be_import_error(kind: ast.expr | None) -> bool:
    """Tell whether an expression stands for the errors of imports; one that begins with a small letter may be any."""
    if isinstance(kind, ast.Name) and not (kind.id[:1].isupper() and not kind.id.isupper()):
        return True  # a name for several, such as `errors` or `NETWORK_ERRORS`
    return catches_import_error(kind) or not isinstance(kind, ast.Name | ast.Attribute)
