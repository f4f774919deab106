"""``hatch run pictures FILE...``: draws the pictures of README.md from what ``bench --json`` and others print.

The same figures give the same bytes: text stays text, and neither a date nor a version of the tool is in the file.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks import growth_picture, peers_picture, resident_picture

DIRECTORY = Path(__file__).with_name("pictures")

_STYLE = {
    "axes.grid": True,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],  # the first comes with matplotlib; the second is as wide
    "font.size": 8,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "deferred-imports",
    "xtick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.major.width": 0.6,
    "ytick.minor.width": 0.4,
}


def draw(found: dict[str, Any], directory: Path = DIRECTORY) -> Path:
    """Draw what one of them has printed, and return where."""
    fills = {"series": growth_picture.fill, "resident": resident_picture.fill}
    name, fill = next(((key, fill) for key, fill in fills.items() if key in found), ("peers", peers_picture.fill))
    name = "growth" if name == "series" else name
    directory.mkdir(exist_ok=True)
    path = directory / f"{name}.svg"
    with mpl.rc_context(_STYLE):
        figure = Figure(facecolor="white", layout="constrained")  # opaque: pages may be dark
        title, reading = fill(figure, found)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        figure.supxlabel(reading, x=0.01, ha="left", fontsize=7.5, color="#555555")
        figure.savefig(path, metadata={"Creator": None, "Date": None})
    return path


def main() -> int:
    """Draw, and say where."""
    parser = argparse.ArgumentParser(prog="hatch run pictures", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="what --json has printed")
    parser.add_argument("--to", type=Path, default=DIRECTORY, metavar="DIR", help="where to (default: %(default)s)")
    args = parser.parse_args()
    for file in args.files:
        print(draw(json.loads(file.read_text(encoding="utf-8")), args.to))
    return 0


if __name__ == "__main__":
    sys.exit(main())
