"""``hatch run threads``: whether ``resolve_now(workers=N)`` is faster than one worker, by what is imported.

Each sample is a child process that resolves one set with so many workers, all in turns. ``--python`` measures other
interpreters in the same run, each in an environment of its own with real packages from an index.
"""

from __future__ import annotations

import argparse
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from threading import Thread

from rich.console import Console
from rich.table import Table

from benchmarks.environments import UnavailableError, make_environment
from benchmarks.measuring import SOURCES, Spread, interleaved, run_child, shown
from benchmarks.registries import write_package

WORKERS = (1, 2, 4, 8)
REQUIREMENTS = ("pandas", "sqlalchemy", "boto3", "matplotlib", "scipy", "httpx")
PACKAGES = ("pandas", "sqlalchemy", "boto3", "matplotlib.pyplot", "scipy.stats", "httpx")
CLIENTS, SMALL = 8, 100
LATENCY = 0.05  # seconds

# Prints nanoseconds, and whether the GIL was on in the end: a package that is not made for its absence turns it on.
RESOLVE = """
import sys
from time import perf_counter_ns
import {0}._deferred
from deferred_imports import resolve_now
start = perf_counter_ns()
report = resolve_now(workers=int(sys.argv[1]))
took = perf_counter_ns() - start
assert len(report.resolved) == {1}, report
print(took, int(getattr(sys, "_is_gil_enabled", lambda: True)()))
"""
# As a client of a service does that asks for its configuration.
CLIENT = """
import socket
with socket.create_connection(("127.0.0.1", {0})) as connection:
    greeting = connection.recv(100)
assert greeting == b"ready"
"""
MODULE = "".join(f"def work_{i}(one, two=2, *rest):\n    return one + two * len(rest)\n\n\n" for i in range(10))


@dataclass(frozen=True)
class Set:
    """What is resolved: all that ``package`` declares, ``size`` imports."""

    name: str
    package: str
    size: int
    is_cold: bool = False


SETS = (
    Set("6 large packages", "large", len(PACKAGES)),
    Set("the same, not in the page cache", "large", len(PACKAGES), is_cold=True),
    Set(f"{SMALL} small packages", "small", SMALL),
    Set(f"{CLIENTS} modules that wait {LATENCY * 1000:.0f} ms for a server", "clients", CLIENTS),
)


@dataclass(frozen=True)
class Row:
    """The samples of one set on one interpreter with so many workers; ``ratio`` is to one worker."""

    set: str
    python: str
    has_gil: bool
    workers: int
    ns: float
    low: float
    high: float
    ratio: float


