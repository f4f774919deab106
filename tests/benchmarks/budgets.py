"""The budgets of the design: what declaring, accessing and resolving may cost, each as samples and what they may be.

Every sample is a child process that measures one thing and prints it; what is judged is the ratio of its median to that
of another sample of the same run, or, where the design says so, the median itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter_ns

from benchmarks.comparing import Key, Taken
from benchmarks.environments import OURS, Environments, UnavailableError
from benchmarks.measuring import Spread, run_child
from benchmarks.peers import DUCKTOOLS
from benchmarks.registries import write_package
from deferred_imports.tooling.project.tree import load_project
from deferred_imports.tooling.registry.render import registry_text
from projects.demo import PARSER, WEATHER

# Modules as programs have them, of all sizes, that every Python has and no interpreter starts with.
STANDARD = """
    argparse asyncio calendar cmd configparser csv decimal difflib email.message fractions ftplib html.parser
    http.client http.server imaplib inspect json logging.config lzma mailbox mimetypes multiprocessing optparse
    pickle platform plistlib pprint profile queue random sched shelve shlex smtplib socketserver sqlite3 ssl
    statistics subprocess tarfile tempfile textwrap timeit tokenize typing unittest urllib.request uuid wave
    webbrowser xml.dom.minidom xmlrpc.client zipfile
""".split()
DISTRIBUTIONS = "numpy pandas requests sqlalchemy matplotlib scipy rich httpx click jinja2".split()

# Each prints nanoseconds. {0} and {1} are filled in by the sample. As in timeit, no garbage is collected meanwhile:
# it is chance on which side a collection of the hundred-odd microseconds falls, and the same chance in each round.
TIME_IMPORT = """
import gc
from time import perf_counter_ns
import {0}
gc.disable()
start = perf_counter_ns()
{1}
print(perf_counter_ns() - start)
"""
# An import that has its files in the cache and its finders at hand: what is left is reading, unmarshalling, running.
TIME_AGAIN = """
import gc, sys
from time import perf_counter_ns
import {0}
gc.disable()
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
import gc, importlib, {0}
gc.disable()
start = perf_counter_ns()
{1}
print(perf_counter_ns() - start)
"""


TIME_SECOND = """
import sys
from time import perf_counter_ns
from deferred_imports import resolve_now
made = sys.modules["made"] = type(sys)("made")  # what is resolved is there: finding and running it is not our part
for i in range({0}):
    module = sys.modules[f"made.m{{i}}"] = type(sys)(f"made.m{{i}}")
    setattr(made, f"m{{i}}", module)
import second_{0}._deferred
assert len(resolve_now().skipped) == {0}  # it has bound them, and imported nothing
samples = []
for _ in range(5):
    start = perf_counter_ns()
    resolve_now()
    samples.append(perf_counter_ns() - start)
