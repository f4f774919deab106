"""The project whose imports move: what it ships, and what starts it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling.adopt.target import TargetError, check_package, find_target, launches


def test_what_a_project_ships(make_project: Callable[..., Path]) -> None:
    """Its modules, where they lie, its scripts and entry points, and the oldest Python."""
    root = make_project()
    manifest = root / "pyproject.toml"
    manifest.write_text(f'{manifest.read_text("utf-8")}requires-python = ">=3.11"\n', encoding="utf-8")
    target = find_target(root)
    assert set(target.files) == {"weather", "weather.cli", "weather.model", "weather.report"}
    assert target.places == (root / "src",)
    assert target.scripts == {"weather": "weather.cli:main"}
    assert "weather.cli:main" in target.entry_points
    assert target.minimum == (3, 11)


def test_a_directory_without_a_package(tmp_path: Path) -> None:
    """There is nothing to adopt, and the error says where."""
    with pytest.raises(TargetError, match=r"^no package in "):
        find_target(tmp_path)


def test_what_is_started(make_project: Callable[..., Path]) -> None:
    """What the user names; else the script that is called like the package, with `--help`."""
    target = find_target(make_project())
    assert [launch.shown for launch in launches(target, [])] == ["weather --help"]
    assert [launch.shown for launch in launches(target, ["weather now"])] == ["weather now"]


def test_without_a_script_the_package_is_imported(make_project: Callable[..., Path]) -> None:
    """A library is started by importing it."""
    root = make_project()
    (root / "pyproject.toml").write_text('[project]\nname = "weather"\nversion = "1"\n', encoding="utf-8")
    assert [launch.shown for launch in launches(find_target(root), [])] == ["import weather"]


def test_a_module_of_the_project(make_project: Callable[..., Path]) -> None:
    """A name that is none is answered with what there is."""
    target = find_target(make_project())
    assert check_package(target, "weather.cli") == "weather.cli"
    with pytest.raises(TargetError, match=r'^expected a package or a module of "weather", got "wether"$'):
        check_package(target, "wether")
