"""Contracts of import-linter: a move keeps them, since no module imports another one than before."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deferred_imports.tooling import cli

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


def test_contracts_are_kept(make_project: Callable[..., Path]) -> None:
    """Below `TYPE_CHECKING`, in functions, and read from the module itself: it is the same graph (pitfall 32)."""
    root = make_project()
    (root / ".importlinter").write_text(CONTRACTS, encoding="utf-8")
    assert cli.main(["adopt", "--write", "--yes", "--allow-dirty"]) == 0
    assert "from weather.cli import render" in (root / "src/weather/cli.py").read_text(encoding="utf-8")
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, 'src'); {code}"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Contracts: 2 kept, 0 broken." in done.stdout
