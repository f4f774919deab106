"""``hatch run bench``: what declaring, accessing and resolving cost, as ratios, beside the budgets of the design.

Every sample is a child process that times one thing; the samples of one table are taken in turns, so that what else the
machine does hits all of them alike, and only their ratios are judged. ``--json`` prints the same for machines.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import SOURCES, Spread, interleaved, run_child, shown
from deferred_imports.tooling.generate import render
from deferred_imports.tooling.manifest import Shipped, parse

DISTRIBUTIONS = "numpy pandas requests sqlalchemy matplotlib scipy rich httpx click jinja2".split()

# Each prints nanoseconds. {0} and {1} are filled in by the sample; `start` and `stop` frame what is timed.
TIME_IMPORT = """
from time import perf_counter_ns
import {0}
start = perf_counter_ns()
{1}
print(perf_counter_ns() - start)
"""
# An import that has its files in the cache and its finders at hand: what is left is reading, unmarshalling, running.
TIME_AGAIN = """
import sys
from time import perf_counter_ns
import {0}
samples = []
for _ in range(60):
    sys.modules.pop("{1}", None)
    start = perf_counter_ns()
    __import__("{1}")
    samples.append(perf_counter_ns() - start)
print(sorted(samples)[30])
"""
TIME_ACCESS = """
from timeit import repeat
import {0} as module
{1}
def read():
    for _ in range(1000):
        module.colorsys
