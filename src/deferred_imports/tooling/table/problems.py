"""What can be wrong with a pyproject.toml, and how it is reported: addresses, TOML quoting, one line for each problem.

The command and the build hook show the same text, so everything that shapes it is here. Imports nothing of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import TypeAlias

# The keys and indices that lead to a value from the top of the file.
Place: TypeAlias = "tuple[str | int, ...]"

TABLE = ("tool", "deferred-imports")

_BITS = 512  # of an integer that is shown whole
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it stands, as `imports.plt.extra` (`""` is the table itself), and what it is."""

    address: str
    message: str

    def __str__(self) -> str:
        return f"{self.address}: {self.message}" if self.address else self.message


class ManifestError(Exception):
    """A pyproject.toml that cannot be used, with every problem that was found; its text is for the user to read."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        header = f"pyproject.toml: [{'.'.join(TABLE)}] has {count} problem{'s' if count != 1 else ''}"
        return "\n".join([header, *(f"  {problem}" for problem in self.problems)])


class RefusalError(Exception):
    """Something that was asked for and cannot be done as it was asked; its text is for the user to read.

    Attributes:
        exit_code: What the command ends with.
    """

    exit_code = 2


class Problems:
    """The problems gathered while a document is read; they come out in the order of the file, however they came in.

    Looking for what a user may have meant is patient up to a point: a table of thousands of mistakes is not spelled
    wrong, and comparing all with all would take for ever.
    """

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document
        self._found: list[tuple[Place, str]] = []
        self._orders: dict[int, dict[object, int]] = {}
        self._patience = 20_000  # words to compare

    def add(self, place: Place, message: str) -> None:
        """Note what is wrong with the value at this place."""
        self._found.append((place, message))

    def near(self, word: str, choices: Sequence[str], count: int) -> list[str]:
        """Return the choices that a word may be meant to be, the nearest first."""
        self._patience -= len(choices)
        return get_close_matches(word, choices, n=count, cutoff=0.75) if self._patience > 0 else []

    def containing(self, word: str, choices: Sequence[str]) -> list[str]:
        """Return the choices in which a word stands."""
        self._patience -= len(choices)
        return [choice for choice in choices if word in choice] if self._patience > 0 else []

    def did_you_mean(self, word: str, choices: Iterable[str]) -> str:
        """Give `; did you mean "plot"?` for the choice that is nearest to the word, or nothing when none is near."""
        if self._patience <= 0:
            return ""
        choices = list(choices)
        self._patience -= len(choices)
        return did_you_mean(word, choices) if self._patience > 0 else ""

    def raise_if_any(self) -> None:
        """Raise a ManifestError with all that was added."""
        if self._found:
            found = sorted(self._found, key=lambda item: self._position(item[0]))
            raise ManifestError(Problem(address(place), message) for place, message in found)

    def _position(self, place: Place) -> tuple[int, ...]:
        # What is not in the file (a key that is missing) comes before what its table does hold.
        value: object = self._document
        position: list[int] = []
        for part in place:
            if isinstance(part, int):
                position.append(part)
                value = value[part] if isinstance(value, list) and part < len(value) else None
            else:
                position.append(self._order(value).get(part, -1))
                value = value.get(part) if isinstance(value, Mapping) else None
        return tuple(position)

    def _order(self, value: object) -> Mapping[object, int]:
        """Return the position of each key in a table; all tables are parts of one document, which keeps them alive."""
        if not isinstance(value, Mapping):
            return {}
        if id(value) not in self._orders:
            self._orders[id(value)] = {key: index for index, key in enumerate(value)}
        return self._orders[id(value)]


def address(place: Place) -> str:
    """Write a place as TOML does, from our table on when it lies in there: `imports.plt.module[1]`."""
    if place[: len(TABLE)] == TABLE:
        place = place[len(TABLE) :]
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE_KEY.fullmatch(part) else quote(part))
    return text


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Give `; did you mean "plot"?` for the choice that is nearest to the word, or nothing when none is near."""
    spelled = {choice.lower(): choice for choice in choices}
    near = get_close_matches(word.lower(), spelled, n=1)
    return f"; did you mean {quote(spelled[near[0]])}?" if near else ""


def quote(value: object) -> str:
    """Write a value as TOML does, on one line."""
    if isinstance(value, str):
        return '"' + "".join(map(_escape, value)) + '"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{address((key,))} = {quote(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(quote, value))}]"
    is_endless = isinstance(value, int) and value.bit_length() > _BITS  # which Python may refuse to write
    return f"{value:#x}"[:20] + "..." if is_endless else str(value)


def alternatives(values: Iterable[str]) -> str:
    """Quote several values, as in `one of "plot", "excel"`; a single one stands alone."""
    quoted = [quote(value) for value in values]
    return quoted[0] if len(quoted) == 1 else f"one of {', '.join(quoted)}"


def describe(value: object) -> str:
    """Name a value by its TOML type, and show it when it is short: `the integer 3`, `an array`."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "an array" if value else "an empty array"
    name = next((name for kind, name in _TYPES.items() if isinstance(value, kind)), "value")
    return f"the {name} {quote(value)}"


# bool before int and datetime before date: the first that fits is the name.
_TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "float",
    datetime: "datetime",
    date: "date",
    time: "time",
}


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    return f"\\u{ord(character):04X}" if character <= "\uffff" else f"\\U{ord(character):08X}"
