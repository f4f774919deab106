"""How the command prints: the one printer of lines, texts of the manuals, JSON, and of what stands beside the output.

In a terminal, tables and lines fit its width: words are never broken, and nothing is left out. In a pipe a record is a
line, however long. What another program's file says reaches no terminal as it is: its control characters are shown.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
# A place, a note, a code.
_PARTS = r"^(?P<place>\S+:\d+:)(?= )|(?<=: )(?P<note>note:)|(?P<code>\[[a-z-]+\])$"
_PART_STYLES = {"place": "bold", "note": "cyan", "code": "yellow"}
_PATIENCE = 0.7  # seconds after which work is long


def tell(*lines: object) -> None:
    """Print lines to standard error, where they disturb no output that another program reads."""
    for line in lines:
        _print(str(line), sys.stderr)


def say(*lines: object) -> None:
    """Print lines to standard error that say who says them."""
    tell(*(f"deferred-imports: {line}" for line in lines))


def note(*lines: object) -> None:
    """Print lines that are worth knowing to standard error."""
    tell(*(f"note: {line}" for line in lines))


def print_lines(lines: Iterable[str]) -> None:
    """Print lines of text."""
    for line in lines:
        _print(line, sys.stdout)


def print_raw(lines: Iterable[str]) -> None:
    """Print lines for other programs, none of them longer than it is, and none that a terminal obeys."""
    for line in lines:
        print(harmless(line))


def print_findings(lines: Iterable[str]) -> None:
    """Print lines that begin with a place and end with a code in brackets, and what stands below them."""
    for line in lines:
        for piece in _pieces(line, width_of(sys.stdout)):
            print(
                re.sub(_PARTS, lambda found: styled(found[0], _PART_STYLES[found.lastgroup or ""], sys.stdout), piece)
            )


def print_difference(text: str) -> None:
    """Print a unified diff, with the tabs of the sources."""
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in text.splitlines():
        heading = line.startswith(("--- ", "+++ "))
        shown = "\t".join(map(harmless, line.split("\t")))
        print(styled(shown, "bold" if heading else styles.get(line[:1], ""), sys.stdout))


def print_json(value: object) -> None:
    """Print a value for other programs."""
    import json

    print(json.dumps(value, indent=2))


def print_markdown(text: str) -> None:
    """Print a text of a manual: laid out for a terminal, and as it stands for a pipe."""
    if (width := width_of(sys.stdout)) is None:
        print(text, end="")
        return
    from rich.console import Console
    from rich.markdown import Markdown

    text = re.sub(r"(?<!!)\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", text)  # there is no way to follow these
    console = Console(width=min(width, 100))  # longer lines are hard to read
    with console.capture() as capture:  # print, not rich, shall meet a broken pipe
        console.print(Markdown(text, code_theme="ansi_dark", hyperlinks=False))
    print(capture.get(), end="")


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show in a terminal that long work is going on; short work shows nothing."""
    if not _is_terminal(sys.stderr):
        yield
        return
    from threading import Timer

    shown = []

    def show() -> None:
        try:
            from rich.console import Console
        except ModuleNotFoundError:  # of all extras, only `tooling` has it
            return
        status = Console(stderr=True).status(f"{what} ...")
        status.start()
        shown.append(status)

    timer = Timer(_PATIENCE, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for status in shown:
            status.stop()


def harmless(text: str) -> str:
    """Return a text of which a terminal shows every character and obeys none; only line ends stay."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else repr(character)[1:-1] for character in text
    )


def styled(text: str, style: str, stream: TextIO | None) -> str:
    """Return a text with a style, where it goes to a terminal that has any; see https://no-color.org."""
    wanted = os.environ.get("FORCE_COLOR") or (_is_terminal(stream) and os.environ.get("TERM") != "dumb")
    if not style or not text or not wanted or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def width_of(stream: TextIO | None) -> int | None:
    """Return the width of the terminal; None for a pipe."""
    if not _is_terminal(stream):
        return None
    from shutil import get_terminal_size

    return max(get_terminal_size().columns, 1)


def _print(text: str, stream: TextIO | None) -> None:
    for piece in _pieces(text, width_of(stream)):
        print(piece, file=stream)


def _pieces(text: str, width: int | None) -> list[str]:
    """Return the lines of a text as they fit a terminal; in a pipe as they are."""
    lines = harmless(text).splitlines() or [""]
    return lines if width is None else [piece for line in lines for piece in fitted(line, width)]


def fitted(line: str, width: int, indent: str = "") -> list[str]:
    """Return the lines that a line becomes in a terminal; words that are too long for it stay whole."""
    from textwrap import wrap

    if len(indent + line) <= width:
        return [indent + line]
    start = indent + line[: len(line) - len(line.lstrip(" "))]
    return wrap(
        line.strip(),
        width,
        initial_indent=start,
        subsequent_indent=f"{start}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
