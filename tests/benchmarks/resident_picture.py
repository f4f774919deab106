"""The picture of `resident`: each program directly and through the resident process, with the floors under both."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

# Colours that the colour-blind can tell apart (Okabe and Ito).
_COLOURS = {
    "directly": "#e69f00",
    "through it": "#0072b2",
    "main() in a forked child, and its end": "#56b4e9",
    "main() with everything loaded": "#009e73",
}
_EMPTY = "python -c pass"


def fill(figure: Figure, found: dict[str, Any]) -> tuple[str, str]:
    """Draw what ``resident --json`` has printed, and return what it says and how to read it."""
    times = {name: spread["median"] for name, spread in found["resident"].items()}
    names = list(dict.fromkeys(name.partition(":")[0] for name in times if ": " in name))
    figure.set_size_inches(9, 3.6)
    axes = figure.subplots()
    for index, name in enumerate(names):
        for offset, (way, colour) in enumerate(_COLOURS.items()):
            value = times[f"{name}: {way}"] + (times[_EMPTY] if "main()" in way else 0)
            label = way if "main()" not in way else f"{_EMPTY}, and {way}"
            place = index + 0.2 * offset
            axes.barh(place, value, 0.18, color=colour, label=label if not index else None)
            axes.text(value * 1.04, place, f"{value:.0f} ms", va="center", fontsize=7)
    axes.set_xscale("log")
    axes.set_xlim(right=max(times.values()) * 1.6)
    axes.set_yticks([index + 0.3 for index in range(len(names))], names)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("ms")
    axes.legend(loc="upper right", frameon=False, fontsize=7)
    gain = times["weather summary: directly"] / times["weather summary: through it"]
    title = f"Through the resident process, weather summary is {gain:.1f} times as fast"
    reading = f"Python {found['python']}; medians of {found['rounds']} interleaved runs of console scripts."
    return title, reading
