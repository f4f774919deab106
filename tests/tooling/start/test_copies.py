"""Which copy of a project's modules its programs run, and what is said of it."""

import shutil
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.start.copies import copy_of, place_of
from deferred_imports.tooling.start.launch import imported
from deferred_imports.tooling.start.running import run_program


def test_which_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tree's modules are run, unless only the installed ones have the registry."""
    tree, site = tmp_path / "src", tmp_path / "site"
    for place in (tree, site):
        (place / "copied").mkdir(parents=True)
        (place / "copied" / "__init__.py").write_text("from . import _deferred\n", encoding="utf-8")
    (site / "copied" / "_deferred.py").write_text("", encoding="utf-8")
    registry = tree / "copied" / "_deferred.py"
    assert copy_of([tree], registry, "copied._deferred").in_tree  # nothing is installed
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))

    installed = copy_of([tree], registry, "copied._deferred")
    assert str(installed) == "the installed copy"
    assert run_program(imported("copied"), ["colorsys"], installed).failure is None
    registry.write_text("", encoding="utf-8")
    assert str(copy_of([tree], registry, "copied._deferred")) == "the tree"
    assert copy_of([tree]).in_tree


PYPROJECT = """\
[project]
name = "atlas"
version = "1"
scripts.atlas = "atlas.cli:main"

[tool.deferred-imports.imports]
wave = "wave"
"""


@pytest.fixture
def atlas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without a registry in its tree; the directory is that of what is installed, where there is nothing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    package = tmp_path / "src" / "atlas"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from . import _deferred as _deferred\n", encoding="utf-8")
    (package / "cli.py").write_text("import colorsys\n\n\ndef main():\n    colorsys.ONE_THIRD\n", encoding="utf-8")
    site = tmp_path / "venv" / "site-packages"
    site.mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.syspath_prepend(site)
    return site


@pytest.mark.parametrize("verb", ["check", "scan"])
@pytest.mark.parametrize("startup", ["atlas", "atlas.cli", "python -m atlas.cli"])
def test_every_verb_runs_the_same_copy(
    verb: str, startup: str, atlas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After `pip install .` the tree has no registry: `check` and `scan` both start what is installed, and say so."""
    shutil.copytree("src/atlas", atlas / "atlas")
    (atlas / "atlas" / "_deferred.py").write_text("", encoding="utf-8")

    assert cli.main([verb, "--startup", startup]) == 0
    assert "with the modules of the installed copy, in " in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["check", "scan"])
def test_an_older_copy(verb: str, atlas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is installed may be older than the tree, whose lines are told: then that is said."""
    shutil.copytree("src/atlas", atlas / "atlas")
    (atlas / "atlas" / "_deferred.py").write_text("", encoding="utf-8")
    Path("src/atlas/cli.py").write_text("def main():\n    pass\n", encoding="utf-8")
    Path("src/atlas/new.py").write_text("", encoding="utf-8")

    assert cli.main([verb, "--startup", "atlas"]) == 0
    told = capsys.readouterr().err
    assert "with the modules of the installed copy, in which 2 files of the tree are not as they are now, in " in told


@pytest.mark.parametrize("verb", ["check", "scan"])
def test_no_copy_has_a_registry(verb: str, atlas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What Python calls a circular import is one registry that is not there: the message says so, with the remedy."""
    assert not (atlas / "atlas").exists()

    assert cli.main([verb, "--startup", "atlas"]) == 1
    told = "".join(capsys.readouterr())
    remedy = 'install the project, or run "deferred-imports generate"'
    assert f'; the tree has no registry "_deferred.py": {remedy}' in told


def test_what_is_called_in_the_installed_copy(atlas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Functions that ran in the installed copy are those of the tree, which `scan` judges."""
    shutil.copytree("src/atlas", atlas / "atlas")
    (atlas / "atlas" / "_deferred.py").write_text("", encoding="utf-8")

    assert cli.main(["scan", "--startup", "atlas", "--all"]) == 0
    assert "but main ran during this start" in " ".join(capsys.readouterr().out.split())


def test_the_place_of_a_module() -> None:
    """The directory that holds its top-level package."""
    assert place_of("a.b", Path("src/a/b.py")) == Path("src")
    assert place_of("a.b", Path("src/a/b/__init__.py")) == Path("src")
