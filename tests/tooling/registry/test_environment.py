"""The environment that is asked what is installed."""

import sys
from pathlib import Path

import pytest

from deferred_imports.tooling.registry.environment import find_spec, here


def test_what_is_there_is_found_without_running_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spec is that which an import would use; parents are not executed."""
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer" / "__init__.py").write_text("raise SystemExit\n", encoding="utf-8")
    (tmp_path / "outer" / "inner.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    spec = find_spec("outer.inner")
    assert spec is not None
    assert spec.origin == str(tmp_path / "outer" / "inner.py")
    assert "outer" not in sys.modules
    assert find_spec("outer.nothing") is None


def test_what_a_user_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment is its directory, from here if it is below; without one it is the interpreter."""
    prefix = Path.cwd() / ".venv"
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert here() == ".venv"
    monkeypatch.setattr(sys, "base_prefix", str(prefix))
    assert here() == sys.executable
