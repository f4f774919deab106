"""Which modules serve what the table exports from them; the findings are in `tests/cases/check/not-exported`."""

from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from goldens import CASES, unpack


@pytest.mark.parametrize(
    ("source", "serves"),
    [
        ("from ._deferred import *\nattach(globals())\n", True),
        ("from ._deferred import attach\n\nif True:\n    attach(globals())\n", True),
        ("from . import _deferred\n_deferred.attach(globals())\n", True),
        ("from ._deferred import *\n", False),
        ("# attach(globals())\n", False),
        ("def", True),  # nobody can tell
    ],
)
def test_a_module_serves_its_exports_by_attach(
    source: str, serves: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A module that calls `attach` in any spelling serves them; a comment, or the import alone, does not."""
    root = unpack(CASES / "check" / "not-exported.project", tmp_path)
    (root / "src/weather/charts.py").write_text(source, encoding="utf-8")
    monkeypatch.chdir(root)
    cli.main(["check", "--no-environment"])
    assert ('"weather.charts", which does not serve it' not in capsys.readouterr().out) == serves
