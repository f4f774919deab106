"""The copy in which moves are tried."""

import os
from collections.abc import Callable
from pathlib import Path

from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.adopt.target import find_target


def test_what_is_copied(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """The copy has the project's files, without its history, caches, environments and what a build has left behind."""
    root = make_project()
    for name in (
        "src/weather.egg-info/PKG-INFO",
        ".venv/pyvenv.cfg",
        "own/pyvenv.cfg",
        "conda/conda-meta/history",
        "conda/lib/site-packages/a.py",
        "src/weather/__pycache__/a.pyc",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    if hasattr(os, "mkfifo"):  # which cannot be copied, and whoever opens it waits
        os.mkfifo(root / "src/weather/pipe.py")
        os.mkfifo(root / "pipe")
    scratch = Scratch(find_target(root), tmp_path / "copy")
    copied = {path.relative_to(scratch.root).as_posix() for path in scratch.root.rglob("*") if path.is_file()}
    sources = {f"src/weather/{name}.py" for name in ("__init__", "cli", "model", "report")}
    assert copied == {"pyproject.toml", "tests/test_cli.py", *sources}


def test_what_tests_need_is_copied(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """A sample environment among the tests is copied, with its metadata: it is neither one, nor left by a build."""
    root = make_project()
    names = {"tests/sample/lib/site-packages/a.py", "tests/sample/src/a.egg-info/PKG-INFO"}
    for name in names:
        (root / name).parent.mkdir(parents=True)
        (root / name).touch()
    scratch = Scratch(find_target(root), tmp_path / "copy")
    assert names == {name for name in names if (scratch.root / name).is_file()}


def test_sources_come_and_go(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """What is written replaces what was written before; bytecode of it cannot be taken for that of the next."""
    target = find_target(make_project())
    scratch = Scratch(target, tmp_path / "copy")
    path = scratch.root / "src/weather/cli.py"
    times = []
    for source in (b"A = 1\n", b"A = 2\n"):
        scratch.write({"weather.cli": source})
        assert path.read_bytes() == source
        times.append(int(path.stat().st_mtime))
    scratch.write({})
    assert path.read_bytes() == target.files["weather.cli"].read_bytes()
    assert len({*times, int(path.stat().st_mtime)}) == 3
