"""Starts of programs from a copy of the tree."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.adopt.starts import start, variables_for
from deferred_imports.tooling.adopt.target import find_target, launches


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
