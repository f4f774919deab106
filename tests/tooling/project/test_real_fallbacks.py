"""Fallbacks between real packages, which an index has: what the code gets is what an eager start gets."""

import subprocess
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from indexed import install
from processes import RUNTIME

PROJECT = """
[project]
name = "app"
dependencies = ["pydantic>=2", "pydantic-settings"]
[tool.deferred-imports]
discover = true
"""
SETTINGS = """
def load():
    try:
        from pydantic import BaseSettings
    except ImportError:
        from pydantic_settings import BaseSettings
    return BaseSettings
"""


@pytest.mark.network
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="is tried on Python 3.11")
def test_settings_of_pydantic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pydantic 2 raises an ImportError of its own for BaseSettings: an eager start takes that of pydantic_settings."""
    python = install(tmp_path / "venv", "pydantic>=2", "pydantic-settings")
    package = tmp_path / "src" / "app"
    package.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (package / "__init__.py").write_text("from . import _deferred as _deferred\n", encoding="utf-8")
    (package / "settings.py").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["generate"]) == 0
    code = (
        "import app, sys; print('pydantic_settings' in sys.modules); import app.settings;"
        "from deferred_imports import resolve_now as resolve; print(app.settings.load().__module__, resolve().broken)"
    )
    env = {"PYTHONPATH": f"{tmp_path / 'src'}:{RUNTIME}", "PYDEFER_EAGER": "1"}
    shown = subprocess.run([python, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert shown.stderr == ""
    assert shown.stdout.splitlines() == ["True", "pydantic_settings.main []"]
