"""Commands whose Pythons first run a module of ours."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from deferred_imports.tooling.child import profile as payload
from deferred_imports.tooling.readahead.launch import customized


def test_every_python_finds_it_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory stands before what was on PYTHONPATH, and is gone afterwards."""
    monkeypatch.setenv("PYTHONPATH", "before")
    with customized(payload, beside=payload) as (directory, variables):
        names = {path.name for path in directory.iterdir()}
        assert variables == {"PYTHONPATH": os.pathsep.join([str(directory), "before"])}
    assert names == {"sitecustomize.py", "deferred_imports_payload.py", "beside.py"}
    assert not directory.exists()


def test_a_python_runs_the_payload_and_then_the_program(tmp_path: Path) -> None:
    """The payload's `main` runs first, whatever the program is."""
    mine = ModuleType("mine")
    mine.__file__ = str(tmp_path / "mine.py")
    Path(mine.__file__).write_text("def main():\n    print('payload')\n", encoding="utf-8")
    with customized(mine) as (_, variables):
        env = {**os.environ, **variables}
        code = [sys.executable, "-c", "print('program')"]
        done = subprocess.run(code, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["payload", "program"]
