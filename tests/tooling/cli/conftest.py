"""What the tests of the command have in common: the sample project, in which it is called."""

from pathlib import Path

import pytest

from commands import TABLE
from goldens import lay_out


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample project, in which the command is called."""
    monkeypatch.chdir(lay_out(TABLE, tmp_path))
    (tmp_path / "src" / "weather" / "cli.py").write_text("from . import _deferred\n", encoding="utf-8")
    return tmp_path
