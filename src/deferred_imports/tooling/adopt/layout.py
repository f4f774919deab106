"""How import statements are written: sorted, joined and wrapped as isort, ruff and black leave them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY


@dataclass(frozen=True)
class Style:
    """What a project's own configuration says about imports.

    Attributes:
        line_length: The longest line.
        single_line: Whether each name has a statement of its own (isort's `force_single_line`).
        together: Modules whose names share a statement all the same (`single_line_exclusions`).
        combine_as: Whether names with `as` stand among the others.
        within_sections: Whether `import` and `from` are sorted together (`force_sort_within_sections`).
        order_by_type: Whether constants come before classes, and these before all others.
        collapse: Whether a list of names that fits on one line is put there, in spite of a trailing comma.
        quote: The quotation mark for texts; nothing for the one that most texts of the file have.
        grid: How many names a statement has at least that are put on a line each (`force_grid_wrap`); 0 for none.
        comma: Whether a comma stands behind the last name of a list that is wrapped.
        after: The empty lines between the imports and what follows them (`lines_after_imports`).
        first_party: The top-level packages of the project.
        third_party: Packages that the project's configuration calls foreign, such as those of its own that lie apart.
    """

    line_length: int = 88
    single_line: bool = False
    together: frozenset[str] = frozenset()
    combine_as: bool = False
    within_sections: bool = False
    order_by_type: bool = True
    collapse: bool = False
    quote: str = '"'
    grid: int = 0
    comma: bool = True
    after: int = 1
    first_party: frozenset[str] = field(default_factory=frozenset)
    third_party: frozenset[str] = field(default_factory=frozenset)


def style_for(text: str, style: Style) -> Style:
    """Return how a file writes imports where the project leaves it to each file."""
    plain = text.replace('"' * 3, "").replace("'" * 3, "")
    return style if style.quote else replace(style, quote="'" if plain.count("'") > plain.count('"') else '"')


class Item(NamedTuple):
    """One name that a statement imports; no name for `import module`."""

    level: int
    module: str
    name: str | None
    asname: str | None
    comment: str = ""


def items_of(node: ast.Import | ast.ImportFrom) -> list[Item]:
    """Return what a statement imports."""
    if isinstance(node, ast.Import):
        return [Item(0, alias.name, None, alias.asname) for alias in node.names]
    return [Item(node.level, node.module or "", alias.name, alias.asname) for alias in node.names]


def render(items: Iterable[Item], style: Style, indent: str = "") -> list[str]:
    """Return the lines that import all items, with an empty line between sections."""
    lines: list[str] = []
    before: int | None = None
    for key, statement in sorted(_statements(items, style), key=lambda pair: pair[0]):
        if before is not None and key.section != before:
            lines.append("")
        before = key.section
        lines += wrapped(statement, style, indent)
    return lines


def inline(items: Iterable[Item], style: Style) -> str:
    """Return statements on one line that import all items."""
    ordered = sorted(_statements(items, style), key=lambda pair: pair[0])
    return "; ".join(_head(statement) + ", ".join(map(_member, statement)) for _, statement in ordered)


class Key(NamedTuple):
    """Where a statement stands among others."""

    section: int
    kind: int
    module: tuple[tuple[int, int, str], ...]
    last: int
    name: tuple[tuple[int, int, str], ...]
    asname: str


def key_of(item: Item, style: Style) -> Key:
    """Return where a statement with this item stands."""
    distance = [(0, -item.level, "")] if item.level else []
    module = (*distance, *_natural(item.module.lower()))
    kind = 0 if style.within_sections else int(item.name is not None)
    has_as = item.asname is not None and item.name is not None and not style.combine_as
    apart = ((style.single_line and item.module not in style.together) or has_as) and item.name is not None
    name = _natural(f"{_type_of(item.name or '', style)}{(item.name or '').lower()}") if apart else ()
    return Key(section_of(item, style), kind, tuple(module), int(has_as), tuple(name), item.asname or "")


def section_of(item: Item, style: Style) -> int:
    """Return the section: future, standard library, foreign, own, relative."""
    top = item.module.partition(".")[0]
    if item.level:
        return 4
    if top == "__future__":
        return 0
    if top in style.third_party:
        return 2
    if top in style.first_party:
        return 3
    return 1 if top in STANDARD_LIBRARY else 2


def member_key(name: str, style: Style) -> tuple[object, ...]:
    """Return where a name stands among those that one statement takes."""
    return (_type_of(name, style), tuple(_natural(name.lower())), name)


def _type_of(name: str, style: Style) -> str:
    if not style.order_by_type:
        return ""
    return "A" if name.isupper() and len(name) > 1 else "B" if name[:1].isupper() else "C"


def _natural(text: str) -> Iterator[tuple[int, int, str]]:
    """Return what sorts numbers in a text by their value."""
    for part in re.split(r"(\d+)", text):
        if part.isdecimal():
            yield (0, int(part), "")
        elif part:
            yield (1, 0, part)


def _statements(items: Iterable[Item], style: Style) -> list[tuple[Key, tuple[Item, ...]]]:
    """Join what one statement can import."""
    joined: dict[tuple[object, ...], list[Item]] = {}
    for item in dict.fromkeys(items):
        single = style.single_line and item.module not in style.together
        alone = item.name is None or single or (item.asname is not None and not style.combine_as)
        key: tuple[object, ...] = (item.level, item.module, item if alone else None)
        joined.setdefault(key, []).append(item)
    found = []
    for members in joined.values():
        members.sort(key=lambda item: (member_key(item.name or "", style), item.asname or ""))
        found.append((key_of(members[0], style), tuple(members)))
    return found


def _head(statement: tuple[Item, ...]) -> str:
    first = statement[0]
    return "import " if first.name is None else f"from {'.' * first.level}{first.module} import "


def _member(item: Item) -> str:
    name = item.module if item.name is None else item.name
    return f"{name} as {item.asname}" if item.asname else name


def wrapped(statement: tuple[Item, ...], style: Style, indent: str = "") -> list[str]:
    """Return the lines of one statement, in the order of its items."""
    head, members = _head(statement), [_member(item) for item in statement]
    comments = list(dict.fromkeys(item.comment for item in statement if item.comment))
    comment = f"  # {'; '.join(comments)}" if comments else ""
    line = f"{indent}{head}{', '.join(members)}"
    if len(f"{line}{comment}".expandtabs(4)) > style.line_length:
        comment = re.sub(r"(# noqa: [A-Z0-9, ]+) - .*", r"\1", comment)
    width = len(line.expandtabs(4))
    fits = width <= style.line_length and not 0 < style.grid <= len(members)
    if fits or statement[0].name is None:
        return [line + comment]
    inner = indent + ("\t" if "\t" in indent else "    ")
    lines = [f"{inner}{member}," for member in members]
    lines[-1] = lines[-1] if style.comma else lines[-1].removesuffix(",")
    return [f"{indent}{head}({comment}", *lines, f"{indent})"]
