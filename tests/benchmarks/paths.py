"""``hatch run paths``: what finding modules costs, and what a perfect index from module to file would save of a start.

The index is a finder before all others that knows, from an earlier run, where each module is. The perfect one never
looks at the disk and would be wrong after any change. The checked one holds each file's size and time, and the times of
its directory and of the path's, against what they were, and falls back where they differ: the least that is safe. It
would belong into the product if it saved more than 5 % of the start of a real program, safely.

What it measured stands in README.md beside this file, under "Paths".

So it stays out. On the path of an ordinary environment the safe index saves 0 to 6 % of a warm start (boto3; pandas and
sqlalchemy nothing), and of a cold one even the perfect index no more than 4 %. It would pay on a path of dozens of
entries, and whoever has one gains as much by having fewer.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.environments import UnavailableError, make_environment
from benchmarks.measuring import SOURCES, interleaved, shown
from deferred_imports.tooling.readahead import page_cache
from deferred_imports.tooling.readahead.profile import CannotProfileError, require_root

PACKAGES = ["pandas", "sqlalchemy", "boto3"]
DEEP = "level"
ENTRIES = [1, 10, 50]

_CHILD = """
import marshal, sys
from posix import stat
from posixpath import dirname
from time import perf_counter
from _frozen_importlib_external import ExtensionFileLoader, PathFinder, SourceFileLoader, spec_from_file_location

mode, module, file = sys.argv[1:]
spent = 0.0


def changed(path):
    try:
        found = stat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


class Index:
    def __init__(self):
        with open(file, "rb") as opened:
            self.known, self.times = marshal.load(opened)
        self.holds = {}
        if mode == "checked" and not all(map(self.is_same, sys.path)):
            self.known = {}

    def is_same(self, directory):
        same = self.holds.get(directory)
        if same is None:
            same = self.holds[directory] = changed(directory) == self.times.get(directory)
        return same

    def find_spec(self, name, path=None, target=None):
        found = self.known.get(name)
        if found is None:
            return None
        origin, locations, extension, seen = found
        if mode == "checked" and not (changed(origin) == seen and self.is_same(dirname(origin))):
            return None
        loader = (ExtensionFileLoader if extension else SourceFileLoader)(name, origin)
        return spec_from_file_location(name, origin, loader=loader, submodule_search_locations=locations)


class Timed:
    def find_spec(self, name, path=None, target=None):
        global spent
        begin = perf_counter()
        try:
            return PathFinder.find_spec(name, path, target)
        finally:
            spent += perf_counter() - begin


if mode in ("index", "checked"):
    sys.meta_path.insert(0, Index())
elif mode == "timed":
    sys.meta_path[sys.meta_path.index(PathFinder)] = Timed()
__import__(module)
if mode == "write":
    known, times = {}, {}
    for directory in sys.path:
        times[directory] = changed(directory)
    for name, loaded in list(sys.modules.items()):
        spec = getattr(loaded, "__spec__", None)
        if spec and spec.name == name and type(spec.loader) in (ExtensionFileLoader, SourceFileLoader):
            locations = spec.submodule_search_locations
            extension = type(spec.loader) is ExtensionFileLoader
            locations = None if locations is None else list(locations)
            known[name] = spec.origin, locations, extension, changed(spec.origin)
            directory = dirname(spec.origin)
            times[directory] = changed(directory)
    with open(file, "wb") as opened:
        marshal.dump((known, times), opened)
print(spent)
"""


@dataclass(frozen=True)
class Row:
    """One program, on a path of so many directories; times are medians in seconds."""

    program: str
    entries: int
    is_cold: bool
    whole: float
    """The process, from its start to its end."""
    finding_share: float
    """How much of it the finder of the path takes."""
    index_ratio: float
    """The process with the perfect index, to that without."""
    checked_ratio: float


def measure(directory: Path, lengths: Sequence[int], rounds: int, *, cold: bool) -> list[Row]:
    """Measure programs, each the import of a module, on paths of growing length before the environment's own."""
    python = str(make_environment(directory / "environment", sys.executable, [SOURCES.parent, *PACKAGES]))
    _write_deep(directory / "deep")
    rows = []
    for entries in lengths:
        # What is in front of the environment is looked through in vain: each with as much in it as in a small one.
        fillers = [directory / f"path{index}" for index in range(entries - 1)]
        for filler in fillers:
            for name in range(50):
                (filler / f"filler{name}").mkdir(parents=True, exist_ok=True)
        path = os.pathsep.join(map(str, [*fillers, directory / "deep"]))
        for program in [*PACKAGES, DEEP]:
            run = partial(_run, python, program, str(directory / "index"), path)
            run("write")
            found: dict[str, list[float]] = {}

            def sample(mode: str, *, run: Callable[[str], tuple[float, float]], found: dict[str, list[float]]) -> float:
                if cold:
                    page_cache.empty([])
                whole, finding = run(mode)
                found.setdefault(mode, []).append(finding / whole)
                return whole

            modes = ("plain", "timed", "index", "checked")
            times = interleaved({mode: partial(sample, mode, run=run, found=found) for mode in modes}, rounds)
            middle = {mode: median(seconds) for mode, seconds in times.items()}
            ratios = (middle[mode] / middle["plain"] for mode in ("index", "checked"))
            rows.append(Row(program, entries, cold, middle["plain"], median(found["timed"]), *ratios))
    return rows


def _run(python: str, program: str, index: str, path: str, mode: str) -> tuple[float, float]:
    """Run a program, and return the seconds of the process and those that it spent finding."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PY")}
    begin = perf_counter()
    done = subprocess.run(
        [python, "-c", _CHILD, mode, program, index],
        check=True,
        env={**environment, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )
    return perf_counter() - begin, float(done.stdout)


def _write_deep(directory: Path) -> None:
    """Write a package of ten levels with twenty small modules on each, all of which it imports."""
    here = directory / DEEP
    for depth in range(10):
        here.mkdir(parents=True)
        modules = [f"part{number}" for number in range(20)]
        below = [DEEP] if depth < 9 else []
        (here / "__init__.py").write_text("".join(f"from . import {name}\n" for name in [*modules, *below]), "utf-8")
        for name in modules:
            (here / f"{name}.py").write_text("def function(): return 1\n" * 20, "utf-8")
        here /= DEEP


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="hatch run paths", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="samples of each row (default: %(default)s)")
    parser.add_argument("--entries", type=int, nargs="+", default=ENTRIES, help="lengths (default: %(default)s)")
    parser.add_argument("--cold", action="store_true", help="empty the page cache before each, which needs root")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    try:
        if args.cold:
            require_root()
        with tempfile.TemporaryDirectory() as directory:
            rows = measure(Path(directory), args.entries, args.rounds, cold=args.cold)
    except (CannotProfileError, UnavailableError) as error:
        print(f"hatch run paths: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps({"python": sys.version, "rows": list(map(asdict, rows))}, indent=2))
        return 0
    table = Table(box=SIMPLE_HEAD)
    for column in ("import", "path", "start", "whole", "finding", "perfect index", "checked"):
        table.add_column(column, justify="left" if column in {"import", "start"} else "right")
    for row in rows:
        start = "cold" if row.is_cold else "warm"
        figures = (
            shown(row.whole * 1e9),
            f"{row.finding_share:.1%}",
            f"{row.index_ratio:.2f}",
            f"{row.checked_ratio:.2f}",
        )
        table.add_row(row.program, str(row.entries), start, *figures)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
