"""The demo, ``hatch run demo``: what a table of deferred imports does for a program that needs pandas and matplotlib.

Builds both distributions of this tree and, with them, the project weather beside this file; installs it into fresh
environments; measures it against the same program with its imports at the top. Needs a package index.
"""

import argparse
import ast
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TREE = Path(__file__).resolve().parents[2]
WEATHER = Path(__file__).with_name("weather")
UNAVAILABLE = 69  # EX_UNAVAILABLE in sysexits.h: nothing is wrong here, but there is no demo without the packages

# What a parser with the same four commands costs by itself.
PARSER = """\
import argparse
parser = argparse.ArgumentParser("weather")
commands = parser.add_subparsers()
for name in ("summary", "extremes", "plot", "report"):
    commands.add_parser(name, help=name)
parser.parse_args(["--help"])
"""

# Runs a command as its script does, then writes down what is loaded; imports nothing of its own but sys.
COUNT = """\
import sys
listing = sys.argv.pop(1)
try:
    {program}
finally:
    loaded = list(sys.modules)
    with open(listing, "w") as file:
        file.write(" ".join(loaded))
"""


# How the plain copy is built.
PLAIN = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "weather-plain"
version = "1.0"
scripts.weather-plain = "weather_plain.cli:main"
"""

VERSIONS = """\
import json
from importlib.metadata import version
print(json.dumps({name: version(name) for name in ("pandas", "matplotlib")}))
"""


@dataclass(frozen=True)
class Case:
    """A command to measure: of the package ``weather`` or ``weather_plain``, or Python code by itself."""

    title: str
    package: str | None
    arguments: tuple[str, ...] = ()
    eager: bool = False
    code: str = "pass"


CASES = (
    Case("python -c pass", None),
    Case("python -c, a parser like its own", None, code=PARSER),
    Case("weather --help", "weather", ("--help",)),
    Case("weather summary", "weather", ("summary",)),
    Case("weather plot", "weather", ("plot",)),
    Case("PYDEFER_EAGER=1 weather --help", "weather", ("--help",), eager=True),
    Case("weather-plain --help", "weather_plain", ("--help",)),
    Case("weather-plain summary", "weather_plain", ("summary",)),
    Case("weather-plain plot", "weather_plain", ("plot",)),
)
HEADINGS = {
    None: "Python, for comparison",
    "weather": "Imports in [tool.deferred-imports]",
    "weather_plain": "The same program, imports at the top",
}
RATIOS = (
    ("weather-plain --help", "weather --help"),
    ("weather-plain summary", "weather summary"),
    ("weather-plain plot", "weather plot"),
    ("PYDEFER_EAGER=1 weather --help", "weather-plain --help"),
    ("weather --help", "python -c pass"),
    ("weather --help", "python -c, a parser like its own"),
)


class UnavailableError(Exception):
    """The packages that the demo needs cannot be had; the text says which, and what the installer said."""


class FailedError(Exception):
    """A step failed that needs nothing from outside; the text is what it wrote."""


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; return the exit code."""
    parser = argparse.ArgumentParser(prog="demo", description="Show what deferred imports do for a real program.")
    parser.add_argument("--quick", action="store_true", help="time each command twice instead of eleven times")
    parser.add_argument("--json", action="store_true", help="print what was found for programs")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="where the PNG goes (default: a new directory)")
    options = parser.parse_args(arguments)
    runs = 2 if options.quick else 11
    try:
        with tempfile.TemporaryDirectory(prefix="deferred-imports-", ignore_cleanup_errors=True) as directory:
            work = Path(directory).resolve()
            if options.json:
                found = demonstrate(work, runs, lambda _: None)
            else:
                with progress(STEPS + runs * len(CASES)) as step:
                    found = demonstrate(work, runs, step)
            chart = options.chart or Path(tempfile.mkdtemp(prefix="deferred-imports-"), "weather.png")
            chart.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(work / "full" / "weather.png", chart)
    except (UnavailableError, FailedError) as error:
        print(error, file=sys.stderr)
        return UNAVAILABLE if isinstance(error, UnavailableError) else 1
    except KeyboardInterrupt:
        return 130
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        show(found, chart)
    return 0


STEPS = 5 + len(CASES)  # that `demonstrate` tells before they begin, apart from the timed runs


