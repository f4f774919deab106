"""The edits that import inside of functions: at their head, or in front of the statement that needs it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from deferred_imports.tooling.adopt.blocks import first_line, head_of
from deferred_imports.tooling.adopt.choices import Chosen, choice_lines
from deferred_imports.tooling.adopt.layout import Item, Style, inline, items_of, render
from deferred_imports.tooling.adopt.moves import BlockPlace, Definition, ImportStatement
from deferred_imports.tooling.adopt.text import Edit, Text


@dataclass
class _Imports:
    """What is imported at one place."""

    items: list[Item] = field(default_factory=list)
    chosen: list[Chosen] = field(default_factory=list)


class Inside:
    """What the functions of one module import."""

    def __init__(self, text: Text, style: Style) -> None:
        self._text = text
        self._style = style
        self._heads: dict[Definition, _Imports] = {}
        self._below: dict[ast.stmt, tuple[BlockPlace, _Imports]] = {}

    def add(self, function: Definition, place: BlockPlace | None, items: Iterable[Item]) -> None:
        """Have a function import items, at its head if no other place is given."""
        self._at_place(function, place).items.extend(items)

    def add_choice(self, function: Definition, place: BlockPlace | None, chosen: Chosen) -> None:
        """Have a function choose between imports, at its head if no other place is given."""
        self._at_place(function, place).chosen.append(chosen)

    def _at_place(self, function: Definition, place: BlockPlace | None) -> _Imports:
        if place is None:
            return self._heads.setdefault(function, _Imports())
        return self._below.setdefault(place.statement, (place, _Imports()))[1]

    def edits(self) -> list[Edit]:
        """Return the edits."""
        heads = [self._at_head(function, its) for function, its in self._heads.items()]
        return heads + [self._at(place, its) for place, its in self._below.values()]

    def _at_head(self, function: Definition, its: _Imports) -> Edit:
        """Return the edit that imports items at the head of a function."""
        text, body, index = self._text, function.body, head_of(function)
        first = body[index]
        start = self._start(first)
        line = text.line_at(start)
        indent = text.text[text.starts[line - 1] : start]
        if indent.strip():
            return self._into_line(function, index, start, its)
        block = _import_block(text, body[index:])
        if block:
            return self._sorted_in(block, its, indent)
        least = (body[index - 1].end_lineno or line) if index else function.lineno
        while line - 1 > least and _is_blank_or_comment(text.line(line - 1)):
            line -= 1
        lines = self._lines(its, indent)
        if text.line(line).strip() and not isinstance(first, ImportStatement):
            lines.append("")
        place = text.starts[line - 1]
        return Edit(place, place, "".join(f"{part}\n" for part in lines))

    def _at(self, place: BlockPlace, its: _Imports) -> Edit:
        """Return the edit that imports items in front of a statement, and of the comment above that."""
        text, index = self._text, place.index
        start = self._start(place.statement)
        line = text.line_at(start)
        indent = text.text[text.starts[line - 1] : start]
        first = index
        while first and isinstance(place.block[first - 1], ImportStatement):
            first -= 1
        block = _import_block(text, place.block[first:index])
        if len(block) == index - first > 0:
            return self._sorted_in(block, its, indent)
        while text.line(line - 1).lstrip().startswith("#"):
            line -= 1
        lines = [*self._lines(its, indent), ""]
        if index and text.line(line - 1).strip():
            lines.insert(0, "")
        at = text.starts[line - 1]
        return Edit(at, at, "".join(f"{part}\n" for part in lines))

    def _lines(self, its: _Imports, indent: str) -> list[str]:
        """Return the lines of imports, and of choices between some, each of which stands apart."""
        lines = render(its.items, self._style, indent)
        for one in its.chosen:
            lines += [*([""] if lines else []), *choice_lines(one, self._text, self._style, indent)]
        return lines

    def _start(self, node: ast.stmt) -> int:
        """Return where a statement begins, its decorators included."""
        line = first_line(node)
        if line == node.lineno:
            return self._text.offset(line, node.col_offset)
        return self._text.starts[line - 1] + len(self._text.line(line)) - len(self._text.line(line).lstrip())

    def _sorted_in(self, block: Sequence[ImportStatement], its: _Imports, indent: str) -> Edit:
        """Return the edit that adds items to imports that are there."""
        existing = [item for node in block for item in items_of(node)]
        lines = self._lines(_Imports([*existing, *its.items], its.chosen), indent)
        last = block[-1].end_lineno or 0
        if its.chosen and last < self._text.lines and not self._text.is_blank(last + 1):
            lines.append("")
        start, end = self._text.starts[block[0].lineno - 1], self._text.end(last)
        return Edit(start, end, "".join(f"{part}\n" for part in lines))

    def _into_line(self, function: Definition, index: int, start: int, its: _Imports) -> Edit:
        """Return the edit for a body that begins on the line of what stands before it."""
        text = self._text
        if index:
            return Edit(start, start, f"{inline(its.items, self._style)}; ")
        header = text.line(text.line_at(start))
        # Where the definition itself stands on a line with others, that is as far as it is indented.
        outer = text.line(function.lineno)
        indent = outer[: len(outer) - len(outer.lstrip())]
        inner = indent + ("\t" if "\t" in indent else "    ")
        place = start - (
            len(header[: start - text.starts[text.line_at(start) - 1]])
            - len(header[: start - text.starts[text.line_at(start) - 1]].rstrip())
        )
        lines = [*self._lines(its, inner), ""]
        return Edit(place, start, "\n" + "".join(f"{part}\n" for part in lines) + inner)


def _is_blank_or_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _import_block(text: Text, body: Iterable[ast.stmt]) -> list[ImportStatement]:
    """Return the imports that come first, where each stands on a line of its own, without comments."""
    found: list[ImportStatement] = []
    last = 0
    for node in body:
        if not isinstance(node, ImportStatement):
            return [] if found and node.lineno == last else found
        for number in range((last or node.lineno - 1) + 1, (node.end_lineno or node.lineno) + 1):
            if "#" in text.line(number) or ";" in text.line(number):
                return []
        if node.lineno == last:
            return []
        last = node.end_lineno or node.lineno
        found.append(node)
    return found
