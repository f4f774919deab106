"""``hatch run resident``: what a call through the resident process takes, beside an empty interpreter and a direct one.

Installs the demo, and programs beside it, as console scripts: one that does nothing, which leaves the client alone, one
that loads scipy, and one that loads torch if that is asked for, which fetches gigabytes. All times are taken in turns,
and instructions counted where valgrind is. Needs an index.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Spread, interleaved
from benchmarks.programs import write
from deferred_imports.resident.staleness import Snapshot
from projects.demo import TREE, UNAVAILABLE, WEATHER, Environment, UnavailableError

EMPTY = "python -c pass"
FILES = 2000
TORCH = "a product of torch's"
CALLS = {
    "nothing": ("empty",),
    "weather summary": ("weather", "summary"),
    "a test of scipy's": ("stats",),
    TORCH: ("product",),
}
"""What is called, by the name that the table has for it."""
MAINS = {
    "nothing": "doors.empty",
    "weather summary": "weather.cli",
    "a test of scipy's": "doors.stats",
    TORCH: "doors.product",
}

_PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "doors"
version = "1"

[project.scripts]
empty = "doors:empty"
stats = "doors:stats"
product = "doors:product"
"""
_DOORS = """
def empty():
    from deferred_imports.resident import run
    return run("doors.empty:main")

def stats():
    from deferred_imports.resident import run
    return run("doors.stats:main")

def product():
    from deferred_imports.resident import run
    return run("doors.product:main")
"""
_STATS = """
from scipy import stats

def main():
    print(stats.ttest_ind([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 6.0]).pvalue)
"""
# In a pool of threads, which a fork does not copy.
_PRODUCT = """
import torch

def main():
    square = torch.arange(160_000.0).reshape(400, 400) % 7
    print((square @ square).sum().item(), torch.get_num_threads())
"""
# Prints the seconds of a first call with everything loaded; what it prints itself goes nowhere.
_LOADED = """
import contextlib, io, sys, time
from importlib import import_module
from deferred_imports import resolve_now
main = import_module(sys.argv[1]).main
del sys.argv[1]
resolve_now(on_error="report")
begin = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    main()
print(time.perf_counter() - begin)
"""
# Prints the seconds of that in a child that was forked before, and has touched all that it may, and of its end.
_FORKED = """
import gc, os, sys, time
from importlib import import_module
from deferred_imports import resolve_now
main = import_module(sys.argv[1]).main
del sys.argv[1]
resolve_now(on_error="report")
gc.collect()
gc.freeze()
warmed, warm = os.pipe()
told, tell = os.pipe()
child = os.fork()
if not child:
    gc.unfreeze()
    gc.get_referents(*gc.get_objects())
    gc.freeze()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.write(warm, b"w")
    os.read(told, 1)
    main()
    sys.stdout.flush()
    os._exit(0)
os.read(warmed, 1)
time.sleep(0.01)
begin = time.perf_counter()
os.write(tell, b"g")
os.waitpid(child, 0)
print(time.perf_counter() - begin)
"""
_VARIABLES = "import json, os; print(json.dumps(dict(os.environ)))"
_VALGRIND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]


def install(work: Path, environ: Mapping[str, str], *others: str) -> Environment:
    """Build what is measured from this tree, and return an environment that has it, and other distributions."""
    builder = Environment(work / "builder", environ)
    builder.fetch("hatchling")
    runtime = builder.build(TREE, work / "wheels" / "runtime")
    builder.install(str(runtime), str(builder.build(TREE / "hatch_plugin", work / "wheels" / "plugin")))
    package = {
        "__init__.py": _DOORS,
        "empty.py": "def main():\n    pass\n",
        "stats.py": _STATS,
        "product.py": _PRODUCT,
    }
    write(work / "doors", {"pyproject.toml": _PROJECT, **{f"doors/{name}": text for name, text in package.items()}})
    wheels = [builder.build(project, work / "wheels" / project.name) for project in (WEATHER, work / "doors")]
    full = Environment(work / "full", environ)
    full.fetch("pandas", "vega_datasets", "scipy", *others)
    full.install(str(runtime), *map(str, wheels))
    subprocess.run([full.scripts / "python", "-m", "compileall", "-q", full.path / "lib"], check=False)
    return full


