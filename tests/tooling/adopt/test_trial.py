"""Trying moves in the copy: starts and imports of each module alone, compared with what was before."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.package import read_package
from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.adopt.target import find_target, launches
from deferred_imports.tooling.adopt.trial import Trial

MOVED = frozenset({Name("weather.cli", "minidom")})


@pytest.fixture
def trial(make_project: Callable[..., Path], tmp_path: Path) -> Trial:
    """A trial of the small project, which has a module that needs another one to be imported first."""
    root = make_project(
        src__weather__late="import xml\n\nPARSER = xml.dom.minidom.parse\n", src__weather__wrong="X = 1 / 0\n"
    )
    target = find_target(root)
    package = read_package(target.root, target.files, target.entry_points)
    commands = ["weather --help", "python -c 'import weather.cli, weather.late'"]
    return Trial(package, Scratch(target, tmp_path / "copy"), launches(target, commands), tmp_path)


def test_a_start_that_does_what_it_did(trial: Trial) -> None:
    """A start with a move is compared with one without, and loads less."""
    first, *_ = trial.starts(MOVED)
    assert "xml.dom.minidom" not in first.loaded
    assert "xml.dom.minidom" in trial.before[0].loaded


def test_what_relied_on_the_import_of_another_is_mended(trial: Trial) -> None:
    """A module that read a submodule which only another one had imported imports that itself from now on."""
    assert "has no attribute 'dom'" in trial.wrong(trial.starts(MOVED))
    assert trial.holds(MOVED)
    assert set(trial.extra) == {"weather.late"}


def test_each_module_alone(trial: Trial) -> None:
    """A module that cannot be imported by itself is told, with what it raises; the others can."""
    found = trial.alone(frozenset(), ["weather.cli", "weather.wrong", "weather.late"])
    assert list(found) == ["weather.wrong"]
    assert "ZeroDivisionError" in found["weather.wrong"]


def test_all_that_happens(trial: Trial) -> None:
    """The first start is measured with the lines that import."""
    startup = trial.measured(frozenset())
    assert ("weather.cli", "xml.dom.minidom") in {(edge.importer, edge.module) for edge in startup.edges}
