"""The short form of the bench, for CI: what is not noise. That it runs, what is loaded, bytes, instructions."""

import io
import json
import marshal
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from rich.console import Console

import wheelhouse
from benchmarks.budgets import module_of, name_of
from benchmarks.columns import SIZES, columns
from benchmarks.comparing import Figure, Row
from benchmarks.environments import Interpreter
from benchmarks.measuring import Spread
from benchmarks.peers import WAYS as ALL_WAYS
from benchmarks.registries import write_package
from benchmarks.tables import Measured, print_ways
from processes import RUNTIME, RunPython, clean_env, run

#: The bytes that a registry of so many names may have, source and bytecode, on any Python; slightly above what it has.
BYTES = {10: (9_500, 12_050), 100: (20_650, 22_900)}
#: Instructions of importing a registry of so many names, at most, relative to an empty module; 3.13 and 3.15 take most.
#: They were 1.72 and 2.55 while half of a registry was a text that it compiled when needed. That it is plain code has
#: cost 116,000 to 147,000; that it leaves to the runtime what functions import has won back 30,000. Most of it is what
#: is unmarshalled: on 3.11 some 3,300 for each function, 1,300 for each name that no other module has, 600 a string.
INSTRUCTIONS = {10: 2.12, 100: 3.02}

WAYS = [
    "interpreter alone",
    "an empty module",
    "deferred-imports",
    "import in function",
    "imports at the top",
    "LazyLoader",
    *(["lazy import"] if sys.version_info >= (3, 15) else []),
]
FIGURES = ["start", "library", "declare 1", "declare 10", "first", "steady", "steady after", "resolve", "again"]


def run_bench(directory: Path, *options: str) -> str:
    """Return what the bench prints about this interpreter, with ten modules, no peers and no network."""
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.bench", "--python", sys.executable, "--no-peers"]
    command += ["--rounds", "1", "--names", "10", "--environments", directory / "environments", *options]
    paths = os.pathsep.join(map(str, (RUNTIME, wheelhouse.ROOT / "tests")))
    return run(command, env={**clean_env(directory), "PYTHONPATH": paths}, cwd=directory).stdout


def test_the_bench_yields_every_row(tmp_path: Path, subtests: pytest.Subtests) -> None:
    """Each way has its figures, each defers what it says it does, and each budget is compared with something."""
    printed = json.loads(run_bench(tmp_path, "--json"))
    assert printed["missing"] == []
    (found,) = printed["interpreters"]
    ways = {way["name"]: way for way in found["ways"]}
    assert list(ways) == WAYS
    assert {name: way["notes"] for name, way in ways.items() if way["notes"]} == {}
    with subtests.test("every figure"):
        memory = ["memory"] if Path("/proc/self/smaps_rollup").exists() else []
        assert list(ways["deferred-imports"]["figures"]) == [*FIGURES, *memory, "modules"]
        for way in ways.values():
            for figure in way["figures"].values():
                assert figure["median"] > 0
                assert figure["samples"] == 1
    with subtests.test("what declaring ten modules loads"):
        loaded = {name: way["modules"] for name, way in ways.items()}
        ours = ["deferred_imports", "deferred_imports._now"]
        assert loaded["deferred-imports"] == [*ours, "deferred_imports_10.declared"]
        assert loaded["import in function"] == ["import_in_function_10.declared"]
        targets = ["many_10", *(f"many_10.m{i}" for i in range(10))]
        assert loaded["imports at the top"] == ["imports_at_the_top_10.declared", *targets]
    with subtests.test("every budget"):
        unknown = [row["name"] for row in found["budgets"] if (row["budget"] or row["limit"]) and row["met"] is None]
        assert unknown == ["resolve_now"]  # what it is compared with is a peer
        (start,) = (row for row in found["budgets"] if row["name"] == "deferred-imports installed")
        assert start["met"]


