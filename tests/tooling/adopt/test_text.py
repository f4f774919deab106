"""The text of a source file, byte for byte."""

import pytest

from deferred_imports.tooling.adopt.text import Edit, Text
from deferred_imports.tooling.source.text import UnreadableSourceError


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"a = 1",
        b"a = 1\r\nb = 2\n",
        b"\xef\xbb\xbfa = 1\n",
        "# coding: latin-1\na = 'é'\n".encode("latin-1"),
        b"a = 1\x0c\n\tb\n",
    ],
)
def test_without_edits_it_is_what_it_was(source: bytes) -> None:
    """Line endings, byte order marks, encodings, form feeds and tabs come back as they were."""
    assert Text(source).edited([]) == source


def test_what_is_inserted_gets_the_endings_of_the_file() -> None:
    """Most lines decide; the others stay."""
    text = Text(b"a\r\nb\r\nc\n")
    assert text.newline == "\r\n"
    assert text.edited([Edit(0, 1, "x\ny")]) == b"x\r\ny\r\nb\r\nc\n"


def test_places_are_those_of_the_syntax_tree() -> None:
    """Its columns count bytes of UTF-8, and ours characters."""
    text = Text("é = 'ü'; b = 1\n".encode())
    assert text.text[text.offset(1, 11) :].startswith("b = 1")
    assert text.place(text.offset(1, 11)) == {"line": 1, "column": 10}


def test_lines() -> None:
    """A line ends as Python says, and one with a form feed is not blank."""
    text = Text(b"a\n \t\n\x0c\n\xe2\x80\xa8b")
    assert (text.line(1), text.is_blank(2), text.is_blank(3)) == ("a", True, False)
    assert (text.lines, text.line_at(0), text.line_at(2)) == (4, 1, 2)


def test_edits_that_overlap_are_refused() -> None:
    """Two edits of one piece are a mistake of ours, and never half done."""
    with pytest.raises(ValueError, match="edits overlap at 1"):
        Text(b"abc").edited([Edit(0, 2, "x"), Edit(1, 3, "y")])


@pytest.mark.parametrize("source", [b"a = '\xff'\n", b"# coding: nothing\n", b"# coding: utf-7\na = 1  # +AGE-\n"])
def test_what_would_not_come_back_is_refused(source: bytes) -> None:
    """A source that Python would not read, or that writing would change, is left alone."""
    with pytest.raises(UnreadableSourceError):
        Text(source)
