"""``hatch run forking``: what resolving before the fork does for the memory and the first requests of a server.

Serves one program with ``gunicorn --preload`` and several workers, in variants that differ in a line, in turns, each
from a start of its own. What is counted is the proportional set size of the parent and all workers (shared pages count
once), after each worker has answered and once more after many requests. Needs Linux and a package index.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.environments import UnavailableError, make_environment
from benchmarks.measuring import SOURCES, Spread, interleaved, shown
from benchmarks.registries import write_package

WORKERS = 4
PATIENCE = 60.0  # seconds that any step may take
REQUIREMENTS = ("gunicorn", "pandas", "sqlalchemy")
IMPORTS = {"pd": "pandas", "sa": "sqlalchemy", "orm": "sqlalchemy.orm"}

VARIANTS = {
    "imports when they are used": "",
    "`resolve_now()` before the fork": "resolve_now('shop')",
    "and `gc.freeze()` after it": "resolve_now('shop'); import gc; gc.freeze()",
}
# A program with a database, as small as it can be: it writes orders, reads them into a table and sums them up.
SHOP = """
from . import _deferred


def report():
    sa, orm, pd = _deferred.sa, _deferred.orm, _deferred.pd
    engine = sa.create_engine("sqlite://")
    table = sa.Table(
        "orders",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("city", sa.String),
        sa.Column("price", sa.Float),
    )
    table.create(engine)
    with orm.Session(engine) as session:
        orders = [{"city": f"city {i % 7}", "price": float(i)} for i in range(100)]
        session.execute(table.insert(), orders)
        frame = pd.read_sql(sa.select(table), session.connection())
    engine.dispose()
    return frame.groupby("city")["price"].agg(["mean", "max"]).to_json()
"""
# Answers with what the request before was not told: who answers, and how many requests it has had before.
APP = """
import os
from deferred_imports import resolve_now
import shop
{0}
served = 0

def app(environ, start_response):
    global served
    body = ""
    if environ["PATH_INFO"] != "/ready":
        assert "city 6" in shop.report()
        body = f"{{os.getpid()}} {{served}}"
        served += 1
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body.encode()]
"""


@dataclass(frozen=True)
class Sample:
    """What one start has shown: nanoseconds, those of each worker's first answer among them, and bytes."""

    ready: float
    first: tuple[float, ...]
    memory: float
    memory_later: float


@dataclass(frozen=True)
class Row:
    """The medians of a variant, ``first_worst`` apart; ``memory_ratio`` is to the first variant."""

    variant: str
    ready_ns: float
    first_ns: float
    first_worst_ns: float
    memory: float
    memory_low: float
    memory_high: float
    memory_ratio: float
    memory_later: float
    memory_later_ratio: float