def demonstrate(work: Path, runs: int, step: Callable[[str], None]) -> dict[str, Any]:
    """Build, install and measure in the directory `work`; return what was found."""
    environ = {key: text for key, text in os.environ.items() if not key.startswith(("PYTHON", "PYDEFER_", "HATCH_"))}
    environ["PYTHONIOENCODING"] = "utf-8"
    environ["MPLCONFIGDIR"] = str(work / "matplotlib")  # its list of fonts: neither found nor left behind

    step("Fetching the build backend")
    builder = Environment(work / "builder", environ)
    builder.fetch("hatchling")
    step("Building deferred-imports and hatch-deferred-imports from this tree")
    runtime = builder.build(TREE, work / "wheels" / "runtime")
    builder.install(str(runtime), str(builder.build(TREE / "hatch_plugin", work / "wheels" / "plugin")))
    step("Building weather with the hook, and its plain copy")
    program = builder.build(WEATHER, work / "wheels" / "weather")
    plain = builder.build(write_plain_copy(program, work / "plain"), work / "wheels" / "plain")

    step("Installing weather without its extra")
    without = Environment(work / "without", environ)
    without.fetch("pandas", "vega_datasets")
    without.install(str(runtime), str(program))
    missing = without.run("weather", "plot")
    step("Installing weather with its extra, and the plain copy")
    full = Environment(work / "full", environ)
    full.fetch("pandas", "vega_datasets", "matplotlib")
    full.install(str(runtime), f"{program}[plot]", str(plain))

    targets = read_targets(program)
    return {
        "versions": {"Python": sys.version.split()[0]} | json.loads(full.check("python", "-c", VERSIONS)),
        "declared": list(targets),
        "cases": measure(full, targets, runs, step),
        "runs": runs,
        "missing": {"exit": missing.returncode, "stdout": missing.stdout, "stderr": missing.stderr},
    }


def measure(
    environment: "Environment", targets: Mapping[str, list[str]], runs: int, step: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Count the modules of each case in one run, which warms up as well; then time it, from outside."""
    found: list[dict[str, Any]] = []
    for case in CASES:
        step(f"Counting modules: {case.title}")
        modules = environment.list_modules(case)
        names = [name for name in targets if case.package and is_loaded(targets[name], case.package, modules)]
        found.append({"title": case.title, "modules": len(modules), "deferred": names})
    seconds: dict[str, list[float]] = {case.title: [] for case in CASES}
    for number in range(runs):  # interleaved and to and fro: what slows the machine down slows no case alone
        for case in CASES[:: -1 if number % 2 else 1]:
            step(f"Timing, run {number + 1} of {runs}: {case.title}")
            seconds[case.title].append(environment.time(case))
    return [{**case, "seconds": statistics.median(seconds[case["title"]])} for case in found]


def read_targets(wheel: Path) -> dict[str, list[str]]:
    """Read what each declared name stands for from the record that the hook leaves in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith("/deferred-imports.json"))
        return {name: entry["module"] for name, entry in json.loads(archive.read(record))["imports"].items()}


def is_loaded(targets: list[str], package: str, modules: set[str]) -> bool:
    """Tell whether the module of one of a name's targets is among `modules`."""
    places = (target.partition(":")[0] for target in targets)
    return any((package + place if place.startswith(".") else place) in modules for place in places)


class Environment:
    """A fresh virtual environment, filled with uv where there is one, else with the pip of the running Python."""

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        self.path = path
        self.environ = environ
        self.scripts = path / ("Scripts" if os.name == "nt" else "bin")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(path)], check=True)

    def fetch(self, *requirements: str) -> None:
        """Install from an index; wheels only, as what is not there should be said and not be compiled for an hour."""
        finished = self._install("--only-binary=:all:", *requirements)
        if finished.returncode:
            lines = finished.stderr.strip().splitlines() or [f"exit code {finished.returncode}"]
            said = "\n".join(f"  {line.strip()}" for line in dict.fromkeys((lines[0], lines[-1])))
            wanted = ", ".join(requirements)
            raise UnavailableError(f"The demo cannot get {wanted} from a package index:\n{said}")

    def install(self, *wheels: str) -> None:
        """Install wheels that were built here, all of whose requirements are there."""
        finished = self._install(*wheels)
        if finished.returncode:
            raise FailedError(finished.stderr)

    def _install(self, *what: str) -> subprocess.CompletedProcess[str]:
        uv, python = shutil.which("uv"), str(self.scripts / "python")
        command = [uv, "pip", "install"] if uv else [sys.executable, "-m", "pip", "--python", python, "install"]
        target = ["--python", python] if uv else []
        return run([*command, "-q", *target, *what], self.environ, self.path)

    def build(self, project: Path, wheels: Path) -> Path:
        """Build a wheel with the backend and the plugins of this environment; return its path."""
        self.check("python", "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels), cwd=project)
        (wheel,) = wheels.glob("*.whl")
        return wheel

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of this environment."""
        return run([str(self.scripts / program), *arguments], self.environ, self.path)

    def check(self, program: str, *arguments: str, cwd: Path | None = None, eager: bool = False) -> str:
        """Run a program of this environment that must not fail; return what it prints."""
        environ = {**self.environ, "PYDEFER_EAGER": "1"} if eager else self.environ
        finished = run([str(self.scripts / program), *arguments], environ, cwd or self.path)
        if finished.returncode:
            raise FailedError(f"{program} {' '.join(arguments)}\n{finished.stdout}{finished.stderr}")
        return finished.stdout

    def time(self, case: Case) -> float:
        """Return the seconds that a case takes, from outside."""
        program, *code = (case.package.replace("_", "-"),) if case.package else ("python", "-c", case.code)
        begin = time.perf_counter()
        self.check(program, *code, *case.arguments, eager=case.eager)
        return time.perf_counter() - begin

    def list_modules(self, case: Case) -> set[str]:
        """Return the names of the modules that are loaded when a case ends."""
        program = f"from {case.package}.cli import main; sys.exit(main())" if case.package else f"exec({case.code!r})"
        listing = self.path / "modules.txt"
        self.check("python", "-c", COUNT.format(program=program), str(listing), *case.arguments, eager=case.eager)
        return set(listing.read_text(encoding="utf-8").split())


def run(command: list[str], environ: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever that is."""
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, encoding="utf-8", check=False)


