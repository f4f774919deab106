"""The recipe for gunicorn: with `--preload` all is resolved before the fork, and the workers share it."""

import http.client
import importlib.util
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from manuals import RUNTIME as RUNTIME_MANUAL
from manuals import Document
from processes import RUNTIME, clean_env
from worlds import World

pytestmark = pytest.mark.skipif(importlib.util.find_spec("gunicorn") is None, reason="gunicorn is not installed")

# The manual's own.
APP = Document(RUNTIME_MANUAL).take("python", under="Forks")
WEATHER = """
    import os

    def answer():
        from weather import _deferred
        return f"{os.getpid()} {os.getppid()} {_deferred.heavy.pid}"
"""


@pytest.fixture
def server(world: World, home: Path) -> Iterator[int]:
    """The port on which gunicorn serves the application with two workers, all resolved in the parent."""
    world.write({"heavy.py": "import os\npid = os.getpid()\n", "app.py": APP})
    world.package('imports.heavy = "heavy"', {"__init__.py": WEATHER})
    log = world.path / "log.txt"
    command = [sys.executable, "-W", "error::RuntimeWarning", "-m", "gunicorn", "app:app"]
    options = ["--preload", "--workers", "2", "--bind", "127.0.0.1:0", "--worker-tmp-dir", str(world.path)]
    env = {**clean_env(home), "PYTHONPATH": f"{world.path}:{RUNTIME}"}
    with (
        log.open("wb") as file,
        subprocess.Popen([*command, *options], cwd=world.path, env=env, stderr=file) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while (found := re.search(r"Listening at: http://127.0.0.1:(\d+)", log.read_text())) is None:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield int(found[1])
        finally:
            process.terminate()
            assert process.wait(60) == 0, log.read_text()


def test_workers_answer_with_what_the_parent_has_loaded(server: int) -> None:
    """Both workers answer, and the module that both use was imported in neither, but in their parent."""
    workers: set[str] = set()
    deadline = time.monotonic() + 60
    while len(workers) < 2:
        connection = http.client.HTTPConnection("127.0.0.1", server, timeout=60)
        connection.request("GET", "/")
        worker, parent, importer = connection.getresponse().read().decode().split()
        connection.close()
        assert importer == parent != worker
        workers.add(worker)
        assert time.monotonic() < deadline, "only one worker answers"
