"""The verb `init`: it shows, it asks, and only then it writes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from goldens import CASES, unpack

FOLDER = CASES / "init"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project that has all kinds of imports in functions, in which the command is called."""
    monkeypatch.chdir(unpack(FOLDER / "hatchling.project", tmp_path))
    return tmp_path


def test_without_a_terminal(project: Path) -> None:
    """With nobody to ask, the difference is shown and nothing is written."""
    before = (project / "pyproject.toml").read_bytes()
    code = "import sys; from deferred_imports.__main__ import main; sys.exit(main())"
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", code, "init"],
        check=False,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        cwd=project,
        env={**os.environ, "PYTHONPATH": path},
    )

    assert done.returncode == 1
    assert "+[tool.deferred-imports]\n+discover = true" in done.stdout
    assert "nothing was written: this is not a terminal; pass --yes to write it\n" in done.stderr
    assert (project / "pyproject.toml").read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo-terminals")
@pytest.mark.parametrize(("answer", "exit_code"), [("y\n", 0), ("YES\n", 0), ("\n", 1), ("n\n", 1), ("", 1)])
def test_it_asks(
    answer: str, exit_code: int, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a terminal the user decides, and no answer is a no."""
    before = (project / "pyproject.toml").read_bytes()
    reading, writing = os.openpty()
    os.write(reading, answer.encode() or b"\x04")
    with open(writing, encoding="utf-8") as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        assert cli.main(["init"]) == exit_code

    assert "Write this to pyproject.toml? [y/N] " in capsys.readouterr().out
    assert ((project / "pyproject.toml").read_bytes() != before) == (exit_code == 0)
