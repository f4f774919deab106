"""On which line of a pyproject.toml a name is declared, which no parser tells. Text in, number out.

The file is valid TOML. Strings and arrays may go over several lines, and what looks like a header in there is none; so
a statement is read to its end, by its brackets and quotes.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from deferred_imports.tooling.table.problems import TABLE

_IMPORTS = (*TABLE, "imports")
_EXPORTS = (*TABLE, "exports")
# A string of each kind, a comment, a bracket, an end of line; anything else is one character of no interest.
_TOKENS = [
    r'"""(?:\\.|(?!""").)*"{3,5}',
    r"'''(?:(?!''').)*'{3,5}",
    r'"(?:\\.|[^"\\\n])*"',
    r"'[^'\n]*'",
    r"#[^\n]*",
    r".",
]
_TOKEN = re.compile("|".join(_TOKENS), re.DOTALL)
_KEY = re.compile(r"""\s*("(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)\s*(\.?)""")


def line_of(text: str, name: str) -> int:
    """Return the line of a pyproject.toml that declares a name, or where our table begins; parsers tell no lines.

    Args:
        text: The file.
        name: A name of the table `imports`, or with a dot in front one of `exports`, as a `Manifest` has them.
    """
    start, lines = _declared(text)
    return lines.get(name, start)


@lru_cache(maxsize=2)
def _declared(text: str) -> tuple[int, dict[str, int]]:
    """Return where our table begins, and the line of each name; a file is read once for all of them."""
    start = 0
    lines: dict[str, int] = {}
    for line, keys in _keys(text):
        if keys[: len(TABLE)] == TABLE:
            start = start or line
            name = ""
            if keys[: len(_IMPORTS)] == _IMPORTS and len(keys) > len(_IMPORTS):
                name = keys[len(_IMPORTS)]
            elif keys[: len(_EXPORTS)] == _EXPORTS and len(keys) > len(_EXPORTS):
                module, *rest = keys[len(_EXPORTS) :]
                name = ".".join([module, *rest[:1]]) if module.startswith(".") else f".{module}"
            if name:
                lines.setdefault(unicodedata.normalize("NFKC", name), line)  # as Python reads it in a source
    return start or 1, lines


def _keys(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the full key of each header, of each value, and of those in inline tables, with its line."""
    header: tuple[str, ...] = ()
    for line, statement in _statements(text):
        if statement.lstrip().startswith("["):
            header = _key(statement.lstrip().lstrip("["))[0]
            yield line, header
        else:
            yield from _values(line, statement, header)


def _values(line: int, statement: str, above: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the key of a value, and if that is an inline table the keys in there."""
    key, end = _key(statement)
    if not key:
        return
    yield line + _newlines(statement[: len(statement) - len(statement.lstrip())]), (*above, *key)
    value = statement[end:].lstrip().removeprefix("=")
    opened = value.lstrip()
    if opened.startswith("{"):
        line += statement.count("\n", 0, len(statement) - len(opened) + 1)
        for part_line, part in _parts(line, opened[1:]):
            yield from _values(part_line, part, (*above, *key))
    elif opened.startswith("[") and above[: len(_EXPORTS)] == _EXPORTS and key[-1].startswith("."):
        line += statement.count("\n", 0, len(statement) - len(opened) + 1)
        for part_line, part in _split(line, opened[1:], ",", frozenset("]")):  # names, each of which is exported
            if name := _key(part)[0]:
                yield part_line + _newlines(part[: len(part) - len(part.lstrip())]), (*above, *key[:-1], *name)


def _newlines(text: str) -> int:
    return text.count("\n")


def _key(text: str) -> tuple[tuple[str, ...], int]:
    """Return the dotted key that a text begins with, and where it ends."""
    parts: list[str] = []
    end = 0
    while found := _KEY.match(text, end):
        parts.append(_plain(found[1]))
        end = found.end()
        if not found[2]:
            break
    return tuple(parts), end


def _plain(key: str) -> str:
    """Return what a part of a key says: bare, or a string of either kind."""
    if key[0] == '"':
        return str(ast.literal_eval(key)) if "\\" in key else key[1:-1]  # TOML's escapes are some of Python's
    return key.strip("'")


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each statement with the line that it begins on."""
    return _split(1, text, "\n", frozenset())


def _parts(line: int, text: str) -> Iterator[tuple[int, str]]:
    """Yield what commas part in an inline table, up to its end."""
    return _split(line, text, ",", frozenset("}"))


def _split(line: int, text: str, separator: str, ends: frozenset[str]) -> Iterator[tuple[int, str]]:
    depth, begin, first = 0, 0, line
    for token in _TOKEN.finditer(text):
        found = token[0]
        if depth == 0 and (found == separator or found in ends):
            yield first, text[begin : token.start()]
            if found in ends:
                return
            begin = token.end()
            first = line + found.count("\n")
        depth += (found in "[{") - (found in "]}")
        line += found.count("\n")
    yield first, text[begin:]
