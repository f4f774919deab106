"""Adds to the text of a pyproject.toml; comments, order and line endings survive, and what is written is read again."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from tomlkit.exceptions import TOMLKitError

from deferred_imports.tooling.table.problems import RefusalError, quote

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class UnchangeableError(RefusalError):
    """A `pyproject.toml` of a shape that cannot be added to; its text is for the user to read."""


class TomlEditor:
    """The text of a TOML file, to which requirements and tables are added."""

    def __init__(self, text: str) -> None:
        self._windows = 0 < text.count("\n") == text.count("\r\n")
        try:
            self._document: Any = tomlkit.parse(text)
        except TOMLKitError as error:
            what = f"pyproject.toml is valid TOML, but tomlkit, which edits it, cannot read it: {error}"
            raise UnchangeableError(what) from error
        self._tables: list[tuple[tuple[str, ...], str]] = []
        self._inserted: list[tuple[tuple[str, ...], str]] = []

    def require(self, table: str, key: str, distribution: str) -> None:
        """Add a requirement to an array of them, unless it is there in any version."""
        if table not in self._document:
            raise UnchangeableError(f"pyproject.toml has no [{table}]; add {key} = [{quote(distribution)}] to it")
        array = self._document[table].setdefault(key, tomlkit.array())
        if not isinstance(array, list):
            raise UnchangeableError(
                f"[{table}] {key} in pyproject.toml is not an array; add {quote(distribution)} to it"
            )
        if canonicalize_name(distribution) not in map(_name_of, array):
            array.append(distribution)

    def wrap(self, system: Mapping[str, object], requirement: str) -> bool:
        """Give [build-system] another backend, and tell whether there is such a table."""
        if "build-system" not in self._document:
            return False
        self.require("build-system", "requires", requirement)
        table = self._document["build-system"]
        for key in set(table) - set(system):
            del table[key]
        table["build-backend"] = system["build-backend"]
        return True

    def insert(self, place: tuple[str, ...], lines: str) -> None:
        """Add keys to a table that is there, or of which the tables below it are."""
        self._inserted.append((place, lines))

    def append(self, place: tuple[str, ...], lines: str = "") -> None:
        """Add a table, with its lines, at the end of the file; an empty one where tomlkit can read it."""
        self._tables.append((place, lines))

    @staticmethod
    def parsed(text: str) -> dict[str, Any]:
        """Return what a text says."""
        return tomllib.loads(text)

    def text(self) -> str:
        """Return the whole file.

        Raises:
            UnchangeableError: when no text that holds the tables can be read again, by tomllib and by tomlkit.
        """
        text = tomlkit.dumps(self._document)
        if self._windows:
            text = text.replace("\r\n", "\n")
        for place, lines in self._inserted:
            if found := _header(place).search(text):
                text = f"{text[: found.end()]}{lines}{text[found.end() :]}"
            elif found := re.search(rf"^[ \t]*\[[ \t]*{_dotted(place)}[ \t]*\.", text, re.MULTILINE):
                text = f"{text[: found.start()]}[{'.'.join(place)}]\n{lines}\n{text[found.start() :]}"
        for place, lines in self._tables:
            text = next(filter(_reads(text, place), _with(text, place, lines)), "")
            if not text:
                what = f"[{place[0]}], or a table in it, in pyproject.toml cannot be extended, because it is one line"
                raise UnchangeableError(f"{what}; rewrite it as a section")
        # Where both kinds of line endings stand, each stays as it is.
        return text.replace("\n", "\r\n") if self._windows else text


def _with(text: str, place: tuple[str, ...], lines: str) -> Iterator[str]:
    """Yield the text with a table: at its end; an empty one also as a dotted key in one of the tables that hold it."""
    before = text.rstrip("\r\n") + "\n\n" if text.strip() else ""
    yield f"{before}[{'.'.join(place)}]\n{lines}"
    if lines:
        return
    # Below dotted keys, as in [tool.hatch] build.artifacts = [...], TOML allows a table, and tomlkit does not.
    for depth in range(len(place) - 1, 0, -1):
        if found := _header(place[:depth]).search(text):
            yield f"{text[: found.end()]}{'.'.join(place[depth:])} = {{}}\n{text[found.end() :]}"


def _header(place: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"^[ \t]*\[[ \t]*{_dotted(place)}[ \t]*\][^\n]*\n", re.MULTILINE)


def _dotted(place: tuple[str, ...]) -> str:
    return r"[ \t]*\.[ \t]*".join(map(_key, place))


def _key(part: str) -> str:
    return rf"(?:{re.escape(part)}|\"{re.escape(part)}\"|'{re.escape(part)}')"


def _reads(before: str, place: tuple[str, ...]) -> Callable[[str], bool]:
    """Return what tells whether a text is the one before with one more table, for both that will read it."""

    def reads(text: str) -> bool:
        try:
            document = tomllib.loads(text)
            if tomlkit.parse(text).unwrap() != document:
                return False
        except (tomllib.TOMLDecodeError, TOMLKitError):
            return False
        return _without(document, place) == _without(tomllib.loads(before), place)

    return reads


def _without(document: Mapping[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    """Return a document without a table, and without those that hold nothing else."""
    first, *rest = place
    if not rest or not isinstance(document.get(first), Mapping):
        return {key: value for key, value in document.items() if key != first}
    inner = _without(document[first], tuple(rest))
    return {**document, first: inner} if inner else {key: value for key, value in document.items() if key != first}


def _name_of(requirement: object) -> str:
    try:
        return canonicalize_name(Requirement(str(requirement)).name)
    except InvalidRequirement:
        return ""
