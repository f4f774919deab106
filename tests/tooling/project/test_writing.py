"""Files that are written whole: their mode and owner stay, and what a killed process has left goes."""

import os
import time
from pathlib import Path

import pytest

from deferred_imports.tooling.project.writing import write_whole

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o440])
def test_the_mode_stays(mode: int, tmp_path: Path) -> None:
    """A file that is replaced has the mode that it had."""
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)

    write_whole(path, b"new")
    assert (path.stat().st_mode & 0o777, path.read_bytes()) == (mode, b"new")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give a file away")
def test_the_owner_stays(tmp_path: Path) -> None:
    """What root writes belongs to the one who owned it before."""
    path = tmp_path / "file"
    path.touch()
    os.chown(path, 1234, 1235)

    write_whole(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)


def test_leftovers_go(tmp_path: Path) -> None:
    """What a process left that was killed long ago is removed; what another may be writing stays."""
    names = [f".file.py.{'a' * 32}.pyo", f".file.{'b' * 32}.pyo", f".file.py.{'c' * 32}.pyo", ".file.py.mine.pyo"]
    for name in (*names, f".other.py.{'d' * 32}.pyo"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - 86400,) * 2)
    os.utime(tmp_path / names[2])

    write_whole(tmp_path / "file.py", b"new")
    assert {path.name for path in tmp_path.iterdir()} == {"file.py", *names[2:], f".other.py.{'d' * 32}.pyo"}


def test_the_message_names_the_file(tmp_path: Path) -> None:
    """An error names what was to be written, not the file beside it."""
    path = tmp_path / "nowhere" / "file"
    with pytest.raises(OSError, match="No such file") as error:
        write_whole(path, b"")
    assert error.value.filename == str(path)