print(sorted(samples)[2])
"""
COUNT_MODULES = "import sys; print(len(sys.modules))"
DEMO_HELP = """
import sys
from weather.cli import main
sys.argv = ["weather", "--help"]
main()
"""


@dataclass(frozen=True)
class Sample:
    """One thing to measure.

    Args:
        table: What it belongs to.
        name: What it is called there.
        code: What a child runs.
        base: The sample of the same table that it is compared with.
        budget: The highest ratio to it that the design allows.
        limit: The highest median that the design allows.
        requirement: What is installed where it runs.
        outside: Whether the whole child is timed, rather than what it prints taken.
        unit: "ns" or "modules".
    """

    table: str
    name: str
    code: str
    base: str = ""
    budget: float | None = None
    limit: float | None = None
    requirement: str = OURS
    outside: bool = False
    unit: str = "ns"


def samples(names: int) -> list[Sample]:
    """Return what is measured; ``names`` is the size of the largest registry that is resolved."""
    declare = "importing a registry, first of its package"
    again = "importing a registry, warm"
    runtime = "importing the library"
    steady = "reading a name"
    first = "first access"
    second = "a second resolve_now()"
    unused = "modules that Python starts with"
    demo = "the demo, as a process"
    return [
        *declaring(declare, TIME_IMPORT, {10: 1.7, 100: 1.8}),
        *declaring(again, TIME_AGAIN, {}),
        Sample(
            runtime,
            "ducktools-lazyimporter",
            TIME_IMPORT.format("sys", "import ducktools.lazyimporter"),
            requirement=DUCKTOOLS,
        ),
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
        *resolving(f"resolving {names:,} modules of a line each", "many", [f"many.m{i}" for i in range(names)]),
        *resolving(
            f"resolving {names:,} modules of ten functions each", "solid", [f"solid.m{i}" for i in range(names)]
        ),
        *resolving(f"resolving {len(STANDARD)} modules of the standard library", "standard", STANDARD),
        Sample(second, "100 names", TIME_SECOND.format(100), limit=100e3),
        Sample(second, "1,000 names", TIME_SECOND.format(1000)),
        # Ten times as much is what linear means; the rest is for what ten times the memory costs a processor's caches.
        Sample(second, "10,000 names", TIME_SECOND.format(10_000), "1,000 names", 13),
        Sample(unused, "nothing installed", COUNT_MODULES, requirement="", unit="modules"),
        Sample(unused, "deferred-imports installed", COUNT_MODULES, "nothing installed", 1, unit="modules"),
        Sample(demo, "a parser like its own", PARSER, outside=True),
        Sample(demo, "weather --help", DEMO_HELP, "a parser like its own", 1.3, outside=True),
    ]


def declaring(table: str, code: str, budgets: Mapping[int, float]) -> Iterable[Sample]:
    """Yield what compares importing a registry with importing a module that has the same imports in a function."""
    for count in (10, 100):
        base = f"{count} imports in a function"
        for package, name, beside in ((f"inside_{count}", base, ""), (f"shop_{count}", f"{count} names", base)):
            module = f"{package}._deferred"
            statement = module if code == TIME_AGAIN else f"import {module}"
            yield Sample(table, name, code.format(package, statement), beside, budgets.get(count) if beside else None)


def first_access(table: str, module: str) -> Iterable[Sample]:
    """Yield what compares the first access of a module with importing it."""
    base = f"import_module({module!r})"
    yield Sample(table, base, TIME_FIRST.format("two._deferred", f"importlib.import_module({module!r})"))
    yield Sample(table, f"_deferred.{module}", TIME_FIRST.format("two._deferred", f"two._deferred.{module}"), base, 1.3)


def resolving(table: str, package: str, modules: Sequence[str]) -> Iterable[Sample]:
    """Yield what compares resolving the modules that a package declares with importing them."""
    plain = "; ".join(f"import {module}" for module in modules)
    yield Sample(table, "plain imports", TIME_IMPORT.format(package, plain))
    ready = f"{package}._deferred\nfrom deferred_imports import resolve_now"
    yield Sample(table, "resolve_now()", TIME_IMPORT.format(ready, "resolve_now()"), "plain imports", 1.05)


def make_packages(root: Path, names: int) -> None:
    """Write the packages that the samples import."""
    root.mkdir()
    for count in (10, 100):
        write_package(root / f"shop_{count}", {name_of(i): module_of(i) for i in range(count)})
        (root / f"inside_{count}").mkdir()
        (root / f"inside_{count}" / "__init__.py").touch()
        statements = [statement_of(name_of(i), *module_of(i).partition(":")[::2]) for i in range(count)]
        function = "\n    ".join(["def use():", *statements])
        (root / f"inside_{count}" / "_deferred.py").write_text(f"{function}\n", encoding="utf-8")
    for count in (100, 1000, 10_000):
        write_package(root / f"second_{count}", {f"m{i}": f"made.m{i}" for i in range(count)})
    shutil.copytree(WEATHER / "src" / "weather", root / "weather")
    (root / "weather" / "_deferred.py").write_text(registry_text(load_project(WEATHER).manifest), encoding="utf-8")
    write_package(root / "one", {"colorsys": "colorsys"})
    write_package(root / "two", {"colorsys": "colorsys", "sqlite3": "sqlite3", "wave": "wave"})
    (root / "plain.py").write_text("import colorsys\n", encoding="utf-8")
    write_package(root / "standard", {module.replace(".", "_"): module for module in STANDARD})
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


def statement_of(name: str, module: str, attribute: str) -> str:
    """Return the import that binds a name as an entry does."""
    return f"from {module} import {attribute} as {name}" if attribute else f"import {module} as {name}"


@dataclass(frozen=True)
class Result:
    """What was found for a sample, and whether it keeps its budget; None where it has none or its base is not there."""

    sample: Sample
    spread: Spread
    ratio: float
    met: bool | None

    def as_json(self) -> dict[str, object]:
        """Return it for programs."""
        sample, spread = self.sample, self.spread
        return {
            "table": sample.table,
            "name": sample.name,
            "median": spread.median,
            "quartiles": [spread.low, spread.high],
            "unit": sample.unit,
            "base": sample.base,
            "ratio": self.ratio,
            "budget": sample.budget,
            "limit": sample.limit,
            "met": self.met,
        }


@dataclass
class Budgets:
    """All samples on one interpreter; `prepare` comes first, then the samples of `tasks`, then `results`."""

    root: Path
    environments: Environments
    names: int
    peers: bool = True
    _python: dict[str, Path] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the environments, and write the bytecode of what the samples import."""
        for requirement in ("", OURS, *([DUCKTOOLS] if self.peers else [])):
            try:
                self._python[requirement] = self.environments.python(requirement)
            except UnavailableError:
                if requirement != DUCKTOOLS:  # the table of the peers says why
                    raise
        for task in self.tasks().values():
            task()

    def tasks(self) -> dict[Key, Callable[[], Taken]]:
        """Return what takes each sample."""
        return {
            _key(sample): partial(self._run, sample)
            for sample in samples(self.names)
            if sample.requirement in self._python
        }

    def _run(self, sample: Sample) -> Taken:
        start = perf_counter_ns()
        printed = run_child(sample.code, python=self._python[sample.requirement], paths=[self.root], cwd=self.root)
        return {"value": perf_counter_ns() - start if sample.outside else float(printed)}

    def results(self, found: Mapping[Key, Sequence[Taken]]) -> list[Result]:
        """Return what the samples say."""
        values = {key: [sample["value"] for sample in taken] for key, taken in found.items()}
        results = []
        for sample in samples(self.names):
            if _key(sample) not in values:
                continue
            spread = Spread.of(values[_key(sample)])
            base = values.get((sample.table, sample.base, 0))
            ratio = spread.median / median(base) if base else 1.0
            met = None
            if sample.budget is not None and base:
                met = ratio <= sample.budget
            elif sample.limit is not None:
                met = spread.median <= sample.limit
            results.append(Result(sample, spread, ratio, met))
        return results


def _key(sample: Sample) -> Key:
    return sample.table, sample.name, 0