@contextmanager
def slow_server() -> Iterator[int]:
    """Serve a greeting that takes its time, and yield the port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            time.sleep(LATENCY)
            self.request.sendall(b"ready")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = CLIENTS

    with Server(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def make_packages(root: Path, port: int) -> None:
    """Write the packages that declare the sets, and the modules of those that are not real packages."""
    write_package(root / "large", {name.partition(".")[0]: name for name in PACKAGES})
    write_package(root / "small", {f"small_{i}": f"small_{i}" for i in range(SMALL)})
    write_package(root / "clients", {f"client_{i}": f"client_{i}" for i in range(CLIENTS)})
    for index in range(CLIENTS):
        (root / f"client_{index}.py").write_text(CLIENT.format(port), encoding="utf-8")
    for index in range(SMALL):
        package = root / f"small_{index}"
        package.mkdir()
        (package / "__init__.py").write_text("from . import a, b, c, d\n", encoding="utf-8")
        for name in "abcd":
            (package / f"{name}.py").write_text(MODULE, encoding="utf-8")


def can_evict(directory: Path) -> bool:
    """Tell whether the page cache lets go of a file in a directory when it is asked to."""
    with tempfile.TemporaryFile(dir=directory) as file:
        file.write(bytes(1 << 20))
        file.flush()
        try:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            os.preadv(file.fileno(), [bytearray(1)], 0, os.RWF_NOWAIT)
        except BlockingIOError:
            return True
        except (AttributeError, OSError):  # no such call, or a file system without it
            pass
    return False


def evict(directory: Path) -> None:
    """Drop what the page cache holds of the files below a directory."""
    for place, _, names in os.walk(directory):
        for name in names:
            file = os.open(os.path.join(place, name), os.O_RDONLY)
            try:
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(file)


def run(what: Set, workers: int, python: Path, root: Path) -> tuple[float, bool]:
    """Return the nanoseconds of one sample, and whether the GIL was on."""
    if what.is_cold:
        evict(python.parents[1] / "lib")
    code = RESOLVE.format(what.package, what.size)
    variables = {"MPLCONFIGDIR": str(root)}  # matplotlib keeps a list of fonts
    printed = run_child(code, str(workers), python=python, paths=[root, SOURCES], variables=variables, cwd=root)
    took, has_gil = printed.split()
    return float(took), has_gil == "1"


def measure(pythons: Sequence[str], rounds: int) -> list[Row]:
    """Take all samples in turns and return the rows; what cannot be measured is said on stderr."""
    with tempfile.TemporaryDirectory(prefix="deferred-imports-") as directory, slow_server() as port:
        root = Path(directory) / "packages"
        root.mkdir()
        make_packages(root, port)
        interpreters = {}
        for index, python in enumerate(pythons):
            try:
                own = make_environment(Path(directory) / f"environment_{index}", python, REQUIREMENTS)
            except UnavailableError as error:
                print(f"left out: {error}", file=sys.stderr)
                continue
            interpreters[version_of(own)] = own
        sets = list(SETS)
        if can_evict(root):
            os.sync()  # what is not on disk yet cannot leave the page cache
        else:
            print("left out: a cold page cache; this system or its file system does not drop it", file=sys.stderr)
            sets = [what for what in sets if not what.is_cold]
        keys = [(what, version, workers) for what in sets for version in interpreters for workers in WORKERS]
        for what, version, _ in keys[:: len(WORKERS)]:  # writes bytecode, and matplotlib's list of fonts
            run(what, 1, interpreters[version], root)
        tasks = {key: partial(run, key[0], key[2], interpreters[key[1]], root) for key in keys}
        found = interleaved(tasks, rounds)
    rows = []
    for what, version, workers in keys:
        spread, base = (Spread.of([took for took, _ in found[what, version, count]]) for count in (workers, WORKERS[0]))
        has_gil = any(has_gil for _, has_gil in found[what, version, workers])
        ratio = spread.median / base.median
        rows.append(Row(what.name, version, has_gil, workers, spread.median, spread.low, spread.high, ratio))
    return rows


def version_of(python: Path) -> str:
    """Return the version of an interpreter, with a ``t`` for one that is free-threaded."""
    code = 'import sys; print(sys.version.split()[0] + "t" * ("free-threading" in sys.version))'
    return run_child(code, python=python).strip()


def lines(rows: Sequence[Row], *, with_quartiles: bool) -> Iterator[tuple[str, ...]]:
    """Yield the lines of a table: a set on an interpreter, one worker's time, and the ratios of more."""
    for start in range(0, len(rows), len(WORKERS)):
        base, *others = rows[start : start + len(WORKERS)]
        python = base.python
        if python.endswith("t"):
            python += ", GIL turned on" if base.has_gil else ", no GIL"
        ratios = [
            f"{row.ratio:.2f}" + f"\n{row.low / base.ns:.2f} to {row.high / base.ns:.2f}" * with_quartiles
            for row in others
        ]
        spread = f"\n{shown(base.low)} to {shown(base.high)}" * with_quartiles
        yield base.set, python, shown(base.ns) + spread, *ratios


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="hatch run threads", description=__doc__)
    parser.add_argument(
        "--python",
        action="append",
        metavar="EXECUTABLE",
        help="an interpreter to measure, by path or name; may be repeated (default: the one that runs this)",
    )
    parser.add_argument("--rounds", type=int, default=7, help="samples of each figure (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print the table as README.md beside this file has it")
    args = parser.parse_args()
    try:
        rows = measure(args.python or [sys.executable], args.rounds)
    except subprocess.CalledProcessError as error:
        print(error.stderr, file=sys.stderr)
        return 1
    columns = ("set", "Python", "1 worker", *(f"{count} workers" for count in WORKERS[1:]))
    if args.json:
        print(json.dumps({"cores": os.cpu_count(), "rows": [asdict(row) for row in rows]}, indent=2))
    elif args.markdown:
        for cells in (columns, ("---", "---", *["--:"] * len(WORKERS)), *lines(rows, with_quartiles=False)):
            print(f"| {' | '.join(cells)} |")
    else:
        table = Table(title=f"{os.cpu_count()} cores: medians, quartiles, and ratios to one worker")
        for column in columns:
            table.add_column(column, justify="right" if "worker" in column else "left")
        for cells in lines(rows, with_quartiles=True):
            table.add_row(*cells)
        Console().print(table)
    return 0 if rows else 1


if __name__ == "__main__":
    sys.exit(main())
