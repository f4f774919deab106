"""The edits that remove whole statements at the top, and what empty lines become too many by that."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection

from deferred_imports.tooling.adopt.comments import line_above
from deferred_imports.tooling.adopt.moves import ImportStatement
from deferred_imports.tooling.adopt.text import Edit, Text


class Removal:
    """What is removed from one module."""

    def __init__(self, tree: ast.Module, text: Text, replaced: Collection[int]) -> None:
        """Note the places where something else stands instead."""
        self._tree = tree
        self._text = text
        self._places = replaced

    def edits(self, wholly: Collection[ast.stmt], inserts: Collection[int]) -> list[Edit]:
        """Return the edits that remove statements, and what empty lines become too many by that."""
        text, edits = self._text, []
        lines: set[int] = set()
        by_line: dict[int, list[ast.stmt]] = {}
        for node in self._tree.body:
            by_line.setdefault(node.lineno, []).append(node)
            if node.end_lineno != node.lineno:
                by_line.setdefault(node.end_lineno or 0, []).append(node)
        for node in wholly:
            beside = by_line[node.lineno]
            if len(beside) == 1 and len(by_line[node.end_lineno or 0]) == 1:
                first = node.lineno if isinstance(node, ImportStatement) else line_above(text, node)
                lines.update(range(first, (node.end_lineno or 0) + 1))
            elif all(one in wholly for one in beside):
                lines.add(node.lineno)
            else:
                edits.append(self._beside(node, beside, wholly))
        line = 1
        while line <= text.lines:
            if line not in lines:
                line += 1
                continue
            first = line
            while first > 1 and text.is_blank(first - 1):
                first -= 1
            last = line
            while last < text.lines and (last + 1 in lines or (text.is_blank(last + 1) and last + 1 < text.lines)):
                last += 1
            edits += self._region(first, last, lines, inserts)
            line = last + 1
        return edits

    def _region(self, first: int, last: int, lines: set[int], inserts: Collection[int]) -> list[Edit]:
        """Return the edits for lines that are removed or empty, so that the longer of both outer gaps stays."""
        text = self._text
        removed = [line for line in range(first, last + 1) if line in lines]
        gaps = _gaps(removed, first, last)
        if text.starts[removed[0] - 1] in self._places:  # something stands there instead, and both outer gaps stay
            kept = [gaps[0], gaps[-1]]
        elif first == 1 or not text.text[text.end(last) :].strip():
            kept = []
        else:
            kept = [max(gaps, key=len)]
        edits = []
        begin = first
        for gap in [*kept, range(last + 1, last + 1)]:
            if gap.start > begin:
                edits += self._cut(text.starts[begin - 1], text.end(gap.start - 1), inserts)
            begin = gap.stop
        return edits

    @staticmethod
    def _cut(start: int, end: int, inserts: Collection[int]) -> list[Edit]:
        """Return the edits that remove a piece of the text; what is inserted in between stays."""
        places = sorted({start, end, *(place for place in inserts if start < place < end)})
        return [Edit(one, other, "") for one, other in itertools.pairwise(places)]

    def _beside(self, node: ast.stmt, beside: list[ast.stmt], wholly: Collection[ast.stmt]) -> Edit:
        """Return the edit that removes a statement from a line with others."""
        text = self._text
        index = beside.index(node)
        start = text.offset(node.lineno, node.col_offset)
        if all(one in wholly for one in beside[: index + 1]):
            following = beside[index + 1]
            return Edit(start, text.offset(following.lineno, following.col_offset), "")
        previous = beside[index - 1]
        behind = text.offset(previous.end_lineno or 1, previous.end_col_offset or 0)
        return Edit(behind, text.offset(node.end_lineno or 1, node.end_col_offset or 0), "")


def _gaps(removed: list[int], first: int, last: int) -> list[range]:
    """Return the empty lines before, between and after lines that are removed."""
    ends = [first - 1, *removed, last + 1]
    gaps = [range(one + 1, other) for one, other in itertools.pairwise(ends)]
    return [gaps[0], *filter(None, gaps[1:-1]), gaps[-1]]
