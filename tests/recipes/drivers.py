"""The programs that try the recipes of the runtime's manual against the real thing, each in a directory of its own.

A driver starts the pool, the cluster or the server, and returns the seconds that the first task took. A recipe is a
block of the manual; without it, the line that resolves does nothing.
"""

from __future__ import annotations

import http.client
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from manuals import RUNTIME, Document

PATIENCE = 120.0
"""Seconds that any step may take."""


@dataclass(frozen=True)
class Place:
    """Where a recipe runs: a directory with the package `weather`, an interpreter, and the variables it runs with."""

    root: Path
    python: Path
    env: Mapping[str, str]

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        (self.root / name).write_text(text, encoding="utf-8")

    def seconds(self, program: str) -> float:
        """Run a program that prints the seconds of its first task, and return them."""
        command = [str(self.python), "-c", program]
        done = subprocess.run(
            command, cwd=self.root, env=self.env, check=False, capture_output=True, text=True, timeout=PATIENCE
        )
        found = re.search(r"^first: (\S+)$", done.stdout, re.MULTILINE)
        assert found, f"{done.stdout}\n{done.stderr}"
        return float(found[1])

    @contextmanager
    def running(self, *arguments: str) -> Iterator[Callable[[str], re.Match[str]]]:
        """Run a module of the environment; yield what waits for a line of its output."""
        log = self.root / "log.txt"
        with (
            log.open("wb") as file,
            subprocess.Popen(
                [str(self.python), "-m", *arguments], cwd=self.root, env=self.env, stdout=file, stderr=file
            ) as process,
        ):

            def wait(pattern: str) -> re.Match[str]:
                deadline = time.monotonic() + PATIENCE
                while (found := re.search(pattern, log.read_text("utf-8"))) is None:
                    assert process.poll() is None, log.read_text("utf-8")
                    assert time.monotonic() < deadline, log.read_text("utf-8")
                    time.sleep(0.02)
                return found

            try:
                yield wait
            finally:
                process.terminate()
                process.wait(PATIENCE)


def block(first: str) -> str:
    """Return the block of the manual whose first line says which file it is."""
    blocks = Document(RUNTIME).take_all("python", under="Recipes")
    return next(found for found in blocks if found.startswith(first))


# What runs in a task: the answer, timed where it is given.
_TIMED = """
import time, weather
def timed(*_):
    begin = time.perf_counter()
    weather.answer()
    return time.perf_counter() - begin
"""


def _uvicorn(place: Place, recipe: str) -> float:
    place.write("app.py", recipe)
    with place.running("uvicorn", "app:app", "--workers", "2", "--port", "0") as wait:
        port = int(wait(r"http://127.0.0.1:(\d+)")[1])
        for _ in range(2):
            wait(r"Application startup complete[\s\S]*Application startup complete")
        begin = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"42"
        connection.close()
        return time.perf_counter() - begin


_CELERY = """
from celery.signals import worker_init
app.conf.broker_url = "filesystem://"
app.conf.broker_transport_options = {"data_folder_in": "queue", "data_folder_out": "queue", "polling_interval": 0.05}
app.conf.result_backend = "file://results"
from timed import timed as _timed
first = app.task(name="first")(_timed)
"""


def _celery(place: Place, recipe: str) -> float:
    for folder in ("queue", "results"):
        (place.root / folder).mkdir()
    place.write("tasks.py", recipe + _CELERY)
    with place.running(
        "celery", "-A", "tasks", "worker", "--pool", "prefork", "--concurrency", "1", "-l", "INFO"
    ) as wait:
        wait(r"celery@\S+ ready")
        return place.seconds("import tasks; print('first:', tasks.first.delay().get(timeout=60))")


_DASK = """
import logging
from timed import timed
import cluster
from dask.distributed import Client, LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR) as local:
        with Client(local) as client:
            cluster.prepare(client)
            print("first:", client.submit(timed, pure=False).result(timeout=60))
"""


def _dask(place: Place, recipe: str) -> float:
    place.write("cluster.py", recipe)
    place.write("run_dask.py", _DASK)
    return place.seconds("import runpy; runpy.run_path('run_dask.py', run_name='__main__')")


_RAY = """
import os, ray, jobs
from timed import timed
init = ray.init
def small(runtime_env):
    variables = {"PYTHONPATH": os.environ["PYTHONPATH"]}
    init(num_cpus=1, include_dashboard=False, runtime_env={**runtime_env, "env_vars": variables})
ray.init = small
jobs.connect()
print("first:", ray.get(ray.remote(timed).remote()), flush=True)
ray.shutdown()
"""


def _ray(place: Place, recipe: str) -> float:
    place.write("jobs.py", recipe)
    return place.seconds(_RAY)


_POOL = """
import sys, multiprocessing, concurrent.futures
from timed import timed
import pool

if __name__ == "__main__":
    pool.answer = timed
    kind, how = sys.argv[1:]
    if kind == "Pool":
        executor, options = multiprocessing.get_context(how).Pool, {}
    else:
        executor = getattr(concurrent.futures, kind)
        options = {"mp_context": multiprocessing.get_context(how)} if how else {}
    print("first:", max(pool.pooled(executor, **options)))
"""


