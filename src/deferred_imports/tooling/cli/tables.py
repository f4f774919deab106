"""Tables for people: in a terminal as wide as it is, in a pipe a line for each row."""

from __future__ import annotations

import sys

from deferred_imports.tooling.cli.output import fitted, harmless, styled, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP = 3  # between two columns


def print_table(columns: Sequence[str], rows: Iterable[Iterable[str | None]], below: Sequence[str] = ()) -> None:
    """Print a table.

    In a terminal it leaves out the columns in which nothing stands. Where it does not fit, some columns move to a line
    below each row, and where that does not help, each cell has a line of its own.

    Args:
        columns: The headings.
        rows: The cells.
        below: The columns that can stand below, in the order in which they move there.
    """
    cells = [[harmless(cell or "") for cell in row] for row in rows]
    width = width_of(sys.stdout)
    if width is None:
        _print_grid(list(columns), cells, None)
        return
    kept = [index for index, _ in enumerate(columns) if any(row[index] for row in cells)]
    moved: list[int] = []
    for name in (None, *below):
        for index in [index for index in kept if columns[index] == name]:
            kept.remove(index)
            moved.append(index)
        widths = [_least([columns[index], *(row[index] for row in cells)]) for index in kept]
        if sum(widths) + _GAP * (len(kept) - 1) <= width:
            break
    else:
        _print_list(columns, cells, width)
        return
    beneath = [_beneath([columns[index] for index in sorted(moved)], [row[i] for i in sorted(moved)]) for row in cells]
    grid = [[row[index] for index in kept] for row in cells]
    _print_grid([columns[index] for index in kept], grid, width, beneath if moved else None)


def _least(cells: Iterable[str]) -> int:
    """Return how wide a column must be that breaks no word, and has nothing that is much longer than two lines."""
    from rich.cells import cell_len

    return max((max(-(-cell_len(cell) // 2), *map(cell_len, cell.split())) for cell in cells if cell), default=0)


def _beneath(columns: Sequence[str], row: Sequence[str]) -> str:
    return "; ".join(f"{column}: {cell}" for column, cell in zip(columns, row, strict=True) if cell)


def _print_grid(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int | None, beneath: Sequence[str] | None = None
) -> None:
    """Print cells below their headings, each row with what stands beneath it."""
    from rich.cells import cell_len

    columns_of_cells = [[name, *(row[index] for row in rows)] for index, name in enumerate(columns)]
    widths = [max(map(cell_len, cells)) for cells in columns_of_cells]
    least = [_least(cells) for cells in columns_of_cells]
    while width is not None and sum(widths) + _GAP * (len(widths) - 1) > width:
        # The column that has most to give gives; there is one, as the words were counted before.
        index = max(range(len(widths)), key=lambda index: widths[index] - least[index])
        widths[index] -= 1
    if beneath is None or width is None:
        print(_grid(columns, rows, widths), end="")
        return
    print(_grid(columns, [], widths), end="")
    for row, text in zip(rows, beneath, strict=True):
        print(_grid(columns, [row], widths, heading=False), end="")
        for piece in fitted(text, width, "  ") if text else ():
            print(styled(piece, "dim", sys.stdout))


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], *, heading: bool = True) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, show_header=heading, header_style="")
    for name, wide in zip(columns, widths, strict=True):
        table.add_column(name, width=wide)
    for row in rows:
        table.add_row(*map(Text, row))  # as Text, brackets and colons mean themselves
    console = Console(width=max(sum(widths) + _GAP * len(widths), 1))
    with console.capture() as capture:  # print, not rich, shall meet a broken pipe
        console.print(table)
    first, *lines = [line.rstrip() for line in capture.get().splitlines()]
    return "\n".join([styled(first, "bold" if heading else "", sys.stdout), *lines, ""])


def _print_list(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> None:
    """Print each cell on a line of its own."""
    for number, row in enumerate(rows):
        print("\n" if number else "", end="")
        for column, cell in zip(columns, row, strict=True):
            for piece in fitted(f"{column}: {cell}", width) if cell else ():
                name, colon, rest = piece.partition(":") if piece.startswith(f"{column}:") else ("", "", piece)
                print(f"{styled(name, 'bold', sys.stdout)}{colon}{rest}")
