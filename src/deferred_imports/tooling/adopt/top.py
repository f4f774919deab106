"""The edits at the top of a module: what leaves it, what type checkers get instead, what is served later."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from deferred_imports.tooling.adopt.blocks import is_docstring
from deferred_imports.tooling.adopt.choices import Chosen, choice_lines
from deferred_imports.tooling.adopt.comments import line_above
from deferred_imports.tooling.adopt.layout import Item, Style, items_of, key_of, render, section_of
from deferred_imports.tooling.adopt.moves import ImportStatement, is_for_checkers
from deferred_imports.tooling.adopt.removing import Removal
from deferred_imports.tooling.adopt.shortening import shortening_edits
from deferred_imports.tooling.adopt.text import Edit, Text

_FLAG = "TYPE_CHECKING"
_EXCUSED = re.compile(r"#\s*noqa:[^#]*\bE402\b")
# Returns the lines that serve names later, given what tells type checkers from Python.
Getter: TypeAlias = Callable[[str], list[str]]


class Top:
    """The imports that a module begins with."""

    def __init__(self, tree: ast.Module, text: Text, style: Style) -> None:
        self._tree = tree
        self._text = text
        self._style = style
        self._lead = _leading(tree)
        self._inserts: list[tuple[int, int, str]] = []
        self._added: dict[ast.stmt, str] = {}
        self._replaced: list[Edit] = []
        self._new: list[Item] = []  # what is imported at the top from now on
        self._chosen: Sequence[Chosen] = ()
        self._places: set[int] = set()  # where imports stood of which none is left

    def edits(
        self,
        gone: Mapping[ast.stmt, Collection[ast.alias]],
        typing: Iterable[Item],
        getter: Getter | None,
        *,
        postpone: bool,
        extra: Iterable[Item] = (),
        chosen: Sequence[Chosen] = (),
    ) -> list[Edit]:
        """Return the edits.

        Args:
            gone: What leaves each statement.
            typing: What type checkers import.
            getter: What serves names later, if anything does.
            postpone: Whether Python shall not evaluate annotations.
            extra: What the module has to import itself, since nothing else does any more.
            chosen: The choices of which type checkers need names.
        """
        wholly = {node for node in gone if not isinstance(node, ImportStatement) or len(gone[node]) == len(node.names)}
        items = list(typing)
        self._chosen = chosen
        if postpone:
            self._postpone()
        left = [node for node in self._lead if node not in wholly]
        self._new += extra
        if items or getter or chosen:
            self._for_checkers(items, getter, left, wholly, gone)
        excuse = self._excuse()
        self._insert([item._replace(comment=excuse) for item in self._new], left, wholly)
        changed = [*gone, *(node for node in self._added if node not in gone)]
        edits = [
            edit
            for node in changed
            if node not in wholly
            for edit in shortening_edits(node, gone.get(node, ()), self._added.get(node), self._text, self._style)
        ]
        edits += self._replaced
        places = {place for place, _, _ in self._inserts}
        edits += Removal(self._tree, self._text, self._places).edits(wholly, places)
        for place, _, text in sorted(self._inserts, key=lambda insert: insert[:2]):
            edits.append(Edit(place, place, text))
        return edits

    # What is added

    def _excuse(self) -> str:
        """Return the comment of the imports that a new one stands among, if these stand below code, and say so."""
        lines = (
            self._text.line(line) for node in self._lead for line in range(node.lineno, (node.end_lineno or 0) + 1)
        )
        return "noqa: E402" if any(map(_EXCUSED.search, lines)) else ""

    def _postpone(self) -> None:
        """Add the import that keeps Python from evaluating annotations (PEP 563)."""
        for node in self._tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                self._added[node] = "annotations"
                return
        body = self._tree.body
        index = int(is_docstring(body[0])) if body else 0
        line = line_above(self._text, body[index])
        self._inserts.append((self._text.starts[line - 1], 0, "from __future__ import annotations\n\n"))

    def _for_checkers(
        self,
        items: list[Item],
        getter: Getter | None,
        left: list[ImportStatement],
        wholly: Collection[ast.stmt],
        gone: Mapping[ast.stmt, Collection[ast.alias]],
    ) -> None:
        flag, after = self._flag(left, gone)
        block = self._block()
        place = self._text.end(left[-1].end_lineno or 1) if left else self._replacing(wholly)
        if after is not None:
            place = max(place, self._text.end(after.end_lineno or 1))
        if block is not None and (items or self._chosen):
            self._into_block(block, items)
        elif items or self._chosen:
            lines = [f"if {flag}:", *render(items, self._style, "    ")]
            for one in self._chosen:
                lines += [*([""] if len(lines) > 1 else []), *choice_lines(one, self._text, self._style, "    ")]
            gap = "\n" * (self._style.after if left else 1) if place or not left else ""
            self._inserts.append((place, 3, gap + "".join(f"{line}\n" for line in lines)))
        if getter:
            if block is not None:
                place = max(place, self._text.end(block.end_lineno or 1))
            self._serve(place, getter(flag), wholly)

    def _serve(self, place: int, lines: list[str], wholly: Collection[ast.stmt]) -> None:
        line = self._text.line_at(place)
        removed = {number for node in wholly for number in range(node.lineno, (node.end_lineno or 0) + 1)}
        gaps = [0]
        while line < self._text.lines and (line in removed or self._text.is_blank(line)):
            gaps = [*gaps, 0] if line in removed else [*gaps[:-1], gaps[-1] + 1]
            line += 1
        blank = gaps[-1] if place in self._places else max(gaps)
        rest = "\n" * max(0, 2 - blank) if self._text.text[self._text.starts[line - 1] :].strip() else ""
        self._inserts.append((place, 4, "\n" + "".join(f"{part}\n" for part in lines) + rest))

    def _replacing(self, wholly: Collection[ast.stmt]) -> int:
        """Return where the first import stood, when none is left."""
        node = next(node for node in [*self._lead, *sorted(wholly, key=lambda node: node.lineno)] if node in wholly)
        place = self._text.starts[node.lineno - 1]
        self._places.add(place)
        return place

    def _flag(
        self, left: list[ImportStatement], gone: Mapping[ast.stmt, Collection[ast.alias]]
    ) -> tuple[str, ast.stmt | None]:
        """Return what tells type checkers from Python, and the assignment that does, if one does; add it if none."""
        for node in self._tree.body:
            for alias in _aliases_from(node, {"typing", "typing_extensions"}):
                if alias.name == _FLAG and alias not in gone.get(node, ()):
                    return alias.asname or alias.name, None
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(target, ast.Name) and target.id == _FLAG for target in targets):
                return _FLAG, node
        for one in left:
            for alias in one.names if isinstance(one, ast.Import) else ():
                if alias.name == "typing" and alias not in gone.get(one, ()):
                    return f"{alias.asname or alias.name}.{_FLAG}", None
        for one in left:
            if isinstance(one, ast.ImportFrom) and one.module == "typing" and not one.level:
                self._added[one] = _FLAG
                return _FLAG, None
        self._new.append(Item(0, "typing", _FLAG, None))
        return _FLAG, None

    def _insert(self, items: Iterable[Item], left: list[ImportStatement], wholly: Collection[ast.stmt]) -> None:
        """Add statements where they belong among those that are left."""
        groups: dict[int, list[Item]] = {}
        for item in sorted(items, key=lambda item: key_of(item, self._style)):
            key = key_of(item, self._style)
            at = next((at for at, node in enumerate(left) if key_of(items_of(node)[0], self._style) > key), len(left))
            groups.setdefault(at, []).append(item)
        for at, group in groups.items():
            self._insert_at(at, group, left, wholly)

    def _insert_at(self, at: int, items: list[Item], left: list[ImportStatement], wholly: Collection[ast.stmt]) -> None:
        """Add sorted statements in front of one of those that are left, or behind all of them."""
        lines = "".join(f"{line}\n" for line in render(items, self._style))
        first, last = (section_of(item, self._style) for item in (items[0], items[-1]))
        if not left:
            at_first = self._text.starts[(self._lead[0] if self._lead else self._tree.body[0]).lineno - 1]
            self._inserts.append((self._replacing(wholly) if wholly else at_first, 1, lines))
            return
        is_beside = at > 0 and section_of(items_of(left[at - 1])[0], self._style) == first
        if at == len(left) or is_beside:
            apart = "" if is_beside else "\n"
            self._inserts.append((self._text.end(left[at - 1].end_lineno or 1), 1, apart + lines))
        else:
            apart = "\n" if section_of(items_of(left[at])[0], self._style) != last else ""
            self._inserts.append((self._text.starts[line_above(self._text, left[at]) - 1], 1, lines + apart))

    def _block(self) -> ast.If | None:
        """Return the block that only type checkers read."""
        for node in self._tree.body:
            if isinstance(node, ast.If) and is_for_checkers(node) and not node.orelse and _is_below(node):
                return node
        return None

    def _into_block(self, block: ast.If, items: list[Item]) -> None:
        text, first, last = self._text, block.body[0], block.body[-1]
        start, end = text.starts[first.lineno - 1], text.end(last.end_lineno or 1)
        indent = text.text[start : text.offset(first.lineno, first.col_offset)]
        for one in self._chosen:
            lines = ["", *choice_lines(one, text, self._style, indent)]
            self._inserts.append((end, 3, "".join(f"{line}\n" for line in lines)))
        if not items:
            return
        existing = self._sortable(block)
        if existing is not None:
            lines = render([*existing, *items], self._style, indent)
            self._replaced.append(Edit(start, end, "".join(f"{line}\n" for line in lines)))
            return
        lines = render(items, self._style, indent)
        is_beside = isinstance(first, ImportStatement) and section_of(items[-1], self._style) == section_of(
            items_of(first)[0], self._style
        )
        if not is_beside:
            lines.append("")
        self._inserts.append((start, 3, "".join(f"{line}\n" for line in lines)))

    def _sortable(self, block: ast.If) -> list[Item] | None:
        """Return what a block imports, if it does nothing else, and has no comments but behind whole statements."""
        found: list[Item] = []
        known: set[int] = set()
        for node in block.body:
            start, end = node.lineno, node.end_lineno or node.lineno
            rest = self._text.text[self._text.offset(end, node.end_col_offset or 0) : self._text.end(end)].strip()
            if not isinstance(node, ImportStatement) or start in known or (rest and not rest.startswith("#")):
                return None
            if start != end and "#" in self._text.text[self._text.starts[start - 1] : self._text.end(end)]:
                return None
            comment = rest.removeprefix("#").strip()
            found += [item._replace(comment=comment) for item in items_of(node)]
            known.update(range(start, end + 1))
        inner = range(block.body[0].lineno, (block.body[-1].end_lineno or 0) + 1)
        return found if all(line in known or self._text.is_blank(line) for line in inner) else None


def _is_below(node: ast.If) -> bool:
    return node.body[0].lineno > node.lineno


def _leading(tree: ast.Module) -> list[ImportStatement]:
    """Return the imports that come before the first line of another kind; if there are none, all at the top."""
    found: list[ImportStatement] = []
    for index, node in enumerate(tree.body):
        if isinstance(node, ImportStatement):
            found.append(node)
        elif not (isinstance(node, ast.If | ast.Try) or _is_dunder(node) or (index == 0 and is_docstring(node))):
            break
    return found or [node for node in tree.body if isinstance(node, ImportStatement)]


def _aliases_from(node: ast.stmt, modules: Collection[str]) -> list[ast.alias]:
    return node.names if isinstance(node, ast.ImportFrom) and node.module in modules else []


def _is_dunder(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return bool(targets) and all(isinstance(target, ast.Name) and target.id.startswith("__") for target in targets)
