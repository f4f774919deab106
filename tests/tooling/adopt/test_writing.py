"""How `adopt` writes into the user's tree (pitfall 2); links and modes are tested in `test_command`."""

import os
import subprocess
from pathlib import Path

import pytest

from deferred_imports.tooling.adopt.target import TargetError
from deferred_imports.tooling.adopt.writing import refuse_dirty, write_all


def test_what_has_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    """A file that does not hold what was read stays as it is, and so do all others."""
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_bytes(b"1\n")
    other.write_bytes(b"changed\n")
    with pytest.raises(TargetError, match=r"other\.py changed in the meantime, so nothing was written; try again$"):
        write_all({one: (b"1\n", b"2\n"), other: (b"1\n", b"2\n")})
    assert (one.read_bytes(), other.read_bytes()) == (b"1\n", b"changed\n")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may write anywhere")
def test_what_is_read_only_is_refused(tmp_path: Path) -> None:
    """A file that must not be written to is not, nor is any other then."""
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    for path in (one, other):
        path.write_bytes(b"1\n")
    other.chmod(0o444)
    with pytest.raises(TargetError, match=r"other\.py is read-only; nothing was written$"):
        write_all({one: (b"1\n", b"2\n"), other: (b"1\n", b"2\n")})
    assert one.read_bytes() == b"1\n"


def test_a_link_is_written_to_once(tmp_path: Path) -> None:
    """Where a module is a symbolic link, what it leads to is written, and it stays a link."""
    real, link = tmp_path / "real.py", tmp_path / "link.py"
    real.write_bytes(b"1\n")
    link.symlink_to("real.py")
    write_all({link: (b"1\n", b"2\n")})
    assert link.is_symlink()
    assert real.read_bytes() == b"2\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.py", "real.py"]


def test_what_git_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a repository that is said; whatever else keeps git from looking is said in its own words."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(TargetError, match=r"is under no version control; --allow-dirty writes all the same$"):
        refuse_dirty(tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)  # noqa: S607 - the one that adopt asks
    (tmp_path / ".git" / "config").write_text("[nonsense", encoding="utf-8")
    said = r"^git looks for no changes here: .*config.*; --allow-dirty writes all the same$"
    with pytest.raises(TargetError, match=said):
        refuse_dirty(tmp_path)
