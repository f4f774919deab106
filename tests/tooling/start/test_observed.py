"""A start as tests ask about it."""

from pathlib import Path

import pytest

from deferred_imports.tooling.start.observed import observer
from goldens import write_app


def test_what_a_start_loads(tmp_path: Path) -> None:
    """A module that is loaded fails with the lines that led there; what lies below counts, what is not there passes."""
    root = write_app(tmp_path, {"app/__init__.py": "import app.cli\n", "app/cli.py": "import wave\n"})
    startup = observer(root)("app")
    startup.loads_not("tomllib", "wav")
    with pytest.raises(AssertionError, match=r"^app loads wave\n  .*__init__\.py:1\n  .*cli\.py:1$"):
        startup.loads_not("wave")
    with pytest.raises(AssertionError, match="app loads app"):
        startup.loads_not("app")
    assert "wave" in startup.modules
    assert repr(startup) == f"<app: {len(startup.modules)} modules>"


def test_a_start_that_fails(tmp_path: Path) -> None:
    """It fails the test in words."""
    root = write_app(tmp_path, {"app/__init__.py": "raise ValueError\n"})
    with pytest.raises(AssertionError, match=r"app: the start .*ValueError"):
        observer(root)("app")