def verb(environment: Environment, name: str) -> list[str]:
    """Return the command that does something with the resident processes."""
    return [str(environment.scripts / "python"), "-m", "deferred_imports.resident", name]


def start(environment: Environment, environ: Mapping[str, str], names: Collection[str]) -> None:
    """Have each program resident."""
    for script, *_ in map(CALLS.__getitem__, names):
        command = [*verb(environment, "start"), str(environment.scripts / script)]
        subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)


def served(environment: Environment, environ: Mapping[str, str]) -> int:
    """Return how many calls the resident processes have made."""
    said = subprocess.run(verb(environment, "status"), check=True, env=environ, capture_output=True, text=True).stdout
    return sum(map(int, re.findall(r"process \d+: (\d+) calls", said)))


def times(environment: Environment, rounds: int, names: Collection[str]) -> dict[str, Spread]:
    """Return the milliseconds of everything, taken in turns.

    Args:
        environment: Where the programs are.
        rounds: How often.
        names: Which of `CALLS`.

    Raises:
        SystemExit: A call that should go through the resident process did not.
    """
    python = str(environment.scripts / "python")
    direct, through = ({**environment.environ, "PYDEFER_RESIDENT": asked} for asked in ("0", "1"))

    def timed(command: list[str], environ: Mapping[str, str]) -> Callable[[], float]:
        def sample() -> float:
            begin = time.perf_counter()
            subprocess.run(command, check=True, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            return (time.perf_counter() - begin) * 1e3

        return sample

    def loaded(code: str, name: str, arguments: list[str]) -> Callable[[], float]:
        command = [python, "-c", code, MAINS[name], *arguments]

        def sample() -> float:
            done = subprocess.run(command, check=True, env=direct, capture_output=True, text=True)
            return float(done.stdout.splitlines()[-1]) * 1e3

        return sample

    tasks = {EMPTY: timed([python, "-c", "pass"], direct)}
    for name in names:
        script, *arguments = CALLS[name]
        command = [str(environment.scripts / script), *arguments]
        tasks[f"{name}: directly"] = timed(command, direct)
        tasks[f"{name}: through it"] = timed(command, through)
        tasks[f"{name}: main() with everything loaded"] = loaded(_LOADED, name, arguments)
        tasks[f"{name}: main() in a forked child, and its end"] = loaded(_FORKED, name, arguments)
    start(environment, through, names)
    for task in tasks.values():
        task()
    before = served(environment, through)
    found = interleaved(tasks, rounds)
    if served(environment, through) != before + rounds * len(names):
        raise SystemExit("some calls ran directly; `python -m deferred_imports.resident status` would say why")
    return {name: Spread.of(samples) for name, samples in found.items()}


def instructions(environment: Environment) -> dict[str, int]:
    """Return the instructions of an empty interpreter and of the client, or nothing where there is no valgrind."""
    if shutil.which("valgrind") is None:
        return {}
    python = str(environment.scripts / "python")
    # A resident process stands in for what has its variables, and valgrind sets some: start it with the same.
    probe = ["valgrind", "-q", "--tool=none", python, "-c", _VARIABLES]
    environ: dict[str, str] = {
        **json.loads(subprocess.run(probe, check=True, env=environment.environ, capture_output=True).stdout),
        "PYDEFER_RESIDENT": "1",
    }
    start(environment, environ, ["nothing"])
    before = served(environment, environ)
    outside = {**environment.environ, "PYDEFER_RESIDENT": "1"}
    commands = {EMPTY: [python, "-c", "pass"], "nothing: through it": [python, str(environment.scripts / "empty")]}
    found = {}
    for name, command in commands.items():
        done = subprocess.run([*_VALGRIND, *command], check=True, env=outside, capture_output=True, text=True)
        found[name] = int(re.findall(r"Collected : (\d+)", done.stderr)[0])
    if served(environment, environ) != before + 1:
        raise SystemExit("the call that was counted ran directly")
    return found


def comparing(work: Path, files: int) -> Spread:
    """Return the milliseconds of a comparison with what so many files were, which comes before each call."""
    for number in range(files):
        file = work / f"package{number % 50}" / "lib" / "python" / "site-packages" / f"module{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    record = Snapshot(map(str, work.rglob("*.py")))
    samples = []
    for _ in range(25):
        begin = time.perf_counter()
        changed = record.changed()
        samples.append((time.perf_counter() - begin) * 1e3)
        if changed:
            raise SystemExit(changed)
    return Spread.of(samples)


def what_stays(environment: Environment, calls: int) -> list[tuple[int, int, int]]:
    """Return the open files, children and kilobytes of the resident process after 0, a tenth, and all of many calls."""
    environ = {**environment.environ, "PYDEFER_RESIDENT": "1"}
    start(environment, environ, ["nothing"])
    status = subprocess.run(
        [*verb(environment, "status"), "empty"], check=True, env=environ, capture_output=True, text=True
    )
    process = Path("/proc", re.findall(r"process (\d+): ", status.stdout)[0])
    found = []
    for number in range(calls + 1):
        if number in (0, calls // 10, calls):
            memory = int((process / "statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
            children = (process / "task" / process.name / "children").read_text("ascii").split()
            found.append((len(list((process / "fd").iterdir())), len(children), memory))
        subprocess.run([environment.scripts / "empty"], check=True, env=environ, stdout=subprocess.DEVNULL)
    return found


def main() -> int:
    """Print a table, or what was found for programs."""
    parser = argparse.ArgumentParser(prog="hatch run resident", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="of each (default: %(default)s)")
    parser.add_argument("--calls", type=int, default=0, help="make so many, and tell what of them stays, instead")
    parser.add_argument("--torch", action="store_true", help="with a program that loads torch, too")
    parser.add_argument("--json", action="store_true", help="print what was found for programs")
    args = parser.parse_args()
    names = [name for name in CALLS if args.torch or name != TORCH]
    with tempfile.TemporaryDirectory(prefix="resident-") as directory:
        work = Path(directory).resolve()
        environ = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "PYDEFER_"))}
        environ["XDG_RUNTIME_DIR"] = str(work)
        try:
            environment = install(work, environ, *["torch"] * args.torch)
        except UnavailableError as error:
            print(error, file=sys.stderr)
            return UNAVAILABLE
        try:
            if args.calls:
                for files, children, memory in what_stays(environment, args.calls):
                    print(f"{files} open files, {children} children, {memory} kB")
                return 0
            found, counted = times(environment, args.rounds, names), instructions(environment)
            found[f"comparing {FILES:,} files"] = comparing(work / "files", FILES)
        finally:
            subprocess.run(verb(environment, "stop"), check=False, env=environ, stdout=subprocess.DEVNULL)
    if args.json:
        milliseconds = {name: vars(spread) for name, spread in found.items()}
        python = sys.version.split()[0]
        print(json.dumps({"python": python, "rounds": args.rounds, "resident": milliseconds, "instructions": counted}))
    else:
        show(found, counted, args.rounds)
    return 0


def show(found: Mapping[str, Spread], counted: Mapping[str, int], rounds: int) -> None:
    """Print the table."""
    table = Table(
        "",
        "time",
        "quartiles",
        "x its floor",
        "x the method's",
        title=f"Python {sys.version.split()[0]}, medians of {rounds}",
    )
    empty = found[EMPTY].median
    for name, spread in found.items():
        what, _, how = name.partition(": ")
        floors = [
            found.get(f"{what}: main() {rest}") for rest in ("with everything loaded", "in a forked child, and its end")
        ]
        is_whole = how in ("directly", "through it")
        ratios = [f"{spread.median / (empty + floor.median):.2f}" for floor in floors if floor is not None and is_whole]
        table.add_row(name, f"{spread.median:.1f} ms", f"{spread.low:.1f} to {spread.high:.1f}", *ratios)
    console = Console()
    console.print(table)
    console.print(f"Its floor: {EMPTY}, and main() with everything loaded.")
    console.print(
        f"The method's: {EMPTY}, and main() in a child that was forked before, until the system has ended it."
    )
    for name, count in counted.items():
        console.print(f"{name}: {count:,} instructions, {count / counted[EMPTY]:.3f} x {EMPTY}")


if __name__ == "__main__":
    sys.exit(main())
