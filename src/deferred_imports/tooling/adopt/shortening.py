"""The edits that take some names out of an import statement, or add one, and leave the rest as it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from deferred_imports.tooling.adopt.layout import Item, Style, items_of, member_key, wrapped
from deferred_imports.tooling.adopt.moves import ImportStatement
from deferred_imports.tooling.adopt.text import Edit, Text


def shortening_edits(
    node: ast.stmt, leaving: Collection[ast.alias], added: str | None, text: Text, style: Style
) -> list[Edit]:
    """Return the edits that leave the rest of a statement, and add a name to it."""
    if not isinstance(node, ImportStatement):
        return []
    left = [alias for alias in node.names if alias not in leaving]
    start = text.offset(node.lineno, node.col_offset)
    end = text.offset(node.end_lineno or 1, node.end_col_offset or 0)
    piece = text.text[start:end]
    items = [Item(*item) for item, alias in zip(items_of(node), node.names, strict=True) if alias in left]
    if added:
        key = member_key(added, style)
        at = next((i for i, item in enumerate(items) if member_key(item.name or "", style) > key), len(items))
        items.insert(at, Item(0, items[0].module if items else "typing", added, None))
    indent = text.text[text.starts[node.lineno - 1] : start]
    spread = _is_spread(text, node)
    if "#" not in piece:
        lines = wrapped(tuple(items), style, indent)
        if isinstance(node, ast.Import):
            lines = [
                indent
                + "import "
                + ", ".join(line.partition("import ")[2] for item in items for line in wrapped((item,), style))
            ]
        keeps = spread and re.search(r",\s*\)$", piece) and not style.collapse
        if not keeps:
            return [Edit(start, end, "\n".join(lines)[len(indent) :])]
    if spread:
        return _without_lines(node, leaving, added, text, style)
    return _without_words(node, leaving, added, text)


def _without_lines(
    node: ImportStatement, leaving: Collection[ast.alias], added: str | None, text: Text, style: Style
) -> list[Edit]:
    edits = []
    for alias in leaving:
        above = comments_above(text, node, alias, leaving)
        edits.append(Edit(text.starts[(above[0] if above else alias.lineno) - 1], text.end(alias.lineno), ""))
    if added:
        first = node.names[0]
        key = member_key(added, style)
        place = next((one for one in node.names if member_key(one.name, style) > key), None)
        indent = text.text[text.starts[first.lineno - 1] : text.offset(first.lineno, first.col_offset)]
        line = place.lineno if place else (node.names[-1].lineno + 1)
        at = text.starts[line - 1]
        edits.insert(0, Edit(at, at, f"{indent}{added},\n"))
    return edits


def _without_words(node: ImportStatement, leaving: Collection[ast.alias], added: str | None, text: Text) -> list[Edit]:
    names = node.names
    places = [
        (text.offset(one.lineno, one.col_offset), text.offset(one.end_lineno or 1, one.end_col_offset or 0))
        for one in names
    ]
    edits = []
    if added:
        edits.append(Edit(places[0][0], places[0][0], f"{added}, "))
    left = [index for index, alias in enumerate(names) if alias not in leaving]
    for index, alias in enumerate(names):
        if alias in leaving and left and index < left[0]:
            edits.append(Edit(places[index][0], places[index + 1][0], ""))
        elif alias in leaving:
            edits.append(Edit(places[index - 1][1], places[index][1], ""))
    return edits


def comments_above(text: Text, node: ImportStatement, alias: ast.alias, leaving: Collection[ast.alias]) -> list[int]:
    """Return the lines of the comment above a name in a list, if all names below it leave, up to the next comment."""
    index = node.names.index(alias)
    ends = [node.lineno, *(one.lineno for one in node.names), node.end_lineno or 0]
    lines = _comments(text, ends[index] + 1, alias.lineno)
    for number, other in enumerate(node.names[index:], index):
        if number > index and _comments(text, ends[number] + 1, other.lineno):
            break
        if other not in leaving:
            return []
    return lines


def _comments(text: Text, first: int, end: int) -> list[int]:
    lines = list(range(first, end))
    return lines if all(text.line(line).lstrip().startswith("#") for line in lines) else []


def _is_spread(text: Text, node: ImportStatement) -> bool:
    """Tell whether each name stands on a line of its own."""
    lines = [alias.lineno for alias in node.names]
    if len(set(lines)) != len(lines) or node.lineno in lines or (node.end_lineno or 0) in lines:
        return False
    return all(re.fullmatch(r"[\w. \t]+,?\s*(#.*)?", text.line(line).strip()) for line in lines)
