"""Never stale: whatever has changed by the time of a call, the call sees it."""

import os
import py_compile
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import cache_from_source
from pathlib import Path
from time import perf_counter

import pytest

from deferred_imports.resident.staleness import Snapshot
from residents import PATIENCE, Program, shown, wait_for_end, wait_until

Atlas = Callable[..., Program]

CODE = """
    import helper
    try:
        import optional
    except ImportError:
        optional = None
    def main(): print(helper.VALUE, optional and optional.VALUE)
"""


def edit(program: Program) -> None:
    """Write other code; of the same size within a second, Python itself would not see it."""
    program.write({"helper.py": "VALUE = 2  # edited\n"})


def replace(program: Program) -> None:
    """Put another file in the place of the old one, with its size and its times."""
    old = program.path / "helper.py"
    times = old.stat()
    new = program.path / "helper.new"
    new.write_text("VALUE = 2\n", "utf-8")
    os.utime(new, ns=(times.st_atime_ns, times.st_mtime_ns))
    for compiled in program.path.glob("__pycache__/helper.*"):
        compiled.unlink()
    new.rename(old)


def install(program: Program) -> None:
    """Write a module that was absent."""
    program.write({"optional.py": "VALUE = 2\n"})


def remove(program: Program) -> None:
    """Remove a module."""
    (program.path / "helper.py").unlink()


def path_entry(program: Program) -> None:
    """Create a directory that is on the path and was not there."""
    program.write({"later/optional.py": "VALUE = 3\n"})


@pytest.mark.parametrize("change", [edit, replace, install, remove, path_entry])
def test_the_next_call_sees_a_change(change: Callable[[Program], None], atlas: Atlas) -> None:
    """19, 20: an edit, a file put in the place of another, a module that appears or goes, a directory on the path."""
    program = atlas(CODE)
    program.write({"helper.py": "VALUE = 1\n"})
    program.variables["PYTHONPATH"] += f":{program.path}/later"
    program.start()
    assert program.both().stdout == b"1 None\n"
    server = program.pid()
    change(program)
    through = program.run()
    direct = program.run(resident=False)
    assert (through.returncode, through.stdout, through.stderr) == (direct.returncode, direct.stdout, direct.stderr)
    assert through.stdout != b"1 None\n"
    wait_for_end(server)
    assert "ended: " in program.events()
    if change is not remove:
        program.start()
        assert program.both().stdout == direct.stdout


def test_any_of_many_files(atlas: Atlas) -> None:
    """19: server and child compare a part of the files each, and what either finds has the call run directly."""
    program = atlas("""
        import pathlib
        here = pathlib.Path(__file__).parent
        texts = "".join((here / "data" / f"{number:03}").read_text() for number in range(1000))
        def main(): print(texts.strip("."))
    """)
    # So many that the first is the server's and the last the child's, wherever the files of Python itself lie.
    program.write({f"data/{number:03}": "." for number in range(1000)})
    for number in (0, 500, 999):
        program.start()
        server = program.pid()
        assert program.both().stdout.count(b"x") == bool(number) + (number == 999)
        program.write({f"data/{number:03}": "x"})
        assert shown(program.run()) == shown(program.run(resident=False))
        wait_for_end(server)
        assert f"data/{number:03} has changed; 1 calls" in program.events()


def test_what_an_environment_is_made_of(atlas: Atlas, tmp_path: Path) -> None:
    """19: ``pyvenv.cfg``, a ``.pth`` file, a library in C, and dist-info that appears: each ends the process."""
    import _queue

    if not hasattr(_queue, "__file__"):
        pytest.skip("this Python is built in one piece")
    library = Path(_queue.__file__)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    program = atlas("import _queue\ndef main(): print(_queue.__file__)", str(tmp_path / "venv" / "bin" / "python"))
    (packages,) = (tmp_path / "venv" / "lib").glob("*/site-packages")
    ours = packages / library.name
    shutil.copy(library, ours)
    program.variables["PYTHONPATH"] += f":{packages}"
    configuration, path = tmp_path / "venv" / "pyvenv.cfg", packages / "more.pth"
    path.write_text("# nothing\n", "utf-8")
    later = time.time() + 60
    for change, reason in (
        (
            lambda: configuration.write_text(f"{configuration.read_text('utf-8')}\n", "utf-8"),
            f"{configuration} has changed",
        ),
        (lambda: path.write_text("# nothing else\n", "utf-8"), f"{path} has changed"),
        (lambda: os.utime(ours, (later, later)), f"{ours} has changed"),
        ((packages / "other-1.dist-info").mkdir, f"{packages} has or had other-1.dist-info"),
    ):
        program.start()
        assert program.both().stdout == f"{ours}\n".encode()
        server = program.pid()
        change()
        assert program.run().stdout == f"{ours}\n".encode()
        wait_for_end(server)
        assert f"ended: {reason}" in program.events()


@pytest.mark.parametrize("hours", [1, -1])
def test_files_of_another_time(hours: int, atlas: Atlas) -> None:
    """28: files from the future are no reason to start again and again; a clock that was set back hides no edit."""
    program = atlas(CODE)
    program.write({"helper.py": "VALUE = 1\n"})
    helper = program.path / "helper.py"
    then = time.time_ns() + hours * 3600 * 10**9
    os.utime(helper, ns=(then, then))
    program.start()
    assert program.both().stdout == b"1 None\n"
    server = program.pid()
    helper.write_text("VALUE = 2\n", "utf-8")
    os.utime(helper, ns=(then - 10**9, then - 10**9))
    assert program.run().stdout == b"2 None\n"
    wait_for_end(server)
    program.start()
    assert program.both().stdout == b"2 None\n"


