"""Starts of programs from a copy of the tree."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.adopt.starts import profiled, start, variables_for
from deferred_imports.tooling.adopt.target import find_target, launches
from goldens import write_app


def test_what_a_start_tells(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """What it loads beyond the interpreter, prints and returns, from the copy and not from the project."""
    target = find_target(make_project())
    scratch = Scratch(target, tmp_path / "copy")
    (launch,) = launches(target, ["weather --help"])
    told = start(launch, scratch, tmp_path)
    assert (told.output, told.exit, told.failure) == (b"usage: weather\n", 0, None)
    assert {"weather.cli", "xml.dom.minidom"} <= set(told.loaded) - told.before
    scratch.write({"weather.cli": b"def main():\n    print('copy')\n    return 3\n"})
    changed = start(launch, scratch, tmp_path)
    assert (changed.output, changed.exit) == (b"copy\n", 3)
    assert changed.differs_from(told) == "it failed with exit code 3"


@pytest.mark.parametrize(
    "command",
    ["python -m app", "python run.py", "python ./app", "app.cli", "app.cli:main", "python -c 'import app.cli'"],
)
def test_a_flat_layout_runs_from_the_copy(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python looks first where a script lies, or the command is given: that is the tree, and what moves is the copy."""
    start_app = "from app.cli import main\nmain()\n"
    files = {"app/cli.py": "import wave\ndef main(): pass\n", "app/__main__.py": start_app, "run.py": start_app}
    root = write_app(tmp_path / "project", files)
    monkeypatch.chdir(root)
    target = find_target(root)
    scratch = Scratch(target, tmp_path / "copy")
    (launch,) = launches(target, [command])
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "wave" in start(launch, scratch, empty).loaded
    scratch.write({"app.cli": b"import calendar\ndef main(): pass\n"})
    for loaded in (start(launch, scratch, empty).loaded, profiled(launch, scratch, empty).loaded):
        assert "app.cli" in loaded
        assert {"wave", "calendar"} & set(loaded) == {"calendar"}


def test_what_the_copy_has_not_stays_where_it_is(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """Such as an environment in the tree, and what lies elsewhere."""
    root = make_project()
    (root / ".venv" / "bin").mkdir(parents=True)
    scratch = Scratch(find_target(root), tmp_path / "copy")
    assert scratch.place_of(str(root / "src")) == str(scratch.root / "src")
    assert scratch.place_of(str(root)) == str(scratch.root)
    for path in (root / ".venv" / "bin", tmp_path):
        assert scratch.place_of(str(path)) == str(path)


def test_in_which_way_it_differs(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """A failure counts before the exit code, and that before the output."""
    target = find_target(make_project())
    told = start(launches(target, ["weather --help"])[0], Scratch(target, tmp_path / "copy"), tmp_path)
    assert told.differs_from(told) == ""
    assert replace(told, output=b"x").differs_from(told) == "its output differs"
    assert replace(told, exit=2, output=b"x").differs_from(told) == "its exit code is 2, not 0"
    assert replace(told, failure="raises KeyError", exit=2).differs_from(told) == "it raises KeyError"
    assert told.differs_from(replace(told, failure="raises KeyError")) == "it no longer fails"


def test_the_copy_comes_first(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """Children of the program find the copy, too; sets have the same order in each start."""
    scratch = Scratch(find_target(make_project()), tmp_path / "copy")
    variables = variables_for(scratch)
    assert variables["PYTHONPATH"].startswith(str(scratch.places[0]))
    assert variables["PYTHONHASHSEED"] == "0"
