"""``weather extremes``: the days that people remember."""

from __future__ import annotations

from argparse import Namespace

from .. import data

EXTREMES = [
    ("hottest", "temp_max", "temperature", False),
    ("coldest", "temp_min", "temperature", True),
    ("wettest", "precipitation", "precipitation", False),
    ("windiest", "wind", "wind", False),
]


def run(args: Namespace, settings: dict[str, object]) -> None:
    """Print the first *args.days* days of each kind."""
    days = data.load(settings)
    units = data.UNITS[str(settings["units"])]
    for title, column, quantity, ascending in EXTREMES:
        for date, value in days[column].sort_values(ascending=ascending).head(args.days).items():
            print(f"{title:9} {date:%Y-%m-%d} {value:6.1f} {units[quantity]}")
