"""What the bench prints: the ways side by side, the budgets beside the figures, both for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.budgets import Result
from benchmarks.columns import Column, columns
from benchmarks.comparing import Figure, Row
from benchmarks.environments import Interpreter
from benchmarks.measuring import shown
from benchmarks.peers import ALONE, EMPTY, FUNCTION


@dataclass(frozen=True)
class Measured:
    """All that was found on one interpreter, with at most so many modules declared."""

    interpreter: Interpreter
    most: int
    rows: list[Row]
    budgets: list[Result]


def print_ways(console: Console, measured: Measured) -> None:
    """Print the ways side by side."""
    head, *rows = matrix(measured)
    table = _table(title(measured), padding=(0, 0, 0, 0))
    for index, text in enumerate(head):
        table.add_column(text, justify="right" if index else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row, end_section=row[0] == BASES)
    console.print(table)
    for line in (*legend(measured.most), *notes(measured)):
        console.print(line, highlight=False)


def print_full(console: Console, measured: Measured) -> None:
    """Print every figure on a line of its own, with its quartiles."""
    table = _table(title(measured))
    for text in ("what", "way", "median", "quartiles", "ratio", "quartiles", "samples"):
        table.add_column(text, justify="left" if text in ("what", "way") else "right", no_wrap=True)
    for column in columns(measured.most):
        for row in measured.rows:
            figure = row.figures.get(column.key)
            if figure is None:
                continue
            spread = figure.spread
            times = [absolute(value, column.unit) for value in (spread.median, spread.low, spread.high)]
            ratios = [ratio(value) for value in figure.ratios or ()]
            table.add_row(
                column.label,
                row.way.name,
                times[0],
                f"{times[1]} to {times[2]}",
                ratios[0] if ratios else "",
                f"{ratios[1]} to {ratios[2]}" if ratios else "",
                str(figure.samples),
            )
        table.add_section()
    console.print(table)


def print_budgets(console: Console, measured: Measured) -> None:
    """Print the budgets of the design beside what was found."""
    table = _table(f"Python {measured.interpreter.version}: the budgets")
    for text in ("what", "median", "quartiles", "ratio", "budget", ""):
        table.add_column(text, justify="left" if text in ("what", "") else "right", no_wrap=True)
    last = ""
    for result in measured.budgets:
        sample, spread = result.sample, result.spread
        if sample.table != last:
            table.add_section()
            table.add_row(f"[bold]{sample.table}")
            last = sample.table
        values = [absolute(value, sample.unit) for value in (spread.median, spread.low, spread.high)]
        table.add_row(
            f"  {sample.name}",
            values[0],
            f"{values[1]} to {values[2]}",
            ratio(result.ratio),
            bound(result),
            met(result),
        )
    console.print(table)


def _table(title: str, padding: tuple[int, int, int, int] = (0, 2, 0, 0)) -> Table:
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=padding)


def markdown(everything: Sequence[Measured]) -> str:
    """Return the tables of all interpreters as Markdown."""
    parts = []
    for measured in everything:
        head, *rows = matrix(measured)
        labels = ["", *(column.label for column in columns(measured.most))]
        lines = [labels, ["---", *("--:" for _ in head[1:])], *rows]
        parts += [title(measured), _pipes(lines), *_bullets(notes(measured))]
    parts += _bullets(legend(everything[0].most))
    parts.append(f"The budgets\n\n{_pipes(_budgets(everything))}")
    return "\n\n".join(parts)


def _budgets(everything: Sequence[Measured]) -> Iterable[list[str]]:
    versions = [measured.interpreter.version for measured in everything]
    yield ["what", "compared with", "budget", *versions]
    yield ["---", "---", "--:", *("--:" for _ in versions)]
    for result in everything[0].budgets:
        if not bound(result):
            continue
        found = []
        for measured in everything:
            same = next((other for other in measured.budgets if other.sample == result.sample), None)
            figure = (
                "-" if same is None else ratio(same.ratio) if same.sample.base else absolute(same.spread.median, "ns")
            )
            found.append(f"{figure} {met(same)}" if same else figure)
        yield [f"{result.sample.table}: {result.sample.name}", result.sample.base, bound(result), *found]


def _bullets(lines: Iterable[str]) -> list[str]:
    text = "\n".join(f"- {line}" for line in lines)
    return [text] if text else []


def _pipes(lines: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def title(measured: Measured) -> str:
    """Return what stands above the ways of one interpreter."""
    return f"Python {measured.interpreter.version}: medians as ratios; what 1 is stands in the first line"


#: The line that says what the ratios are relative to.
BASES = "1 is"


def matrix(measured: Measured) -> Iterable[list[str]]:
    """Yield the head, what 1 is in each column, and the line of each way."""
    wanted = columns(measured.most)
    rows = {row.way.name: row for row in measured.rows}
    yield ["", *(column.title for column in wanted)]
    bases = [BASES]
    for column in wanted:
        way, key = column.base or ("", "")
        figure = rows[way].figures.get(key) if way in rows else None
        bases.append(absolute(figure.spread.median, column.unit) if figure else "")
    yield bases
    for row in measured.rows:
        yield [row.way.name, *(_cell(column, row.figures.get(column.key)) for column in wanted)]


def _cell(column: Column, figure: Figure | None) -> str:
    if figure is None:
        return "-"
    if column.base is None:
        return f"{figure.spread.median:,.0f}"
    return "-" if figure.ratios is None else ratio(figure.ratios[0])


def legend(most: int) -> Iterable[str]:
    """Yield what the columns are."""
    of = {ALONE: "the start of the interpreter", EMPTY: "an empty module", FUNCTION: "an import in a function"}
    for base, what in of.items():
        meanings = [
            f"{column.label}: {column.meaning}"
            for column in columns(most)
            if column.base and column.base[0] == base and column.found != "declare"
        ]
        if base == EMPTY:
            meanings.insert(0, "declare N: importing a module that declares so many")
        yield f"relative to {what}: {'; '.join(meanings)}"
    yield from (f"{column.label}: {column.meaning}" for column in columns(most) if column.base is None)


def notes(measured: Measured) -> Iterable[str]:
    """Yield what is installed, and why something is not there or not what it seems."""
    installed = [row.way.requirement.replace("==", " ") for row in measured.rows if "==" in row.way.requirement]
    if installed:
        yield f"each in an environment of its own: {', '.join(installed)}"
    for row in measured.rows:
        for note in row.notes:
            yield f"{row.way.name}: {note}"


def ratio(value: float) -> str:
    """Return a ratio in as many digits as it deserves."""
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def absolute(value: float, unit: str) -> str:
    """Return a value as people read it."""
    if unit == "bytes":
        return f"{value / 1e6:.3g}MB"
    if unit == "modules":
        return f"{value:,.0f}"
    number, _, unit = shown(value).partition(" ")
    return f"{float(number):.3g}{unit}"


def bound(result: Result) -> str:
    """Return what a sample may be at most."""
    if result.sample.budget is not None:
        return f"{result.sample.budget:.2f}"
    return "" if result.sample.limit is None else absolute(result.sample.limit, "ns")


def met(result: Result) -> str:
    """Return the verdict."""
    if result.met is None:
        return "-" if bound(result) else ""
    return "met" if result.met else "missed"
