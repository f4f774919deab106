"""``hatch run bench``: our registry, every peer and doing without, side by side; and the budgets beside the figures.

On each interpreter all samples are taken in one interleaved run, every one a fresh child process, so that what else the
machine does hits all of them alike; only ratios of medians are judged. An interpreter that is not on PATH and a peer
that cannot be installed are named and left out.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import budgets, tables
from benchmarks.columns import RESOLVED, SIZES, columns
from benchmarks.comparing import Comparison
from benchmarks.environments import Environments, UnavailableError, find_interpreter
from benchmarks.measuring import interleaved
from benchmarks.programs import write_packages
from benchmarks.tables import Measured

VERSIONS = ("3.11", "3.13", "3.15")


def measure(root: Path, environments: Environments, rounds: int, most: int, *, peers: bool) -> Measured:
    """Measure on one interpreter; what is imported has been written below the root."""
    ways = Comparison(root / "ways", environments, most, peers)
    ways.prepare()
    limits = budgets.Budgets(root / "budgets", environments, resolved(most), peers)
    limits.prepare()
    sides, bounds = ways.tasks(), limits.tasks()
    found = interleaved({**sides, **bounds}, rounds, ways.every(sides))
    return Measured(
        environments.interpreter,
        most,
        ways.rows({key: found[key] for key in sides}),
        limits.results({key: found[key] for key in bounds}),
    )


def resolved(most: int) -> int:
    """Return how many modules the budgets resolve."""
    return min(RESOLVED, most)


def as_json(measured: Measured) -> dict[str, object]:
    """Return what was found for programs."""
    units = {column.key: column.unit for column in columns(measured.most)}
    return {
        "python": measured.interpreter.version,
        "ways": [
            {
                "name": row.way.name,
                "requirement": row.way.requirement,
                "used as in": row.way.source,
                "figures": {key: {**figure.as_json(), "unit": units[key]} for key, figure in row.figures.items()},
                "modules": row.modules,
                "notes": row.notes,
            }
            for row in measured.rows
        ],
        "budgets": [result.as_json() for result in measured.budgets],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print tables or JSON."""
    parser = argparse.ArgumentParser(prog="hatch run bench", description=__doc__)
    add = parser.add_argument
    add("--python", action="append", metavar="VERSION", help=f"version or command (default: {', '.join(VERSIONS)})")
    add("--rounds", type=int, default=15, help="samples of each figure; fewer of 10,000 modules (default: %(default)s)")
    add("--names", type=int, choices=SIZES[1:], default=10_000, help="the most modules that are declared")
    add("--no-peers", dest="peers", action="store_false", help="install nothing: no peers, no network")
    add(
        "--environments",
        type=Path,
        default=Path(sys.prefix, "peers"),
        help="where they are kept (default: %(default)s)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--full", action="store_true", help="print every figure with its quartiles")
    form.add_argument("--markdown", action="store_true", help="print Markdown")
    form.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120)

    interpreters, missing = [], []
    for wanted in options.python or VERSIONS:
        try:
            interpreters.append(find_interpreter(wanted))
        except UnavailableError as error:
            missing.append(str(error))
    everything = []
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "site-packages"  # where users have them: in a source tree reading is slower
        root.mkdir()
        write_packages(root / "ways", options.names)
        budgets.make_packages(root / "budgets", resolved(options.names))
        for interpreter in interpreters:
            environments = Environments(options.environments, interpreter)
            measured = measure(root, environments, options.rounds, options.names, peers=options.peers)
            everything.append(measured)
            if not options.json and not options.markdown:
                (tables.print_full if options.full else tables.print_ways)(console, measured)
                tables.print_budgets(console, measured)
    if options.json:
        print(
            json.dumps({"missing": missing, "interpreters": [as_json(measured) for measured in everything]}, indent=2)
        )
    elif options.markdown and everything:
        print(tables.markdown(everything))
    for text in missing:
        print(f"not measured: {text}", file=sys.stderr)
    return 0 if everything else 1


if __name__ == "__main__":
    sys.exit(main())