def test_the_tables_fit_a_terminal(tmp_path: Path) -> None:
    """No line is longer than 120 columns, no word is cut, and each way has its line."""
    lines = run_bench(tmp_path).splitlines()
    assert max(map(len, lines)) <= 120
    assert not any("\N{HORIZONTAL ELLIPSIS}" in line for line in lines)
    for way in WAYS:
        assert sum(line.strip().startswith(f"{way} ") for line in lines) >= 1
    assert sum(" met" in line or " missed" in line for line in lines) >= 10


def test_the_widest_table_fits_as_well() -> None:
    """With all peers, 10,000 modules and figures as long as they get, nothing is cut."""
    longest = {"ns": 123.4e6, "bytes": 123.4e6, "modules": 1234.0}
    figures = {
        column.key: Figure(Spread(longest[column.unit], 1.0, 2.0), 15, (23_456.0, 1.0, 2.0)) for column in columns()
    }
    rows = [Row(way, figures, [], []) for way in ALL_WAYS]
    console = Console(file=io.StringIO(), width=120)
    print_ways(console, Measured(Interpreter("3.15.0", Path("python3.15")), SIZES[-1], rows, []))
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert "\N{HORIZONTAL ELLIPSIS}" not in printed
    assert sum(" 23,456 23,456 " in line for line in printed.splitlines()) == len(rows)


def test_resolving_loads_these_modules(tmp_path: Path, run_python: RunPython) -> None:
    """Resolving loads what was declared and the modules of ours that it takes, on every Python the same."""
    write_package(tmp_path / "shop", {"colorsys": "colorsys"})
    code = """
        import sys, shop._deferred
        before = set(sys.modules)
        from deferred_imports import resolve_now
        resolve_now()
        print(*sorted(set(sys.modules) - before - set(sys.builtin_module_names)))
    """
    loaded = run_python("\n".join(map(str.strip, code.splitlines())), path=[tmp_path]).stdout.split()
    ours = "_cpython _entries _now _registries _reports _resolution _selection"
    assert loaded == ["colorsys", "deferred_imports", *(f"deferred_imports.{name}" for name in ours.split())]


@pytest.mark.parametrize("names", BYTES)
def test_a_registry_is_small(names: int, tmp_path: Path) -> None:
    """Its source and its bytecode have at most so many bytes, whatever Python reads it."""
    write_shop(tmp_path, names)
    source = (tmp_path / "shop" / "_deferred.py").read_bytes()
    bytecode = marshal.dumps(compile(source, "_deferred.py", "exec"))
    assert len(source) <= BYTES[names][0]
    assert len(bytecode) <= BYTES[names][1]


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="counts instructions with valgrind")
@pytest.mark.parametrize("names", INSTRUCTIONS)
def test_importing_a_registry_takes_few_instructions(names: int, tmp_path: Path) -> None:
    """The same number each time, and at most so many times those of an empty module."""
    write_shop(tmp_path, names)
    (tmp_path / "shop" / "empty.py").touch()
    (tmp_path / "shop" / "other.py").touch()
    start = "import os, shop.other"  # os is what every interpreter has loaded that looks for site-packages
    registry = f"{start}, shop._deferred"
    for statement in (registry, f"{start}, shop.empty"):
        count_instructions(statement, tmp_path)  # writes the bytecode
    before = count_instructions(start, tmp_path)
    empty = count_instructions(f"{start}, shop.empty", tmp_path) - before
    taken = count_instructions(registry, tmp_path) - before
    assert abs(count_instructions(registry, tmp_path) - before - taken) < taken / 100
    assert taken / empty <= INSTRUCTIONS[names]


def write_shop(directory: Path, names: int) -> None:
    """Write the package ``shop`` with a registry of so many names."""
    write_package(directory / "shop", {name_of(i): module_of(i) for i in range(names)})


def count_instructions(statement: str, directory: Path) -> int:
    """Return how many instructions an interpreter executes that starts, runs a statement and ends."""
    done = run(
        [
            *("valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}"),
            *(sys.executable, "-S", "-c", statement),
        ],
        env={**clean_env(directory), "PYTHONHASHSEED": "0", "PYTHONPATH": str(directory)},
        cwd=directory,
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found, done.stderr
    return int(found[1])
