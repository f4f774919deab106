"""``hatch run growth``: what costs how much as names, registries and modules become many, and how fast it grows.

A child process takes the costs of one size, beside those of the same imports in plain functions: CPU time, of which
other programs take little, and memory. The slope of a cost is the exponent of the power law that fits it over the upper
decade of sizes: 1 is linear. ``--json`` prints all for machines, and ``--picture`` draws it for README.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from math import log
from pathlib import Path
from statistics import linear_regression

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import SOURCES, Spread, amount, interleaved, run_child
from benchmarks.registries import registry_of

_CHILD = Path(__file__).with_name("growth_child.py")
_TEN = 10  # names in each of many registries


@dataclass(frozen=True)
class Cost:
    """One cost.

    Attributes:
        title: What it is.
        child: The function of the child process that takes it.
        key: What that calls it.
        beside: The title of the plain cost that it compares with.
        unit: Nanoseconds or bytes.
    """

    title: str
    child: str
    key: str
    beside: str = ""
    unit: str = "ns"


@dataclass(frozen=True)
class Series:
    """What becomes many, and what that costs."""

    title: str
    sizes: tuple[int, ...]
    costs: tuple[Cost, ...]


_DECLARING = (
    Cost("import of the registry", "resolving", "import", "import of functions"),
    Cost("import of functions", "calling", "import"),
    Cost("first access", "looking", "access", "import_module()"),
    Cost("import_module()", "finding", "access"),
    Cost("resolve_now()", "resolving", "resolve", "call of the functions"),
    Cost("call of the functions", "calling", "resolve"),
    Cost("resolve_now() again", "resolving", "again", "call again"),
    Cost("call again", "calling", "again"),
    Cost("iter_deferred_imports()", "looking", "list"),
    Cost("find_missing()", "looking", "missing", "find_spec() of each"),
    Cost("find_spec() of each", "finding", "missing"),
    Cost("memory, registry", "weighing", "registry", "memory, functions", unit="bytes"),
    Cost("memory, functions", "weighing", "functions", unit="bytes"),
    Cost("memory, once listed", "weighing", "entries", unit="bytes"),
)
_SCANNING = (
    Cost("scan for registries", "scanning", "scan"),
    Cost("resolve_now() again", "scanning", "again"),
)
SERIES = {
    "names": Series("names in one registry", (10, 30, 100, 300, 1000, 3000, 10_000), _DECLARING),
    "registries": Series("registries of ten names", (1, 3, 10, 30, 100, 300, 1000), _DECLARING),
    "modules": Series("modules loaded, 100 names declared", (100, 200, 500, 1000, 2000, 5000), _SCANNING),
}


@dataclass(frozen=True)
class Curve:
    """What a cost amounts to at each size, and the exponent of its growth over the upper decade."""

    title: str
    unit: str
    beside: str
    medians: list[float]
    lows: list[float]
    highs: list[float]
    exponent: float | None


def measure(sizes: Mapping[str, Sequence[int]], rounds: int, python: str = sys.executable) -> dict[str, list[Curve]]:
    """Return the curves of each series, over these sizes of it."""
    with _packages(sizes) as root:
        tasks = {
            (series, size, child): partial(_run, child, _arguments(series, size, child), root, python)
            for series, of_series in sizes.items()
            for size in of_series
            for child in dict.fromkeys(cost.child for cost in SERIES[series].costs)
        }
        for task in tasks.values():  # writes the bytecode
            task()
        once = {key: rounds for key in tasks if key[2] == "weighing"}  # memory is the same each time
        found = interleaved(tasks, rounds, once)

    def curve(series: str, cost: Cost) -> Curve:
        samples = [[sample[cost.key] for sample in found[series, size, cost.child]] for size in sizes[series]]
        spreads = [Spread.of(of_size) for of_size in samples]
        medians = [spread.median for spread in spreads]
        lows, highs = [spread.low for spread in spreads], [spread.high for spread in spreads]
        return Curve(cost.title, cost.unit, cost.beside, medians, lows, highs, exponent(sizes[series], medians))

    return {series: [curve(series, cost) for cost in SERIES[series].costs] for series in sizes}


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float | None:
    """Return the exponent of the power law that fits costs best over the upper decade of sizes."""
    upper = [(log(size), log(cost)) for size, cost in zip(sizes, costs, strict=True) if size * 10 >= max(sizes)]
    return linear_regression(*zip(*upper, strict=True)).slope if len(upper) > 1 else None


def _run(child: str, arguments: Sequence[str], root: Path, python: str) -> dict[str, float]:
    code = _CHILD.read_text(encoding="utf-8")
    found: dict[str, float] = json.loads(
        run_child(code, child, *arguments, python=python, paths=[root, SOURCES], cwd=root)
    )
    return found


def _arguments(series: str, size: int, child: str) -> list[str]:
    """Return what a child is told: the packages that it imports, for the most part."""
    if child == "finding":
        return _ten_each("library", size if series == "registries" else size // _TEN)
    if series == "names":
        return [f"names_{size}"]
    return _ten_each("ten", size) if series == "registries" else [str(size), *_ten_each("ten", _TEN)]


def _ten_each(kind: str, count: int) -> list[str]:
    return [f"{kind}_{index}" for index in range(count)]


@contextmanager
def _packages(sizes: Mapping[str, Sequence[int]]) -> Iterator[Path]:
    """Write what the children import: libraries of ten modules, a registry for each, and some for many of them."""
    names = sizes.get("names", ())
    count = max([_TEN, *sizes.get("registries", ()), *(size // _TEN for size in names)])
    modules = [f"m{index}" for index in range(_TEN)]
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        targets = []
        for library, package in zip(_ten_each("library", count), _ten_each("ten", count), strict=True):
            _write(root / library, {"__init__": "", **dict.fromkeys(modules, "VALUE = 1\n")})
            targets += [f"{library}.{module}" for module in modules]
            _write(root / package, _declaring(package, targets[-_TEN:]))
        for size in names:
            _write(root / f"names_{size}", _declaring(f"names_{size}", targets[:size]))
        yield root


def _declaring(package: str, targets: Sequence[str]) -> dict[str, str]:
    """Return the modules of a package with a registry of targets, and with a function that imports them."""
    registry = registry_of(package, {f"name_{index}": target for index, target in enumerate(targets)})
    function = "".join(["def load():\n", *(f"    import {target}\n" for target in targets)])
    return {"__init__": "", "_deferred": registry, "functions": function}


def _write(package: Path, modules: Mapping[str, str]) -> None:
    package.mkdir()
    for name, text in modules.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")


def show_tables(curves: Mapping[str, list[Curve]], python: str) -> None:
    """Print the tables for people."""
    # A table that nobody reads on a terminal shall be whole.
    console = Console(width=None if sys.stdout.isatty() else 150)
    for name, of_series in curves.items():
        beside = "x plain: beside the same imports in functions, at the largest size"
        table = Table(title=f"Python {python}: cost by number of {SERIES[name].title}", caption=beside)
        for column in (SERIES[name].title, *map("{:,}".format, SERIES[name].sizes), "slope", "x plain"):
            table.add_column(column, justify="left" if column == SERIES[name].title else "right")
        medians = {curve.title: curve.medians for curve in of_series}
        for curve in of_series:
            figures = [amount(cost, curve.unit) for cost in curve.medians]
            ratio = f"{curve.medians[-1] / medians[curve.beside][-1]:.2f}" if curve.beside else ""
            table.add_row(curve.title, *figures, "" if curve.exponent is None else f"{curve.exponent:.2f}", ratio)
        console.print(table)


def main() -> int:
    """Measure, and print tables or JSON."""
    parser = argparse.ArgumentParser(prog="hatch run growth", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="samples of each size (default: %(default)s)")
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure (default: this one)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--picture", action="store_true", help="draw tests/benchmarks/pictures/growth.svg, too")
    args = parser.parse_args()
    curves = measure({name: series.sizes for name, series in SERIES.items()}, args.rounds, args.python)
    version = run_child("import platform; print(platform.python_version())", python=args.python).strip()
    found = {
        "python": version,
        "series": {
            name: {
                "title": SERIES[name].title,
                "sizes": SERIES[name].sizes,
                "costs": [asdict(curve) for curve in of_series],
            }
            for name, of_series in curves.items()
        },
    }
    if args.json:
        print(json.dumps(found, indent=2))
    else:
        show_tables(curves, version)
    if args.picture:
        from benchmarks import pictures

        pictures.draw(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
