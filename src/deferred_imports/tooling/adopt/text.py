"""The text of a source file, byte for byte: what is not edited comes back as it was. Bytes in, bytes out."""

from __future__ import annotations

import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from deferred_imports.tooling.source.text import UnreadableSourceError

_LINE_END = re.compile(r"\r\n|\r|\n")


class Edit(NamedTuple):
    """One piece of a text, from `start` up to `end` in characters, and what stands there instead."""

    start: int
    end: int
    text: str


class Text:
    """A source as text, with places as the syntax tree tells them.

    Attributes:
        source: The bytes.
        text: All of it, line endings as they are; without a byte order mark.
        newline: The line ending that most of its lines have.
    """

    def __init__(self, source: bytes) -> None:
        """Decode a source as Python does (PEP 263).

        Raises:
            UnreadableSourceError: when Python would not, or when writing it back would change it.
        """
        self.source = source
        try:
            self._encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
            self.text = source.decode(self._encoding)
            if self.text.encode(self._encoding) != source:
                raise UnreadableSourceError("its encoding would change bytes that no edit touches")
        except (SyntaxError, ValueError, LookupError) as error:
            raise UnreadableSourceError("it is not in the encoding that it declares, or not in UTF-8") from error
        # Python knows no other line endings, form feeds and U+2028 among them.
        ends = [found.end() for found in _LINE_END.finditer(self.text)]
        self.starts = [0, *ends]
        count = len(ends)
        windows = self.text.count("\r\n")
        self.newline = "\r\n" if windows * 2 > count else "\r" if count and "\n" not in self.text else "\n"

    def offset(self, line: int, column: int) -> int:
        """Return the place of a line, counted from 1, and a column in UTF-8, as the syntax tree has them."""
        start = self.starts[line - 1]
        piece = self.text[start : start + column]
        if piece.isascii():
            return start + column
        return start + len(self.text[start : self.end(line)].encode("utf-8")[:column].decode("utf-8"))

    def end(self, line: int) -> int:
        """Return where a line ends, its line ending included."""
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def line(self, line: int) -> str:
        """Return a line without its ending."""
        return self.text[self.starts[line - 1] : self.end(line)].rstrip("\r\n")

    def is_blank(self, line: int) -> bool:
        """Tell whether a line holds nothing but spaces and tabs; a form feed is something."""
        return not self.line(line).strip(" \t")

    def line_at(self, offset: int) -> int:
        """Return the number of the line that holds a place."""
        return bisect_right(self.starts, offset)

    @property
    def lines(self) -> int:
        """The number of lines; a text that ends with a line ending has an empty last one."""
        return len(self.starts)

    def place(self, offset: int) -> dict[str, int]:
        """Return a place as line and character, both counted from 1."""
        line = self.line_at(offset)
        return {"line": line, "column": offset - self.starts[line - 1] + 1}

    def decoded(self, source: bytes) -> str:
        """Return another source of the same encoding as text."""
        return source.decode(self._encoding)

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """Return the source with all edits applied; line endings in what they insert become those of the text.

        Raises:
            ValueError: when two edits overlap.
        """
        pieces: list[str] = []
        place = 0
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            if edit.start < place:
                raise ValueError(f"edits overlap at {edit.start}")
            pieces += [self.text[place : edit.start], edit.text.replace("\n", self.newline)]
            place = edit.end
        return "".join([*pieces, self.text[place:]]).encode(self._encoding)
