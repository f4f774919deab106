"""``weather summary``: a line for each year."""

from __future__ import annotations

from argparse import Namespace

from .. import data


def run(args: Namespace, settings: dict[str, object]) -> None:
    """Print the years as a table."""
    units = data.UNITS[str(settings["units"])]
    print(f"Seattle, temperatures in {units['temperature']}, precipitation in {units['precipitation']}\n")
    print(data.by_year(data.load(settings)).round(1).to_string())