@contextmanager
def server(python: Path, root: Path, module: str) -> Iterator[tuple[int, int]]:
    """Serve a module's application and yield the port and the process; what was started has ended afterwards."""
    log = root / f"{module}.log"
    options = ["--preload", "--workers", str(WORKERS), "--bind", "127.0.0.1:0", "--worker-tmp-dir", str(root)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PY")}
    environment |= {"PYTHONPATH": f"{root}{os.pathsep}{SOURCES}"}
    command = [str(python), "-m", "gunicorn", *options, f"{module}:app"]
    with (
        log.open("wb") as file,
        subprocess.Popen(command, cwd=root, env=environment, stderr=file, start_new_session=True) as process,
    ):
        try:
            deadline = time.monotonic() + PATIENCE
            while (found := re.search(r"Listening at: http://127.0.0.1:(\d+)", log.read_text("utf-8"))) is None:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the server does not start:\n{log.read_text('utf-8')}")
                time.sleep(0.005)
            yield int(found[1]), process.pid
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def ask(port: int, path: str) -> tuple[float, str]:
    """Return the nanoseconds that an answer took, and the answer."""
    begin = time.perf_counter_ns()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        answer = response.read().decode()
    finally:
        connection.close()
    if response.status != 200:
        raise RuntimeError(f"the server answers {path} with {response.status}")
    return time.perf_counter_ns() - begin, answer


def memory_of(processes: Sequence[int]) -> float:
    """Return the proportional set size of processes, in bytes."""
    size = 0
    for process in processes:
        rollup = Path(f"/proc/{process}/smaps_rollup")
        found = re.search(r"^Pss: +(\d+) kB$", rollup.read_text("utf-8"), re.MULTILINE) if rollup.exists() else None
        if found is None:
            raise RuntimeError(f"{rollup} does not tell the proportional set size: this needs Linux 4.14 or newer")
        size += int(found[1]) * 1024
    return size


def run(python: Path, root: Path, module: str, requests: int) -> Sample:
    """Start a server once, ask until each worker has answered, and ``requests`` times more."""
    begin = time.perf_counter_ns()
    with server(python, root, module) as (port, parent):
        ask(port, "/ready")
        ready = time.perf_counter_ns() - begin
        first: dict[int, float] = {}
        deadline = time.monotonic() + PATIENCE
        while len(first) < WORKERS:
            took, answer = ask(port, "/")
            worker, before = map(int, answer.split())
            if before == 0:
                first[worker] = took
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {len(first)} of {WORKERS} workers answer")
        memory = memory_of([parent, *first])
        for _ in range(requests):
            ask(port, "/")
        return Sample(ready, tuple(first.values()), memory, memory_of([parent, *first]))


def measure(python: str, rounds: int, requests: int) -> list[Row]:
    """Start each variant in turns and return the rows."""
    memory_of([os.getpid()])  # where that cannot be had, better at once
    with tempfile.TemporaryDirectory(prefix="deferred-imports-") as directory:
        root = Path(directory) / "packages"
        root.mkdir()
        own = make_environment(Path(directory) / "environment", python, REQUIREMENTS)
        write_package(root / "shop", IMPORTS, init=SHOP)
        modules = {variant: f"app_{index}" for index, variant in enumerate(VARIANTS)}
        for variant, module in modules.items():
            (root / f"{module}.py").write_text(APP.format(VARIANTS[variant]), encoding="utf-8")
        tasks = {variant: partial(run, own, root, module, requests) for variant, module in modules.items()}
        for task in tasks.values():  # writes bytecode
            task()
        found = interleaved(tasks, rounds)
    rows: list[Row] = []
    for variant, samples in found.items():
        memory = Spread.of([sample.memory for sample in samples])
        later = median(sample.memory_later for sample in samples)
        first = [took for sample in samples for took in sample.first]
        base = rows[0] if rows else None
        rows.append(
            Row(
                variant,
                median(sample.ready for sample in samples),
                median(first),
                max(first),
                memory.median,
                memory.low,
                memory.high,
                memory.median / base.memory if base else 1.0,
                later,
                later / base.memory_later if base else 1.0,
            )
        )
    return rows


def lines(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of a table."""
    for row in rows:
        first = f"{shown(row.first_ns)} ({shown(row.first_worst_ns)})"
        memory = f"{row.memory / 2**20:.0f} MiB ({row.memory_ratio:.2f})"
        later = f"{row.memory_later / 2**20:.0f} MiB ({row.memory_later_ratio:.2f})"
        yield row.variant, shown(row.ready_ns), first, memory, later


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="hatch run forking", description=__doc__)
    parser.add_argument("--python", default=sys.executable, metavar="EXECUTABLE", help="the interpreter to measure")
    parser.add_argument("--rounds", type=int, default=7, help="starts of each variant (default: %(default)s)")
    parser.add_argument(
        "--requests", type=int, default=100, help="requests before memory is counted again (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print the table as README.md beside this file has it")
    args = parser.parse_args()
    try:
        rows = measure(args.python, args.rounds, args.requests)
    except (UnavailableError, RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    columns = ("", "ready after", "first answer (worst)", "memory then", f"after {args.requests} requests")
    if args.json:
        print(
            json.dumps({"cores": os.cpu_count(), "workers": WORKERS, "rows": [asdict(row) for row in rows]}, indent=2)
        )
    elif args.markdown:
        for cells in (columns, ("---", *["--:"] * (len(columns) - 1)), *lines(rows)):
            print(f"| {' | '.join(cells)} |")
    else:
        table = Table(title=f"gunicorn --preload, {WORKERS} workers: medians, memory as ratios to the first row too")
        for column in columns:
            table.add_column(column, justify="right" if column else "left")
        for cells in lines(rows):
            table.add_row(*(cell.replace("`", "") for cell in cells))
        Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
