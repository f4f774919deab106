"""The picture of `bench`: all ways to declare imports side by side, a panel for each cost, a dot for each Python."""

from __future__ import annotations

from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from benchmarks.measuring import amount

# What is drawn, in reading order; the tables have it all.
_PANELS = {
    "library": "importing the library",
    "declare 10": "declaring 10 modules",
    "declare 1000": "declaring 1,000",
    "declare 10000": "declaring 10,000",
    "first": "first access",
    "steady": "steady access",
    "resolve": "importing 1,000 at once",
    "again": "the same again",
    "memory": "memory, 1,000 declared",
    "modules": "modules loaded, 10 declared",
    "start": "starting Python",
    "steady after": "steady access, all imported",
}
_REGISTRY = "deferred-imports"  # what the bench calls ours
_OURS, _OTHERS = "#0072b2", "#777777"
# From the oldest interpreter to the newest: what matplotlib calls it, and what the legend shows.
_MARKERS = (("o", "\u25cf"), ("s", "\u25a0"), ("D", "\u25c6"), ("^", "\u25b2"), ("v", "\u25bc"), ("P", "\u271a"))


def fill(figure: Figure, found: dict[str, Any]) -> tuple[str, str]:
    """Draw what ``bench --json`` has printed, and return what it says and how to read it."""
    interpreters = found["interpreters"]
    ways = list(dict.fromkeys(way["name"] for interpreter in interpreters for way in interpreter["ways"]))
    figure.set_size_inches(9, 8.5)
    grid = figure.subplots(3, 4, sharey=True)
    for axes, (key, title) in zip(grid.flat, _PANELS.items(), strict=True):
        _panel(axes, title, _figures(interpreters, key), ways)
    signs = [f"{sign} {interpreter['python']}" for (_, sign), interpreter in zip(_MARKERS, interpreters, strict=False)]
    return _conclusion(interpreters), (
        f"Python {', '.join(signs)}. Medians of interleaved runs on logarithmic scales; less is better.\n"
        "Each peer is used as its own README says, in an environment of its own. "
        "The blue line is deferred-imports on the newest Python."
    )


def _figures(interpreters: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Return what was found for one cost on each interpreter, by the name of the way."""
    return [
        {way["name"]: way["figures"][key] for way in interpreter["ways"] if key in way["figures"]}
        for interpreter in interpreters
    ]


def _conclusion(interpreters: list[dict[str, Any]]) -> str:
    """Say how often ours costs no more than the median of the other libraries."""
    less = total = 0
    for interpreter in interpreters:
        peers = {way["name"] for way in interpreter["ways"] if "library" in way["figures"]} - {_REGISTRY}
        for key in _PANELS:
            (figures,) = _figures([interpreter], key)
            others = [figures[name]["median"] for name in peers & figures.keys()]
            if others and _REGISTRY in figures:
                total += 1
                less += figures[_REGISTRY]["median"] <= median(others)
    return f"{_REGISTRY} costs no more than the median of the other libraries in {less} of {total} comparisons"


def _panel(axes: Axes, title: str, found: list[dict[str, Any]], ways: list[str]) -> None:
    """Draw one cost: a line for each way, a dot on it for each interpreter."""
    axes.set_title(title, fontsize=8.5)
    axes.set_yticks(range(len(ways)), ways)
    axes.set_ylim(len(ways) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    for label in axes.get_yticklabels():
        if label.get_text() == _REGISTRY:
            label.set(color=_OURS, fontweight="bold")
    figures = [figure for of in found for figure in of.values()]
    positive = [figure["median"] for figure in figures if figure["median"] > 0]
    if not positive:
        axes.set_xticks([])
        axes.set_xlabel("not measured")
        return
    # What is nothing, modules that are not added say, has a place of its own at the left.
    nothing = min(positive) / 3
    axes.set_xscale("log")
    span = max(positive) / min(positive)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if span < 6 else (1, 3) if span < 100 else (1,), numticks=5))
    axes.tick_params(axis="x", labelsize=7)
    axes.xaxis.set_major_formatter(lambda value, _: _tick(value, figures[0]["unit"]) if value >= nothing * 1.5 else "0")
    axes.minorticks_off()
    for (marker, _), of in zip(_MARKERS, found, strict=False):
        for names, colour, size in ((of.keys() - {_REGISTRY}, _OTHERS, 3.5), (of.keys() & {_REGISTRY}, _OURS, 4.5)):
            rows = sorted(map(ways.index, names))
            costs = [max(of[ways[row]]["median"], nothing) for row in rows]
            axes.plot(costs, rows, marker=marker, markersize=size, color=colour, linestyle="", markeredgewidth=0)
    if _REGISTRY in found[-1]:
        axes.axvline(max(found[-1][_REGISTRY]["median"], nothing), color=_OURS, linewidth=0.6)


def _tick(value: float, unit: str) -> str:
    return f"{value:,.0f}" if unit == "modules" else amount(value, unit)
