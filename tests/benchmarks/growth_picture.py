"""The picture of `growth`: each cost against its size, ours beside the plain one, with the slopes on the lines."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.measuring import amount

# What is drawn; the tables have it all. Colours that the colour-blind can tell apart (Okabe and Ito).
_COLOURS = {
    "resolve_now()": "#0072b2",
    "find_missing()": "#cc79a7",
    "iter_deferred_imports()": "#009e73",
    "import of the registry": "#d55e00",
    "scan for registries": "#d55e00",
    "resolve_now() again": "#e69f00",
    "memory, registry": "#d55e00",
    "memory, once listed": "#009e73",
}
_TOLERANCE = 0.1  # by so much slopes differ from one run to the next


def fill(figure: Figure, found: dict[str, Any]) -> tuple[str, str]:
    """Draw what ``growth --json`` has printed, and return what it says and how to read it."""
    series = found["series"]
    figure.set_size_inches(9, 7.5)
    ((names, registries), (modules, memory)) = figure.subplots(2, 2)
    _panel(names, series["names"], "ns")
    _panel(registries, series["registries"], "ns")
    _panel(modules, series["modules"], "ns")
    _panel(memory, series["names"], "bytes")
    return _conclusion(series), (
        "Solid: deferred-imports. Dashed: plain, that is the same imports in functions; beside find_missing() "
        "importlib's find_spec(). Modules have one line.\n"
        "Slope: exponent of the growth over the upper decade of sizes; 1 is linear, and the plain slope shows what "
        "Python adds by itself.\n"
        f"Python {found['python']}; medians, for all names together; time is CPU time."
    )


def _conclusion(series: dict[str, Any]) -> str:
    """Say whether anything that is drawn grows faster than its number and than the plain cost beside it."""
    sizes = ", ".join(f"{max(of['sizes']):,} {name}" for name, of in series.items())
    for of in series.values():
        slopes = {cost["title"]: cost["exponent"] for cost in of["costs"]}
        for cost in of["costs"]:
            slope, plain = cost["exponent"], slopes.get(cost["beside"], 1)
            if cost["title"] in _COLOURS and slope > max(1, plain) + _TOLERANCE:
                return f"{cost['title']} grows faster than linearly (slope {slope:.2f})\nMeasured to {sizes}"
    return f"Costs grow linearly, or no faster than those of plain imports\nMeasured to {sizes}"


def _panel(axes: Axes, series: dict[str, Any], unit: str) -> None:
    """Draw the costs of a series that have a unit."""
    costs = {cost["title"]: cost for cost in series["costs"] if cost["unit"] == unit}
    axes.set_title("memory" if unit == "bytes" else "time", color="#555555")
    axes.set_xlabel(series["title"])
    axes.set(xscale="log", yscale="log")
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda size, _: f"{size:,.0f}")
    axes.yaxis.set_major_formatter(lambda cost, _: amount(cost, unit))
    drawn, ends = [], []
    for title, colour in _COLOURS.items():
        if title not in costs:
            continue
        cost = costs[title]
        axes.plot(series["sizes"], cost["medians"], color=colour, marker="o", markersize=2.5, linewidth=1.4)
        label = f"{title}\nslope {cost['exponent']:.2f}"
        drawn += cost["medians"]
        if plain := costs.get(cost["beside"]):
            axes.plot(series["sizes"], plain["medians"], color=colour, linewidth=0.9, linestyle=(0, (3, 2)))
            label += f", plain {plain['exponent']:.2f}"
            drawn += plain["medians"]
        ends.append((cost["medians"][-1], label, colour))
    axes.set_ylim(10 ** floor(log10(min(drawn))), 10 ** ceil(log10(max(drawn))))
    _label(axes, ends)


def _label(axes: Axes, ends: list[tuple[float, str, str]]) -> None:
    """Write labels beside the ends of the lines, as near as they can be without touching."""
    bottom, top = map(log10, axes.get_ylim())
    places: list[float] = []
    for value, _, _ in sorted(ends):
        place = (log10(value) - bottom) / (top - bottom)
        places.append(max(place, places[-1] + 0.1) if places else place)
    for index in range(len(places) - 1, -1, -1):
        places[index] = min(places[index], places[index + 1] - 0.1 if index + 1 < len(places) else 1.0)
    for place, (_, label, colour) in zip(places, sorted(ends), strict=True):
        axes.annotate(
            label,
            (1.03, place),
            xycoords="axes fraction",
            color=colour,
            fontsize=7.5,
            va="center",
            annotation_clip=False,
        )
