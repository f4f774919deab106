"""The registry among the files that git ignores."""

from pathlib import Path, PurePosixPath

import pytest

from deferred_imports.tooling.init.ignoring import is_versioned, with_ignored


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "/src/app/_deferred.py\n"),
        ("*.pyc", "*.pyc\n/src/app/_deferred.py\n"),
        ("*.pyc\r\n", "*.pyc\r\n/src/app/_deferred.py\r\n"),
        ("_deferred.py\n", "_deferred.py\n"),
        ("**/_deferred.py\n", "**/_deferred.py\n"),
        ("/src/app/_deferred.py\n", "/src/app/_deferred.py\n"),
    ],
)
def test_a_line_is_added_once(before: str | None, after: str) -> None:
    """The line comes at the end, with the file's line ends, unless the file is ignored already."""
    assert with_ignored(before, PurePosixPath("src/app/_deferred.py")) == after


def test_names_mean_themselves() -> None:
    """What gitignore(5) reads as a pattern is escaped."""
    assert with_ignored(None, PurePosixPath("a b/[c]*.py")) == "/a\\ b/\\[c\\]\\*.py\n"


def test_who_looks_after_a_project(tmp_path: Path) -> None:
    """A .gitignore, or a repository here or above."""
    inner = tmp_path / "inner"
    inner.mkdir()
    assert not is_versioned(inner)
    (tmp_path / ".git").mkdir()
    assert is_versioned(inner)