def _pool(kind: str, how: str) -> Callable[[Place, str], float]:
    def driver(place: Place, recipe: str) -> float:
        place.write("pool.py", recipe)
        place.write("run_pool.py", _POOL)
        arguments = f"import sys; sys.argv = ['x', {kind!r}, {how!r}]"
        return place.seconds(f"{arguments}; import runpy; runpy.run_path('run_pool.py', run_name='__main__')")

    return driver


_XDIST = """
from timed import timed
def test_first():
    with open("first.txt", "a") as file:
        print(timed(), file=file)
def test_second():
    test_first()
"""


def _xdist(place: Place, recipe: str) -> float:
    place.write("test_timed.py", _XDIST)
    variables = dict(re.findall(r"(PYDEFER_EAGER)=(\S+)", recipe))
    own = Place(place.root, place.python, {**place.env, **variables})
    command = [str(own.python), "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "test_timed.py"]
    done = subprocess.run(
        command, cwd=own.root, env=own.env, check=False, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout
    return max(map(float, (own.root / "first.txt").read_text("utf-8").split()))


_SNAPSTART = """
import handler
from snapshot_restore_py import get_before_snapshot
hooks = get_before_snapshot()
while hooks:  # as the service does, the last one first
    function, arguments, keywords = hooks.pop()
    function(*arguments, **keywords)
import time
begin = time.perf_counter()
assert handler.handler({}, None) == "42"
print("first:", time.perf_counter() - begin)
"""


def _snapstart(place: Place, recipe: str) -> float:
    place.write("handler.py", recipe)
    return place.seconds(_SNAPSTART)


# An event a line, with its process and its thread: an interpreter beside the first has one of its own.
_NOTING = """
import os, threading
def note(event):
    with open({!r}, "a") as file:
        file.write(f"{{event}} {{os.getpid()}} {{threading.get_ident()}}\\n")
"""


def paying(root: Path) -> tuple[int, int]:
    """Return of how many tasks it was noted that they ended, and how many of them have imported `heavy`."""
    tasks, paid = 0, 0
    running: dict[str, bool] = {}
    for line in (root / "noted.txt").read_text("utf-8").splitlines():
        event, where = line.split(" ", 1)
        if event == "begin":
            running[where] = False
        elif event == "heavy" and where in running:
            running[where] = True
        elif event == "end":
            tasks += 1
            paid += running.pop(where)
    return tasks, paid


@dataclass(frozen=True)
class Recipe:
    """A recipe of the manual.

    Attributes:
        begins: How its block begins; empty for one that is a command.
        needs: What has to be installed for it.
        first_task: Starts the real thing, and returns the seconds that the first task took.
        since: The Python that it takes.
    """

    begins: str
    needs: tuple[str, ...]
    first_task: Callable[[Place, str], float]
    since: tuple[int, int] = (3, 10)

    def code(self) -> str:
        """Return the recipe as the manual has it."""
        return block(self.begins) if self.begins else "PYDEFER_EAGER=weather"

    def without(self) -> str:
        """Return the same program where nothing is resolved before."""
        if not self.begins:
            return ""
        code = self.code()
        for call, nothing in (
            ('    resolve_now("weather")', "    pass"),
            ('resolve_now("weather")', ""),
            ('register_before_snapshot(resolve_now, "weather")', ""),
        ):
            if call in code:
                return code.replace(call, nothing)
        raise AssertionError(f"no line that resolves in\n{code}")


RECIPES = {
    "uvicorn": Recipe("# app.py", ("uvicorn",), _uvicorn),
    "Celery": Recipe("# tasks.py", ("celery",), _celery),
    "dask.distributed": Recipe("# cluster.py", ("distributed",), _dask),
    "Ray": Recipe("# jobs.py", ("ray",), _ray),
    "multiprocessing, spawn": Recipe("# pool.py", (), _pool("Pool", "spawn")),
    "multiprocessing, fork": Recipe("# pool.py", (), _pool("Pool", "fork")),
    "multiprocessing, forkserver": Recipe("# pool.py", (), _pool("Pool", "forkserver")),
    "ProcessPoolExecutor": Recipe("# pool.py", (), _pool("ProcessPoolExecutor", "spawn")),
    "InterpreterPoolExecutor": Recipe("# pool.py", (), _pool("InterpreterPoolExecutor", ""), (3, 14)),
    "pytest-xdist": Recipe("", ("pytest", "pytest-xdist"), _xdist),
    "AWS SnapStart": Recipe("# handler.py", ("snapshot-restore-py",), _snapstart),
}


def prepare(root: Path, registry: str, *, noted: bool = False) -> None:
    """Write the package `weather`, which uses `heavy` for its answers, and what times that.

    Args:
        root: The directory.
        registry: The text of its registry, with the name `heavy`.
        noted: Whether `heavy` is a module beside it, and what happens is noted for `paying`; otherwise it is a library.
    """
    (root / "weather").mkdir(parents=True)
    answer = "from . import _deferred\n\n\ndef answer():\n{}    _deferred.heavy\n{}    return '42'\n"
    texts = {
        "weather/__init__.py": answer.format("    note('begin')\n", "    note('end')\n")
        if noted
        else answer.format("", ""),
        "weather/_deferred.py": registry,
        "timed.py": _TIMED,
    }
    if noted:
        texts["weather/__init__.py"] = "from noting import note\n" + texts["weather/__init__.py"]
        texts["noting.py"] = _NOTING.format(str(root / "noted.txt"))
        texts["heavy.py"] = "from noting import note\nnote('heavy')\n"
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
