"""What is the same for every program that is started: its environment, its copy, its output, and how it ends."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import Launch, imported, parse_launch
from deferred_imports.tooling.start.running import run_program
from deferred_imports.tooling.start.timing import measure
from goldens import write_module


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A tree without modules so far."""
    monkeypatch.chdir(tmp_path)
    return Copy((tmp_path,))


def watched(launch: Launch, copy: Copy) -> str | None:
    return run_program(launch, ["colorsys"], copy).failure


def measured(launch: Launch, copy: Copy) -> str | None:
    return measure(launch, copy).failure


def program(copy: Copy, text: str) -> None:
    write_module(copy.places[0] / "program.py", text)


@pytest.mark.parametrize("failure_of", [watched, measured])
def test_the_environment(
    failure_of: Callable[[Launch, Copy], str | None], copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the variables of the runtime nor those that make Python itself talk reach the program."""
    monkeypatch.setenv("PYDEFER_EAGER", "1")
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    monkeypatch.setenv("KEPT", "kept")
    names = "PYDEFER_EAGER", "PYTHONPROFILEIMPORTTIME", "KEPT", "SET"
    program(copy, f"import os, sys\nsys.exit(str([os.environ.get(name) for name in {names!r}]))\n")

    failure = failure_of(parse_launch("SET=1 python program.py", {}, copy.places), copy)

    assert failure == "failed with exit code 1: [None, None, 'kept', '1']"


@pytest.mark.parametrize("failure_of", [watched, measured])
def test_how_it_ends(failure_of: Callable[[Launch, Copy], str | None], copy: Copy) -> None:
    """Every way to end has its words, the same however the program is watched."""
    ends = {
        "import os; os._exit(7)": "failed with exit code 7",
        "import os; os._exit(0)": None,
        "raise KeyboardInterrupt('no')": "failed with exit code 1: KeyboardInterrupt: no",
        "import sys; sys.exit()": "ended while it was imported",
        "import sys; sys.exit('no\\x1b[31m')": r"failed with exit code 1: no\x1b[31m",
        "import sys; sys.exit(3)": "failed with exit code 3",
        "import os; os.kill(os.getpid(), 9)": "ended with exit code -9 before its imports could be read",
        "import threading; threading.Thread(target=threading.Event().wait).start()": None,
        "import atexit, time; atexit.register(time.sleep, 60)": None,
        "import sys; sys.stderr.close(); sys.stdout.write('x' * 100_000)": None,
        "import sys; sys.stderr = None; raise ValueError('gone')": "failed with exit code 1: ValueError: gone",
        "import json; json.dump = None": "ended with exit code 1 before its imports could be read: "
        "TypeError: 'NoneType' object is not callable",
    }
    for text, failure in ends.items():
        program(copy, f"{text}\n")
        assert (text, failure_of(imported("program"), copy)) == (text, failure)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system with processes of this kind")
def test_what_it_leaves_in_the_background(copy: Copy) -> None:
    """A program that has ended is done, whatever it has started beside itself."""
    program(
        copy, f"import subprocess, sys\nsubprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(100)'])\n"
    )
    before = time.monotonic()
    assert run_program(imported("program"), ["colorsys"], copy).failure is None
    assert time.monotonic() - before < 90


@pytest.mark.skipif(sys.platform == "win32", reason="knows no limits")
def test_what_it_prints_takes_no_memory(copy: Copy) -> None:
    """Of what a program prints only the last line is kept, however much that is."""
    import resource

    program(
        copy, "import os\nfor _ in range(64):\n    os.write(2, b'x' * 2**20)\nos.write(2, b'\\nlast\\n')\nos._exit(1)\n"
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert run_program(imported("program"), ["colorsys"], copy).failure == "failed with exit code 1: last"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20 * 1024 * (1024 if sys.platform == "darwin" else 1)
