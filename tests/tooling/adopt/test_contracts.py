"""Contracts of import-linter: a move keeps them, and how they are kept where the registry serves names."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling import cli

ADOPT = ["adopt", "--write", "--yes", "--allow-dirty", "--startup", "weather --help", "--startup", "weather.model"]
CONTRACTS = """
[importlinter]
root_package = weather

[importlinter:contract:layers]
name = Layers
type = layers
layers =
    weather.cli
    weather.report
    weather.model

[importlinter:contract:independent]
name = Apart
type = independence
modules =
    weather.report
    weather.model
"""


MODEL = '''"""Models."""

import html


class Forecast:
    value = 1


def text(value):
    return html.escape(value)
'''
PATCHING = """from unittest import mock

import weather.model


def test_text():
    with mock.patch("weather.model.html"):
        weather.model.text("a")
"""


def lint(root: Path) -> str:
    """Return what import-linter says of a project."""
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, 'src'); {code}"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout + done.stderr


def test_contracts_are_kept(make_project: Callable[..., Path]) -> None:
    """Below `TYPE_CHECKING`, in functions, and read from the module itself: it is the same graph (pitfall 32)."""
    root = make_project(src__weather__model=MODEL, tests__test_model=PATCHING)
    (root / ".importlinter").write_text(CONTRACTS, encoding="utf-8")
    assert cli.main([*ADOPT, "--no-table"]) == 0
    assert "from weather.cli import render" in (root / "src/weather/cli.py").read_text(encoding="utf-8")
    assert "from weather.model import html" in (root / "src/weather/model.py").read_text(encoding="utf-8")
    assert "Contracts: 2 kept, 0 broken." in lint(root)


def test_contracts_see_through_the_registry(
    make_project: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """They would be broken by it; what is said before says how they are kept (pitfall 32)."""
    root = make_project(src__weather__model=MODEL, tests__test_model=PATCHING)
    (root / ".importlinter").write_text(CONTRACTS, encoding="utf-8")
    assert cli.main([*ADOPT]) == 0
    ignored = 'in each, ignore_imports "weather.** -> weather._deferred" lets that be\n'
    assert ignored in capsys.readouterr().err
    assert "broken" in lint(root)
    assert "Contracts: 2 kept, 0 broken." not in lint(root)
    line = "ignore_imports =\n    weather.** -> weather._deferred\n"
    contracts = CONTRACTS.replace("type = layers\n", f"type = layers\n{line}")
    contracts = contracts.replace("type = independence\n", f"type = independence\n{line}")
    (root / ".importlinter").write_text(contracts, encoding="utf-8")
    assert "Contracts: 2 kept, 0 broken." in lint(root)
