"""Paths as messages show them, and what is there."""

import os
from pathlib import Path

import pytest

from deferred_imports.tooling.project.paths import content_of, shown
from goldens import write_app
from processes import RunPython


def test_from_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path below the working directory is shown from there, with slashes; any other as it is."""
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    assert shown(tmp_path / "inner" / "a" / "b.py") == "a/b.py"
    assert shown(Path("a.py")) == "a.py"
    assert shown(tmp_path / "a.py") == str(tmp_path / "a.py")


PROJECT = """
[project]
name = "app"
dynamic = ["dependencies"]
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[tool.setuptools.dynamic]
dependencies.file = "requirements.txt"
[tool.deferred-imports]
discover = true
"""
CODE = """
import faulthandler
faulthandler.dump_traceback_later(240, exit=True)
from deferred_imports.tooling import cli
for verb in (["check"], ["generate"], ["check", "--startup", "app", "--lock"], ["adopt", "--startup", "app"]):
    print(cli.main(verb))
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_nothing_waits_for_a_pipe_in_a_tree(tmp_path: Path, run_python: RunPython) -> None:
    """Where a verb looks for settings, for requirements or for a lock, only files are read."""
    root = write_app(tmp_path / "project", {"pyproject.toml": PROJECT, "app/__init__.py": "import wave\n"})
    names = ("setup.cfg", "setup.py", "requirements.txt", ".isort.cfg", "tox.ini", ".importlinter", "hatch.toml")
    for name in (*names, ".pylintrc", "README.md", "deferred-imports.lock"):
        os.mkfifo(root / name)

    done = run_python(CODE, cwd=root)

    assert [line for line in done.stdout.splitlines() if line.isdigit()] == ["1", "0", "2", "0"]  # no registry; no lock
    assert "deferred-imports.lock: cannot be read: it is not a file" in done.stderr


def test_what_a_file_holds(tmp_path: Path) -> None:
    """Of a file that, of anything else an error."""
    (tmp_path / "a").write_bytes(b"1\r\n")
    assert content_of(tmp_path / "a") == b"1\r\n"
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(OSError, match=r"not a file|No such file"):
            content_of(path)
