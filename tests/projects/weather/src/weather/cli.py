"""The command line: what ``weather`` understands, and what it does first."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from deferred_imports import resolve_now

from . import _deferred, config
from .commands import extremes, plot, summary


def parser() -> ArgumentParser:
    """Return the parser; each command stores its function as ``run``, and as ``group`` what of the table it needs."""
    parser = ArgumentParser(prog="weather", description="Four years of Seattle weather.")
    parser.add_argument("--config", metavar="FILE", help="TOML file with units (metric, imperial) and years")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = commands.add_parser("summary", help="a line for each year")
    command.set_defaults(run=summary.run, group="data")

    command = commands.add_parser("extremes", help="the hottest, coldest, wettest and windiest days")
    command.add_argument("--days", type=int, default=3, help="how many of each (default: %(default)s)")
    command.set_defaults(run=extremes.run, group="data")

    command = commands.add_parser("plot", help="temperatures and rain as a PNG")
    command.add_argument("--output", default="weather.png", metavar="FILE", help="default: %(default)s")
    command.set_defaults(run=plot.run, group="charts")

    command = commands.add_parser("report", help="one page of HTML")
    command.add_argument("--output", default="weather.html", metavar="FILE", help="default: %(default)s")
    command.add_argument("--title", default="Seattle weather", help="default: %(default)s")
    command.set_defaults(run=lambda args, settings: _deferred.report.run(args, settings), group="data")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit code."""
    args = parser().parse_args(arguments)  # --help never gets past here
    needed = resolve_now("weather", group=args.group, on_error="report")
    if needed.missing:  # said now, and not when half of the work is done
        print(needed.missing[0].error, file=sys.stderr)
        return 1
    try:
        args.run(args, config.read(args.config))
    except config.ConfigError as error:
        print(f"weather: {error}", file=sys.stderr)
        return 2
    return 0