print(min(repeat(read, number=200, repeat=9)) / 200 / 1000 * 1e9)
"""
TIME_FIRST = """
from time import perf_counter_ns
import importlib, {0}
start = perf_counter_ns()
{1}
print(perf_counter_ns() - start)
"""


@dataclass(frozen=True)
class Sample:
    """One thing to time; ``budget`` is the highest ratio to ``base`` that the design allows."""

    table: str
    name: str
    code: str
    base: str = ""
    budget: float | None = None


def samples(names: int = 1000) -> list[Sample]:
    """Return what is measured; ``names`` is the size of the largest registry that is resolved."""
    declare = "importing a registry, first module from its package"
    again = "importing a registry, warm"
    runtime = "importing the library"
    steady = "reading a name"
    first = "first access"
    empty = "an empty module"
    return [
        Sample(declare, empty, TIME_IMPORT.format("shop_empty", "import shop_empty._deferred")),
        Sample(declare, "10 names", TIME_IMPORT.format("shop_10", "import shop_10._deferred"), empty, 1.25),
        Sample(declare, "100 names", TIME_IMPORT.format("shop_100", "import shop_100._deferred"), empty, 2),
        Sample(again, empty, TIME_AGAIN.format("shop_empty", "shop_empty._deferred")),
        Sample(again, "10 names", TIME_AGAIN.format("shop_10", "shop_10._deferred"), empty, 1.25),
        Sample(again, "100 names", TIME_AGAIN.format("shop_100", "shop_100._deferred"), empty, 2),
        Sample(runtime, "ducktools-lazyimporter", TIME_IMPORT.format("sys", "import ducktools.lazyimporter")),
        Sample(
            runtime,
            "resolve_now",
            TIME_IMPORT.format("sys", "from deferred_imports import resolve_now"),
            "ducktools-lazyimporter",
            0.7,
        ),
        Sample(steady, "plain module", TIME_ACCESS.format("plain", "")),
        Sample(steady, "nothing pending", TIME_ACCESS.format("one._deferred", "module.colorsys"), "plain module", 1.1),
        Sample(steady, "others pending", TIME_ACCESS.format("two._deferred", "module.colorsys"), "plain module", 3),
        *first_access(first, "colorsys"),
        *first_access(first, "sqlite3"),
        *resolving(f"resolving {names:,} modules of a line each", "many", names),
        *resolving(f"resolving {names:,} modules of ten functions each", "solid", names),
    ]


def first_access(table: str, module: str) -> Iterable[Sample]:
    """Yield what compares the first access of a module with importing it."""
    base = f"import_module({module!r})"
    yield Sample(table, base, TIME_FIRST.format("two._deferred", f"importlib.import_module({module!r})"))
    yield Sample(table, f"_deferred.{module}", TIME_FIRST.format("two._deferred", f"two._deferred.{module}"), base, 1.3)


def resolving(table: str, package: str, names: int) -> Iterable[Sample]:
    """Yield what compares resolving the modules of a package with importing them."""
    plain = "; ".join(f"import {package}.m{i}" for i in range(names))
    yield Sample(table, "plain imports", TIME_IMPORT.format(package, plain))
    ready = f"{package}._deferred\nfrom deferred_imports import resolve_now"
    yield Sample(table, "resolve_now()", TIME_IMPORT.format(ready, "resolve_now()"), "plain imports", 1.05)


def make_packages(root: Path, names: int) -> None:
    """Write the packages that the samples import."""
    for count in (0, 10, 100):
        package = root / f"shop_{count or 'empty'}"
        imports = {name_of(i): module_of(i) for i in range(count)}
        write_package(package, imports, extra="" if count else None)
    write_package(root / "one", {"colorsys": "colorsys"})
    write_package(root / "two", {"colorsys": "colorsys", "sqlite3": "sqlite3", "wave": "wave"})
    (root / "plain.py").write_text("import colorsys\n", encoding="utf-8")
    modules = [f"m{i}" for i in range(names)]
    solid = "".join(f"def work_{i}(one, two=2, *rest):\n    return one + two * len(rest)\n\n\n" for i in range(10))
    for place, text in ((root / "many", "VALUE = 1\n"), (root / "solid", solid)):
        write_package(place, {name: f".{name}" for name in modules}, modules)
        for name in modules:
            (place / f"{name}.py").write_text(text, encoding="utf-8")


def name_of(index: int) -> str:
    """Return a name as people give them."""
    return DISTRIBUTIONS[index][:3] if index < len(DISTRIBUTIONS) else f"name_{index}"


def module_of(index: int) -> str:
    """Return an import of one of the forms that people declare."""
    top = DISTRIBUTIONS[index] if index < len(DISTRIBUTIONS) else f"package_{index}"
    return (top, f"{top}.core", f"{top}.core:Thing")[index % 3]


def write_package(package: Path, imports: dict[str, str], modules: Iterable[str] = (), extra: str | None = "") -> None:
    """Write a package with the registry for some imports, or with an empty module in its place."""
    package.mkdir()
    (package / "__init__.py").touch()
    if extra is None:
        (package / "_deferred.py").touch()
        return
    tops = {target.partition(".")[0].partition(":")[0] for target in imports.values()} - {""}
    document = {
        "project": {"name": package.name, "dependencies": sorted(tops)},
        "tool": {"deferred-imports": {"imports": imports}},
    }
    shipped = frozenset({package.name, *(f"{package.name}.{module}" for module in modules)})
    text = render(parse(document, Shipped(shipped, frozenset({package.name}))))
    (package / "_deferred.py").write_text(text, encoding="utf-8")


def run(sample: Sample, root: Path) -> float:
    """Return the nanoseconds of one sample, taken in a child process of its own."""
    return float(run_child(sample.code, paths=[root, SOURCES], cwd=root))


def measure(rounds: int, names: int) -> dict[str, list[dict[str, object]]]:
    """Take all samples in turns and return the tables."""
    todo = samples(names)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        make_packages(root, names)
        for sample in todo:  # writes the bytecode
            run(sample, root)
        found = interleaved({(sample.table, sample.name): partial(run, sample, root) for sample in todo}, rounds)
    tables: dict[str, list[dict[str, object]]] = {}
    for sample in todo:
        spread = Spread.of(found[sample.table, sample.name])
        ratio = spread.median / median(found[sample.table, sample.base]) if sample.base else 1.0
        row: dict[str, object] = {"name": sample.name, "ns": spread.median, "low": spread.low, "high": spread.high}
        tables.setdefault(sample.table, []).append({**row, "ratio": ratio, "budget": sample.budget})
    return tables


def show_tables(tables: dict[str, list[dict[str, object]]]) -> None:
    """Print the tables for people."""
    console = Console()
    version = ".".join(map(str, sys.version_info[:3]))
    table = Table(title=f"Python {version}: medians, and ratios to the first row of each part")
    for column in ("what", "median", "quartiles", "ratio", "budget", ""):
        table.add_column(column, justify="left" if column in ("what", "") else "right")
    for title, rows in tables.items():
        table.add_section()
        table.add_row(f"[bold]{title}")
        for row in rows:
            budget = row["budget"]
            verdict = "" if budget is None else "met" if float(str(row["ratio"])) <= float(str(budget)) else "missed"
            spread = f"{shown(float(str(row['low'])))} to {shown(float(str(row['high'])))}"
            limit = "" if budget is None else f"{budget:.2f}"
            table.add_row(
                f"  {row['name']}", shown(float(str(row["ns"]))), spread, f"{row['ratio']:.2f}", limit, verdict
            )
    console.print(table)


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="hatch run bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=31, help="samples of each row (default: %(default)s)")
    parser.add_argument("--names", type=int, default=1000, help="modules that are resolved (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    tables = measure(args.rounds, args.names)
    if args.json:
        print(json.dumps({"python": sys.version, "tables": tables}, indent=2))
    else:
        show_tables(tables)
    return 0


if __name__ == "__main__":
    sys.exit(main())