# The same program without the table.


def write_plain_copy(wheel: Path, target: Path) -> Path:
    """Write weather as it would have been: what it takes from the registry is imported at the top of each module.

    Which import that is for a name, the registry in the wheel says where type checkers read it.
    """
    imports = imports_by_name(zipfile.Path(wheel, "weather/_deferred.py").read_text(encoding="utf-8"))
    package = target / "src" / "weather_plain"
    shutil.copytree(WEATHER / "src" / "weather", package, ignore=shutil.ignore_patterns("__pycache__", "_deferred.py"))
    for module in package.rglob("*.py"):
        module.write_text(with_imports_at_top(module.read_text(encoding="utf-8"), imports), encoding="utf-8")
    (target / "pyproject.toml").write_text(PLAIN, encoding="utf-8")
    return target


def imports_by_name(registry: str) -> dict[str, str]:
    """Read the statement that imports each name from a registry's ``if TYPE_CHECKING:``."""
    blocks = [node for node in ast.parse(registry).body if isinstance(node, ast.If)]
    (block,) = (block for block in blocks if ast.unparse(block.test) == "TYPE_CHECKING")
    statements: dict[str, str] = {}
    for statement in block.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.ImportFrom) and node.level:
                node.module, node.level = f"weather_plain.{node.module}", 0
        for node in ast.walk(statement):
            if isinstance(node, ast.Import | ast.ImportFrom):
                statements |= {alias.asname or alias.name: ast.unparse(statement) for alias in node.names}
    return statements


def with_imports_at_top(source: str, imports: Mapping[str, str]) -> str:
    """Return a module of weather with imports of what it takes from the registry in place of the registry's own."""
    used = sorted(set(re.findall(r"\b_deferred\.(\w+)", source)))
    at_top = "\n".join(imports[name] for name in used)

    def instead(line: re.Match[str]) -> str:
        others = f"\nfrom {line['where']} import {line['others']}" if line["others"] else ""
        return at_top + others

    source = re.sub(
        r"^from (?P<where>\.+) import _deferred(?: as _deferred)?(?:, (?P<others>.+))?$",
        instead,
        source,
        flags=re.MULTILINE,
    )
    source = re.sub(r"^from deferred_imports import resolve_now\n\n", "", source, flags=re.MULTILINE)
    source = re.sub(r"^    needed = .+?^        return 1\n", "", source, flags=re.MULTILINE | re.DOTALL)
    return source.replace("_deferred.", "")


# How it is shown.


@contextmanager
def progress(total: int) -> Iterator[Callable[[str], None]]:
    """Show how far the demo is, and what it does; the display is gone when it ends."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, transient=True, disable=not sys.stdout.isatty()) as display:
        task = display.add_task("", total=total + 1)
        yield lambda text: display.update(task, advance=1, description=text)


def show(found: dict[str, Any], chart: Path) -> None:
    """Print what was found, 100 columns wide at most."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    console.width = min(console.width, 100) if console.is_terminal else 100
    cases = {case["title"]: case for case in found["cases"]}
    seconds = {title: case["seconds"] for title, case in cases.items()}

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for heading in ("time", "modules"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("deferred, and loaded")
    for package, heading in HEADINGS.items():
        table.add_section()
        table.add_row(f"[bold]{escape(heading)}[/]")
        for title in (case.title for case in CASES if case.package == package):
            names = cases[title]["deferred"]
            all_or_some = f"all {len(names)}" if names == found["declared"] else ", ".join(names) or "[green]none[/]"
            modules = f"{cases[title]['modules']:,}"
            table.add_row(f"  {title}", in_words(seconds[title]), modules, all_or_some if package else "")
    console.print(table)

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("ratios of times", no_wrap=True)
    table.add_column("", justify="right")
    for one, other in RATIOS:
        ratio = seconds[one] / seconds[other]
        table.add_row(f"  {one} / {other}", f"{ratio:.{1 if ratio >= 10 else 2}f}")
    console.print(table)
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    console.print(f"Times are medians of {found['runs']} interleaved runs. {versions}", style="dim")

    missing = found["missing"]
    console.print("\n[bold]Without the extra[/]\n  $ weather plot")
    console.print(f"  {missing['stderr'].strip()}", markup=False, soft_wrap=True)
    console.print(f"  $ echo $?\n  {missing['exit']}")
    console.print("\n[bold]With it[/]\n  $ weather plot")
    console.print(f"  {chart}", markup=False, soft_wrap=True)


def in_words(seconds: float) -> str:
    """Write a duration as people say it."""
    return f"{seconds:.2f} s" if seconds >= 0.9995 else f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
