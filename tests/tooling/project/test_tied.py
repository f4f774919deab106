"""What is started for a while ends with the process that has started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deferred_imports.tooling.project.tied import run_tied, tied
from processes import RUNTIME, clean_env

# Starts a process in the background, and tells the numbers of both when the signals that it minds are seen to.
PROGRAM = """
import os, signal, subprocess, sys, time
def end(*_):
    open(sys.argv[1] + "-asked", "w").close()
    sys.exit()
signal.signal(signal.SIGTERM, end)
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(sys.argv[1] + "-new", "w") as file:
    file.write(f"{os.getpid()} {other.pid}")
os.rename(sys.argv[1] + "-new", sys.argv[1])
time.sleep(600)
"""
STARTER = """
import signal, sys
from deferred_imports.tooling.project.tied import run_tied
run_tied([sys.executable, "-c", sys.argv[1], sys.argv[2]], ending=getattr(signal, sys.argv[3]))
"""


def is_running(pid: int) -> bool:
    """Tell whether there is a process, and it has not ended; nobody may ask for the end of one that is left."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only there does the system tell of it")
@pytest.mark.parametrize("ending", ["SIGKILL", "SIGTERM"])
def test_what_is_killed_takes_along_what_it_has_started(ending: str, tmp_path: Path) -> None:
    """`kill -9` ends the program as well, by the signal that was asked for, and not what that has in the background."""
    told = tmp_path / "told"
    env = {**clean_env(tmp_path), "PYTHONPATH": str(RUNTIME)}
    process = subprocess.Popen([sys.executable, "-c", STARTER, PROGRAM, told, ending], env=env)
    while not told.exists():
        assert process.poll() is None
        time.sleep(0.02)
    program, background = map(int, told.read_text("utf-8").split())
    assert is_running(program)

    process.kill()
    process.wait()

    try:
        deadline = time.monotonic() + 120
        while is_running(program):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert is_running(background)
        assert (tmp_path / "told-asked").exists() == (ending == "SIGTERM")
    finally:
        os.kill(background, signal.SIGKILL)


def test_what_ends_by_itself() -> None:
    """Its exit code is returned, or the signal, and nothing is left open."""
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    assert run_tied([sys.executable, "-c", "raise SystemExit(3)"]) == 3
    if sys.platform == "linux":
        assert run_tied([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]) == -9
        assert len(os.listdir("/proc/self/fd")) == before


def test_what_takes_too_long_is_killed() -> None:
    """As `subprocess.run` does it."""
    code = "import time; time.sleep(600)"
    with pytest.raises(subprocess.TimeoutExpired):
        run_tied([sys.executable, "-c", code], timeout=0.2)
    with tied([sys.executable, "-c", code]) as process:
        process.kill()
    assert process.returncode


def test_what_cannot_be_started(tmp_path: Path) -> None:
    """The error is Python's own."""
    with pytest.raises(FileNotFoundError):
        run_tied([str(tmp_path / "nonsuch")])
