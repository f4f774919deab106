"""The record as a file: what it replaces, how it grows, and whether it is still true."""

import os
import sys
from pathlib import Path

import pytest

import recording
from deferred_imports.prefetch import HEADER
from deferred_imports.tooling.readahead.observing import NothingRecordedError
from deferred_imports.tooling.readahead.pipeline import record
from recording import paths
from trees import write

world = recording.world


def test_the_default_place(world: Path, tmp_path: Path) -> None:
    """Without -o, the record lies in the `sys.prefix` of the program."""
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    (prefix / "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix) / 'bin'}\n", encoding="utf-8")
    (prefix / "bin").mkdir()
    python = prefix / "bin" / "python"
    python.symlink_to(os.path.realpath(sys.executable))
    write(world, {"a.py": ""})
    assert record([str(python), "-c", "import a"], None).path == prefix / "deferred-imports.record"


def test_other_files_are_not_replaced(world: Path) -> None:
    """A record replaces a record, and nothing else; the directory holds nothing more afterwards."""
    out = world / "out"
    record([sys.executable, "-c", ""], out)
    record([sys.executable, "-c", ""], out)
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(NothingRecordedError, match="not a read-ahead record, so it was not replaced"):
        record([sys.executable, "-c", ""], out)
    assert (list(world.iterdir()), out.read_text(encoding="utf-8")) == ([out], "mine")


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe"])
def test_links_and_pipes_are_not_followed(kind: str, world: Path) -> None:
    """What is neither there nor a file is refused before the command has run in vain, and stays as it is."""
    out, ran, victim = world / "out", world / "ran", world / "victim"
    if kind == "pipe":
        os.mkfifo(out)
    else:
        out.symlink_to(victim)
        if kind == "link":
            victim.write_text(HEADER, encoding="utf-8")
    before = out.lstat()[:7], out.lstat().st_mtime_ns  # not when it was read, as to look at a link reads it

    with pytest.raises(NothingRecordedError, match="so it was not replaced"):
        record([sys.executable, "-c", f"open({str(ran)!r}, 'w')"], out)
    assert not ran.exists()
    assert (out.lstat()[:7], out.lstat().st_mtime_ns) == before
    assert victim.exists() == (kind == "link")


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_no_name_that_could_be_guessed(world: Path) -> None:
    """Links that somebody has placed beside the record, by the number of our process, lead nowhere."""
    victim = world / "victim"
    victim.write_text("secret", encoding="utf-8")
    for name in (f"out.{os.getpid()}.new", ".out.pyo", ".out.new"):
        (world / name).symlink_to(victim)

    record([sys.executable, "-c", ""], world / "out")
    assert victim.read_text(encoding="utf-8") == "secret"
    assert not (world / "out").is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_mode_of_a_record_stays(world: Path) -> None:
    """A record that only its owner may read is so when it has been renewed."""
    out = world / "out"
    record([sys.executable, "-c", ""], out)
    out.chmod(0o600)
    record([sys.executable, "-c", ""], out)
    assert out.stat().st_mode & 0o777 == 0o600


def test_runs_add_up(world: Path) -> None:
    """A second run adds what it reads, and a file that is gone since is left out."""
    write(world, {"a.py": "", "b.py": "", "c.py": ""})
    assert paths("import a, c") == ["__pycache__/a", "__pycache__/c"]
    assert paths("import b") == ["__pycache__/a", "__pycache__/c", "__pycache__/b"]

    cached = next((world / "__pycache__").glob("c.*"))
    cached.unlink()
    (world / "c.py").unlink()
    assert paths("import b") == ["__pycache__/a", "__pycache__/b"]
