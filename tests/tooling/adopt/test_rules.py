"""Rules of the project's own linters that a move breaks are said before anything is tried (pitfall 32)."""

from pathlib import Path

import pytest

from deferred_imports.tooling.adopt.rules import endangered, forbidding

PLC = "ruff's PLC0415 (import-outside-top-level)"


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ("", ""),
        ('select = ["PLC0415"]\n', PLC),
        ('select = ["PL"]\n', PLC),
        ('select = ["ALL"]\n', PLC),
        ('select = ["ALL"]\nignore = ["PLC"]\n', ""),
        ('extend-select = ["PLC0415"]\nignore = ["PLC"]\n', PLC),
        ('select = ["E4"]\n', ""),
    ],
)
def test_imports_in_functions(configuration: str, expected: str, tmp_path: Path) -> None:
    """Of what is selected and what is ignored, what is named more exactly wins."""
    (tmp_path / "ruff.toml").write_text(f"[lint]\n{configuration}", encoding="utf-8")
    assert forbidding(tmp_path) == expected


def test_pylint(tmp_path: Path) -> None:
    """It forbids imports in functions unless that is disabled."""
    (tmp_path / ".pylintrc").write_text("[MASTER]\n", encoding="utf-8")
    assert forbidding(tmp_path) == "pylint's import-outside-toplevel (C0415)"
    (tmp_path / ".pylintrc").write_text("[MASTER]\ndisable=import-outside-toplevel\n", encoding="utf-8")
    assert forbidding(tmp_path) == ""


SEEN = "import-linter's contracts see that modules import app._deferred, and by that all that it serves"
REMEDY = 'in each, ignore_imports "app.** -> app._deferred" lets that be'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[[tool.importlinter.contracts]]\ntype = "layers"\n'),
        (".importlinter", "[importlinter:contract:1]\ntype = layers\n"),
        ("setup.cfg", "[importlinter:contract:1]\ntype = layers\n"),
    ],
)
def test_contracts(name: str, text: str, tmp_path: Path) -> None:
    """Wherever import-linter reads them, what to do is said; a contract that knows all modules takes one thing more."""
    assert list(endangered(tmp_path, "app._deferred")) == []
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(endangered(tmp_path, "app._deferred")) == [f"{SEEN}; {REMEDY}"]
    (tmp_path / name).write_text(f"{text}exhaustive = true\n", encoding="utf-8")
    exhaustive = 'and in what is exhaustive exhaustive_ignores "_deferred"'
    assert list(endangered(tmp_path, "app._deferred")) == [f"{SEEN}; {REMEDY}, {exhaustive}"]
