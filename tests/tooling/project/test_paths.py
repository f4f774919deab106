"""Paths as messages show them."""

from pathlib import Path

import pytest

from deferred_imports.tooling.project.paths import shown


def test_from_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path below the working directory is shown from there, with slashes; any other as it is."""
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    assert shown(tmp_path / "inner" / "a" / "b.py") == "a/b.py"
    assert shown(Path("a.py")) == "a.py"
    assert shown(tmp_path / "a.py") == str(tmp_path / "a.py")
