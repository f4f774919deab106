"""``hatch run cold``: what reading ahead gains for cold starts, on the plain disk and on a slowed one; needs root.

Real packages are installed into an environment on each disk; the interpreter stays where it is, and in memory as far as
this program uses it. Each is imported by a process of its own, recorded once by ``record``, then timed as
``deferred-imports profile --cold`` does: with the page cache of the whole machine emptied and with a warm one, reading
ahead and not, in turns. What is timed is the whole process. ``--markdown`` and ``--json`` print the same table.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.box import MARKDOWN, SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.disks import lacking, latency, slowed
from benchmarks.environments import UnavailableError, make_environment
from benchmarks.measuring import SOURCES, shown
from deferred_imports.tooling.readahead.pipeline import record
from deferred_imports.tooling.readahead.profile import CannotProfileError, measure_starts, plan_profile, require_root

PACKAGES = ["numpy", "pandas", "sqlalchemy", "boto3"]
DISKS = ["plain", "slowed"]
_PROGRAM = "from deferred_imports.prefetch import prefetch; prefetch(); import {}"


@dataclass(frozen=True)
class Row:
    """A package on a disk; times are medians in seconds."""

    disk: str
    latency: float
    """Seconds that a read of 4 KiB takes."""
    package: str
    mebibytes: float
    """What is read ahead."""
    files: int
    cold_alone: float
    cold_ahead: float
    cold_ratio: float
    warm_alone: float
    warm_ratio: float
    kept: float
    """Which share of the record stayed in memory when the page cache was emptied."""


def measure_disk(disk: str, directory: Path, packages: Sequence[str], rounds: int) -> Iterator[Row]:
    """Install packages into a new environment in a directory, and yield what each has to gain."""
    python = str(make_environment(directory / "environment", sys.executable, [SOURCES.parent, *packages]))
    seconds = latency(directory)
    for package in packages:
        command = [python, "-c", _PROGRAM.format(package)]
        made = record(command, None)
        plan = plan_profile(command, str(made.path), directory)
        found = measure_starts(plan, rounds)
        yield Row(
            disk,
            seconds,
            package,
            round(plan.size / 2**20, 1),
            len(plan.files),
            median(found.cold.alone),
            median(found.cold.ahead),
            found.cold.ratio,
            median(found.warm.alone),
            found.warm.ratio,
            found.kept,
        )


@contextmanager
def _disk(disk: str, parent: Path | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=parent) as directory:
        if disk == "plain":
            yield Path(directory)
        else:
            with slowed(Path(directory)) as mounted:
                yield mounted


def show(rows: Sequence[Row], *, markdown: bool) -> None:
    """Print the table."""
    table = Table(box=MARKDOWN if markdown else SIMPLE_HEAD)
    table.add_column("disk")
    table.add_column("import")
    for column in ("record", "warm", "ratio", "cold", "reading ahead", "ratio"):
        table.add_column(column, justify="right")
    for row in rows:
        warm, cold, ahead = (shown(seconds * 1e9) for seconds in (row.warm_alone, row.cold_alone, row.cold_ahead))
        disk = f"{row.disk} ({shown(row.latency * 1e9)})"
        ratios = (f"{row.warm_ratio:.2f}", f"{row.cold_ratio:.2f}")
        table.add_row(disk, row.package, f"{row.mebibytes} MiB", warm, ratios[0], cold, ahead, ratios[1])
    Console(width=120 if markdown else None).print(table)


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="hatch run cold", description=__doc__)
    parser.add_argument(
        "packages", nargs="*", default=PACKAGES, help="what to install and import (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=7, help="starts of each kind (default: %(default)s)")
    parser.add_argument("--disk", choices=DISKS, action="append", help="measure this disk alone (default: both)")
    parser.add_argument(
        "--directory", type=Path, help="where to put it all, on the plain disk (default: that of TMPDIR)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # what is mounted is unmounted, too
    rows: list[Row] = []
    try:
        require_root()
        for disk in args.disk or DISKS:
            lack = lacking() if disk == "slowed" else None
            if lack is not None:
                print(f"hatch run cold: the slowed disk: {lack}", file=sys.stderr)
                return 2
        for disk in args.disk or DISKS:
            with _disk(disk, args.directory) as directory:
                for row in measure_disk(disk, directory, args.packages, args.rounds):
                    print(f"{row.disk} {row.package}: {row.cold_ratio:.2f}", file=sys.stderr)
                    rows.append(row)
    except (CannotProfileError, UnavailableError, subprocess.CalledProcessError) as error:
        print(f"hatch run cold: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    if args.json:
        print(json.dumps({"python": sys.version, "rounds": args.rounds, "rows": list(map(asdict, rows))}, indent=2))
    else:
        show(rows, markdown=args.markdown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
