"""The imports that led to a module, one below the other."""

from pathlib import Path

import pytest

from deferred_imports.tooling.check.chains import Frame, chain_lines, place_in_project


def test_a_chain_in_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step shows place and source, with the function it stands in; a repeated step is told once."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "app.py"
    file.write_text("import a\ndef f():\n    import b\n", encoding="utf-8")
    steps = [
        Frame(str(file), 1, "<module>"),
        Frame(str(file), 3, "f"),
        Frame(str(file), 3, "f"),
        Frame("/gone.py", 9, "g"),
    ]
    assert chain_lines(steps) == ("app.py:1: import a", "app.py:3 (in f): import b", "/gone.py:9 (in g)")


def test_the_line_to_change(tmp_path: Path) -> None:
    """It is the innermost in the project; an installed copy stands for the tree's file; without one, pyproject.toml."""
    root = tmp_path / "project"
    inner = root / "src" / "app" / "cli.py"
    inner.parent.mkdir(parents=True)
    inner.touch()
    foreign = tmp_path / "site-packages" / "other.py"
    installed = tmp_path / "site-packages" / "app" / "cli.py"
    places = [root / "src"]
    steps = [
        Frame(str(inner), 4, "<module>"),
        Frame(str(installed), 7, "main"),
        Frame(str(foreign), 1, "<module>"),
    ]
    assert place_in_project(steps, root, places) == (inner, 7)
    assert place_in_project(steps[:1], root, places) == (inner, 4)
    assert place_in_project(steps[2:], root, places) == (root / "pyproject.toml", 1)
