"""Programs whose imports are recorded, in a directory from which they import."""

import sys
from pathlib import Path

import pytest

from deferred_imports.prefetch import END, HEADER, parse_line
from deferred_imports.tooling.readahead.pipeline import record


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory from which the commands import."""
    path = tmp_path / "world"
    path.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(path))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.chdir(tmp_path)
    return path


def recorded(code: str, root: str = "path") -> list[tuple[int, list[tuple[int, int]], str]]:
    """Record a program; return size, ranges and path of what it read of the world, or else of another root."""
    made = record([sys.executable, "-c", code], Path("out"))
    first, *lines, last = made.path.read_text(encoding="utf-8").splitlines()
    assert (first, last) == (HEADER, END)
    parsed = list(map(parse_line, lines))
    assert None not in parsed
    return [item[1:] for item in parsed if item and item[0] == root]


def paths(code: str) -> list[str]:
    """Record a program; return what it read of the world, compiled or not."""
    tag = f".{sys.implementation.cache_tag}.pyc"
    return [name.replace(tag, "") for _, _, name in recorded(code)]
