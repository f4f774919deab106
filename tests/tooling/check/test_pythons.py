"""What the project requires of the standard library, and some Python that it supports has not in it."""

from pathlib import Path

import pytest

from deferred_imports.tooling import cli

TABLE = """
[project]
name = "app"
{python}
[tool.deferred-imports]
discover = true
[tool.deferred-imports.imports]
asyncore = {{ module = "asyncore"{asyncore} }}
toml = ["tomllib", "json"]
json = "json.decoder"
"""
CODE = """
import sys
from . import _deferred as d
def f():
    import smtpd
def g():
    if sys.version_info < (3, 12):
        import distutils.core
    try:
        import telnetlib
    except ImportError:
        telnetlib = None
    return d.asyncore, d.toml, d.json
"""


def found(root: Path, capsys: pytest.CaptureFixture[str], python: str, asyncore: str = "") -> list[str]:
    files = {"pyproject.toml": TABLE.format(python=python, asyncore=asyncore)}
    files |= {"app/__init__.py": "from . import _deferred as _deferred\n", "app/m.py": CODE}
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    assert cli.main(["generate"]) == 0
    capsys.readouterr()
    cli.main(["check", "--no-environment"])
    return [line for line in capsys.readouterr().out.splitlines() if "[module-missing]" in line]


def test_each_python_that_is_supported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever Python checks, what another lacks is found; fallbacks, markers and conditions are no fault."""
    monkeypatch.chdir(tmp_path)
    what = 'asyncore: "asyncore" is not in the standard library of Python 3.12 to 3.15, which requires-python allows'
    remedy = "say so by marker = \"python_version < '3.12'\", or name something else after it"
    wanted = [f"pyproject.toml:8: {what}; {remedy} [module-missing]"]
    assert found(tmp_path, capsys, 'requires-python = ">=3.10"') == wanted
    marker = ", marker = \"python_version < '3.12'\""
    assert found(tmp_path, capsys, 'requires-python = ">=3.8"', marker) == []
    assert found(tmp_path, capsys, 'requires-python = ">=3.10,<3.12"') == []
    assert found(tmp_path, capsys, "") == []