def test_a_file_that_changes_while_it_is_loaded(atlas: Atlas) -> None:
    """19, 28: nobody knows which of both was loaded, whatever time the file has afterwards: it is loaded again."""
    program = atlas("""
        import os
        import helper
        if not os.path.exists("edited"):
            open("edited", "w").close()
            open(helper.__file__, "w").write("VALUE = 2\\n")
            os.utime(helper.__file__, (1e9, 1e9))
        def main(): print(helper.VALUE)
    """)
    program.write({"helper.py": "VALUE = 1\n"})
    program.start()
    assert program.both().stdout == b"2\n"
    assert "helper.py changed while it was loaded" in program.events()


def test_what_does_not_matter_changes_nothing(atlas: Atlas) -> None:
    """19: files that no import could find come and go beside the code, and the process stays."""
    program = atlas("def main(): open('output.txt', 'w').close()")
    program.start()
    server = program.pid()
    for _ in range(3):
        assert program.run().returncode == 0
        (program.path / "output.txt").unlink()
    assert (program.pid(), program.served()) == (server, 3)


def test_bytecode_of_the_same_source_changes_nothing(atlas: Atlas) -> None:
    """19: what other processes write or remove of it is the same code; bytecode of another source is a change."""
    program = atlas("import helper\ndef main(): print(helper.VALUE)")
    program.write({"helper.py": "VALUE = 1\n"})
    program.start()
    assert program.both().stdout == b"1\n"
    server = program.pid()
    helper = program.path / "helper.py"
    compiled = Path(cache_from_source(str(helper)))
    for again in (False, True):
        if again:
            py_compile.compile(str(helper), doraise=True)
        else:
            compiled.unlink()
        assert program.run().stdout == b"1\n"
    assert (program.pid(), program.served()) == (server, 3), program.events()
    content = compiled.read_bytes()
    compiled.write_bytes(content[:8] + b"\0\0\0\0" + content[12:])
    assert program.run().stdout == b"1\n"
    wait_for_end(server)
    assert f"ended: {compiled} has changed" in program.events()


def test_an_upgrade_while_a_call_runs(atlas: Atlas) -> None:
    """22: that call finishes with the code that it began with, and the old process ends after it."""
    program = atlas("""
        import helper, sys
        def main():
            print(helper.VALUE, flush=True)
            sys.stdin.readline()
            print(helper.VALUE)
    """)
    program.write({"helper.py": "VALUE = 1\n"})
    program.start()
    server = program.pid()
    call = program.popen(stdin=subprocess.PIPE)
    assert call.stdout is not None
    assert call.stdout.readline() == b"1\n"
    edit(program)
    assert program.run(stdin=b"\n").stdout == b"2\n2\n"
    assert call.communicate(b"\n", timeout=PATIENCE)[0] == b"1\n"
    wait_for_end(server)


def test_two_worktrees(atlas: Atlas) -> None:
    """21, 35: the same program in two directories has two processes."""
    first, second = atlas("def main(): print(1)"), atlas("def main(): print(2)")
    second.variables["XDG_RUNTIME_DIR"] = first.variables["XDG_RUNTIME_DIR"]
    first.start()
    assert second.run().stdout == b"2\n"
    assert first.both().stdout == b"1\n"
    wait_until(lambda: len(first.processes()) == 2, "the second does not get ready")
    assert second.run().stdout == b"2\n"
    assert first.served() == 2, first.events()


def test_another_version_of_ours(atlas: Atlas) -> None:
    """23: a request in another format is refused, whatever it says, and the process goes on."""
    import _socket

    program = atlas("def main(): print('well')")
    program.start()
    (path,) = program.directory.glob("*.socket")
    for text in (b"deferred-imports 2\n" + bytes(8), b"\x80\x04garbage", b"deferred-imports 1\n" + b"\xff" * 8):
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        connection.connect(str(path))
        connection.sendall(text)
        assert b"makes no sense" in connection.recv(4096)
        connection.close()
    assert program.both().stdout == b"well\n"


def test_comparing_2000_files(tmp_path: Path) -> None:
    """19: it is done before each call, one system call for each; `hatch run resident` says how long it takes.

    The last ones are for the child to compare.
    """
    files = [tmp_path / f"file{number:04}" for number in range(2000)]
    for file in files:
        file.touch()
    snapshot = Snapshot(map(str, files), [str(tmp_path)])
    begin = perf_counter()
    assert snapshot.changed() == ""
    assert perf_counter() - begin < 1
    called: list[str] = []
    former = sys.getprofile()
    sys.setprofile(lambda _, event, what: called.append(what.__name__) if event == "c_call" else None)
    try:
        snapshot.changed()
    finally:
        sys.setprofile(former)
    assert called.count("stat") == 2001
    assert set(called) <= {"stat", "len", "items", "setprofile"}
    files[-1].write_text("x", "utf-8")
    assert snapshot.changed_first() == ""
    assert snapshot.changed() == f"{files[-1]} has changed"
    assert Snapshot.read(snapshot.write()).changed() == f"{files[-1]} has changed"
