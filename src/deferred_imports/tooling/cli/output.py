"""How the command prints: the one printer of tables, JSON, and lines for the user beside the output."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def say(*lines: object) -> None:
    """Print lines for the user to standard error, where they disturb no output that another program reads."""
    for line in lines:
        print(f"deferred-imports: {line}", file=sys.stderr)


def note(*lines: object) -> None:
    """Print lines that are worth knowing to standard error."""
    for line in lines:
        print(f"note: {line}", file=sys.stderr)


def print_json(value: object) -> None:
    """Print a value for other programs."""
    import json

    print(json.dumps(value, indent=2))


def print_table(columns: Sequence[str], rows: Iterable[Iterable[str | None]]) -> None:
    """Print a table, as wide as the terminal; in a pipe, or where the terminal is too narrow, as wide as it needs."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", min_width=len(column))
    for row in rows:
        table.add_row(*(Text(cell or "") for cell in row))  # as Text, brackets and colons mean themselves
    console = Console()
    if not console.is_terminal or console.width < sum(len(column) + 2 for column in columns):
        widest = console.options.update(width=10_000)
        console.width = Measurement.get(console, widest, table).maximum
    with console.capture() as capture:  # print, not rich, shall meet a broken pipe
        console.print(table)
    print("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()), end="")


def print_markdown(text: str) -> None:
    """Print a text of a manual: laid out for a terminal, and as it stands for a pipe."""
    if sys.stdout is None or not sys.stdout.isatty():
        print(text, end="")
        return
    import re

    from rich.console import Console
    from rich.markdown import Markdown

    text = re.sub(r"(?<!!)\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", text)  # there is no way to follow these
    console = Console()
    console.width = min(console.width, 100)  # longer lines are hard to read
    with console.capture() as capture:  # print, not rich, shall meet a broken pipe
        console.print(Markdown(text, code_theme="ansi_dark", hyperlinks=False))
    print(capture.get(), end="")
