"""The files of a package: what cannot be read is told, and the rest is scanned."""

import os
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.scan.packages import locate
from deferred_imports.tooling.scan.pipeline import Scan, scan
from goldens import write_app
from processes import RunPython


def scanned(folder: Path) -> Scan:
    return scan(locate(["app"], folder))


def test_links_in_a_circle_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Symbolic links that lead nowhere, in a circle or back up are reported, and the rest is scanned."""
    monkeypatch.chdir(write_app(tmp_path, {"app/cli.py": "import json\n"}))
    (tmp_path / "app" / "up").symlink_to(tmp_path / "app", target_is_directory=True)
    (tmp_path / "app" / "a.py").symlink_to(tmp_path / "app" / "b.py")
    (tmp_path / "app" / "b.py").symlink_to(tmp_path / "app" / "a.py")

    found = scanned(tmp_path)

    assert [item.judged.module for item in found.found] == ["json"]
    assert [(item.path, item.message) for item in found.skipped] == [
        ("app/a.py", "it is a symbolic link that leads nowhere, or in a circle"),
        ("app/b.py", "it is a symbolic link that leads nowhere, or in a circle"),
        ("app/up", "it is a symbolic link to a directory that it lies in"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="has neither such pipes nor such permissions")
def test_what_is_no_file_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes and directories with the name of a source are reported, and nobody waits for what a pipe may bring."""
    monkeypatch.chdir(write_app(tmp_path, {"app/cli.py": "import json\n"}))
    (tmp_path / "app" / "folder.py").mkdir()
    os.mkfifo(tmp_path / "app" / "pipe.py")

    found = scanned(tmp_path)

    assert [item.judged.module for item in found.found] == ["json"]
    assert [(item.path, item.message) for item in found.skipped] == [
        ("app/folder.py", "it is not a file"),
        ("app/pipe.py", "it is not a file"),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="takes root's privileges away as Linux does")
def test_what_may_not_be_read_is_reported(tmp_path: Path, run_python: RunPython) -> None:
    """A file and a directory that the user may not read are reported, and the rest is scanned."""
    write_app(tmp_path, {"app/cli.py": "import json\n", "app/closed.py": "import csv\n"})
    (tmp_path / "app" / "locked").mkdir(mode=0)
    (tmp_path / "app" / "closed.py").chmod(0)
    drop = "import ctypes; ctypes.CDLL(None).capset((ctypes.c_uint * 2)(0x20080522), (ctypes.c_uint * 6)())"
    code = f"{drop}; import sys; from deferred_imports.tooling import cli; sys.exit(cli.main())"
    done = run_python(code, "scan", "--static", "--all", path=list(map(Path, filter(None, sys.path))), cwd=tmp_path)

    assert "app/cli.py:1" in done.stdout
    assert done.stderr == (
        "deferred-imports: app/closed.py: it cannot be read: Permission denied\n"
        "deferred-imports: app/locked: it cannot be read: Permission denied\n"
    )


def test_deep_nesting_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that is nested too deeply is skipped."""
    monkeypatch.chdir(
        write_app(tmp_path, {"app/deep.py": f"x = {'+'.join(['1'] * 50_000)}\n", "app/cli.py": "import json\n"})
    )
    found = scanned(tmp_path)
    assert [item.judged.module for item in found.found] == ["json"]
    assert [item.path for item in found.skipped] == ["app/deep.py"]


TABLE = """\
[project]
name = "app"
version = "1"

[tool.deferred-imports]
registry = "_later"

[tool.deferred-imports.imports]
json = "json"
"""


def test_the_generated_file_is_nobodys_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it imports, and what imports it, are no imports of the project, before a build makes it and after."""
    lines = "from . import _later as _later\nfrom ._later import json\n"
    monkeypatch.chdir(write_app(tmp_path, {"app/__init__.py": lines, "app/cli.py": "import wave\n"}))
    Path("pyproject.toml").write_text(TABLE, encoding="utf-8")

    def imports() -> list[str]:
        return [item.judged.module for item in scanned(tmp_path).found]

    assert imports() == ["wave"]
    assert cli.main(["generate"]) == 0
    assert Path("app/_later.py").exists()
    assert imports() == ["wave"]
    Path("pyproject.toml").write_text(TABLE.partition("[tool")[0], encoding="utf-8")  # as where the package is vendored
    assert imports() == ["wave"]
