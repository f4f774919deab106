"""Directories for a while: what is left of them when a process ends, is asked to end, or is killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from deferred_imports.tooling.project.temporary import _NODE, _remove_left, temporary_directory
from goldens import write_app
from processes import RUNTIME, clean_env

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has other signals, and tells nothing of processes")


def test_it_is_gone_when_the_work_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lies in it, and whatever ends the work; the signals mean afterwards what they meant before."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = signal.getsignal(signal.SIGTERM)

    def work() -> None:
        with temporary_directory() as directory:
            (directory / "file").touch()
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit):
        work()
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_a_kill_leaves(tmp_path: Path) -> None:
    """What killed processes have left goes an hour later; what others use, or what only looks like it, stays.

    So does what a process on another machine, or in another container, has in a directory that both share.
    """
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    old = time.time() - 4000
    mine = "deferred-imports-scratch-"
    resident = f"deferred-imports-{gone.pid}"  # as of the user of that number
    names = [f"{mine}{gone.pid}-{_NODE}-a", f"{mine}{os.getpid()}-{_NODE}-b", f"{mine}x-{_NODE}-c"]
    names += [f"{mine}{gone.pid}", f"{mine}{gone.pid}-{_NODE}x-d", resident, "other"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
        os.utime(tmp_path / name, (old, old))
    (tmp_path / f"{mine}{gone.pid}-{_NODE}-new").mkdir()
    link = tmp_path / f"{mine}{gone.pid}-{_NODE}-link"
    link.symlink_to("other", target_is_directory=True)
    os.utime(link, (old, old), follow_symlinks=False)

    _remove_left(str(tmp_path))

    left = {*names[1:], f"{mine}{gone.pid}-{_NODE}-new", link.name}
    assert {path.name for path in tmp_path.iterdir()} == left
    assert (tmp_path / "other" / "file").exists()


def _start(tmp_path: Path) -> tuple["subprocess.Popen[bytes]", Path]:
    """Start the command on a program that does not end; return it when the program runs, which tells its number."""
    told = tmp_path / "told"
    program = f"import os, time\nopen({str(told)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
    root = write_app(tmp_path / "project", {"app/slow.py": program})
    (tmp_path / "tmp").mkdir()
    env = {**clean_env(tmp_path), "PYTHONPATH": str(RUNTIME), "TMPDIR": str(tmp_path / "tmp")}
    command = [sys.executable, "-m", "deferred_imports", "scan", "--startup", "app.slow"]
    process = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (told.exists() and told.read_text("utf-8")):
        assert process.poll() is None
        time.sleep(0.02)
    return process, told


def test_a_command_that_is_asked_to_end(tmp_path: Path) -> None:
    """SIGTERM, as of `timeout` or a CI that is cancelled, takes the program and the directory along."""
    process, told = _start(tmp_path)
    process.terminate()

    assert process.wait() == 128 + signal.SIGTERM
    assert list((tmp_path / "tmp").iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text("utf-8")), 0)


def test_a_command_that_is_killed(tmp_path: Path) -> None:
    """Nothing lies in the project, and what lies in the temporary directory says whose it is."""
    process, told = _start(tmp_path)
    process.kill()
    process.wait()
    with suppress(ProcessLookupError):  # on Linux it ends by itself
        os.kill(int(told.read_text("utf-8")), signal.SIGKILL)

    (left,) = (tmp_path / "tmp").iterdir()
    assert left.name.startswith(f"deferred-imports-scratch-{process.pid}-")
    found = {path.name for path in (tmp_path / "project").rglob("*")} - {"__pycache__"}
    assert {name for name in found if not name.endswith(".pyc")} == {"pyproject.toml", "app", "__init__.py", "slow.py"}
