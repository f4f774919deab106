"""What `record` writes: the files that a command's imports read, in the order of use, relative to its environment."""

import os
import sys
from pathlib import Path

import pytest

import recording
from deferred_imports.prefetch import END, HEADER
from deferred_imports.tooling.readahead.pipeline import record
from processes import RUNTIME, clean_env
from recording import paths, recorded
from trees import write

world = recording.world

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells which pages were used")


def test_what_is_read_in_the_order_of_use(world: Path) -> None:
    """Modules come compiled, although the first run has read their sources; then the files that they read."""
    write(world, {"b/__init__.py": "import b.z, a", "b/z.py": "", "a.py": "", "b/data.txt": "x", "unused.py": ""})
    code = "import b, pathlib; pathlib.Path(b.__file__).with_name('data.txt').read_text()"
    assert paths(code) == ["b/__pycache__/__init__", "b/__pycache__/z", "__pycache__/a", "b/data.txt"]
    assert paths(code) == ["b/__pycache__/__init__", "b/__pycache__/z", "__pycache__/a", "b/data.txt"]


def test_the_same_run_gives_the_same_record(world: Path) -> None:
    """Sources that are read as such, because nothing may be written, are recorded with their size, each time alike."""
    write(world, {"a.py": "x = 1\n", "b.py": "import a\n"})
    code = "import sys; sys.dont_write_bytecode = True; import b, a"
    expected = [(9, [(0, 9)], "b.py"), (6, [(0, 6)], "a.py")]
    assert [recorded(code), recorded(code)] == [expected, expected]


def test_the_standard_library_is_below_its_prefix(world: Path) -> None:
    """Each file is below the environment, the interpreter's own or the path, and is there."""
    write(world, {"a.py": "import json"})
    names = [name for root in ("prefix", "base") for _, _, name in recorded("import a", root)]
    assert any(name.endswith(f"json/__pycache__/decoder.{sys.implementation.cache_tag}.pyc") for name in names)
    assert all((Path(sys.prefix) / name).exists() or (Path(sys.base_prefix) / name).exists() for name in names)


def test_what_is_outside_is_left_out(world: Path, tmp_path: Path) -> None:
    """Neither other files nor links to them are recorded, nor what is written or not there."""
    write(tmp_path, {"secret": "x", "secret.py": ""})
    (world / "link.py").symlink_to(tmp_path / "secret.py")
    code = f"""
import link
open({str(tmp_path / "secret")!r}).close()
open({str(world / "new")!r}, "w").write("x")
try: open({str(world / "gone")!r})
except OSError: pass
"""
    assert paths(code) == ["__pycache__/link"]


@linux
def test_of_a_large_file_what_was_used(world: Path) -> None:
    """Of a file that is mapped, as libraries are, the parts that were used are recorded, and no others."""
    (world / "library").write_bytes(b"x" * (32 << 20))
    code = f"""
import mmap
file = open({str(world / "library")!r}, "rb")
view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
view[0], view[20 << 20]
"""
    ((size, ranges, name),) = recorded(code)
    assert (size, name, len(ranges)) == (32 << 20, "library", 2)
    assert sum(length for _, length in ranges) <= 2 * (2 << 20)  # the kernel may have mapped a huge page around each
    assert ranges[0][0] == 0
    assert ranges[1][0] <= 20 << 20 < sum(ranges[1])


def test_a_large_file_that_was_read(world: Path) -> None:
    """When nobody knows what of it was used, it is left out, and the recording says so."""
    (world / "data").write_bytes(b"x" * (20 << 20))
    made = record([sys.executable, "-c", f"open({str(world / 'data')!r}).close()"], Path("out"))
    assert made.left_out == (str(world / "data"),)


def test_the_program_runs_as_ever(world: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Its own `sitecustomize` runs, its path is as without us, and what it prints is what we print."""
    write(world, {"sitecustomize.py": "print('customized')"})
    record([sys.executable, "-c", "import sys; print(sys.modules['sitecustomize'].__file__, sys.path[1])"], Path("out"))
    assert capfd.readouterr().out == f"customized\n{world / 'sitecustomize.py'} {world}\n"


def test_a_program_that_reads_ahead(world: Path) -> None:
    """What an old record names is not in the new one, unless the program still imports it."""
    write(world, {"a.py": "", "b.py": "", "old": f"{HEADER}\npath 0 - b.py\n{END}\n"})
    code = f"""
import os, sys
sys.path.append({str(RUNTIME)!r})
from deferred_imports.prefetch import prefetch
prefetch({str(world / "old")!r})
import a
while os.path.isdir("/proc/self/task") and len(os.listdir("/proc/self/task")) > 1: pass
"""
    assert [name for name in paths(code) if "deferred_imports" not in name] == ["__pycache__/a"]


def test_processes_of_the_program(world: Path) -> None:
    """What the processes read that it starts counts, too, even if they are killed."""
    write(world, {"a.py": "", "b.py": ""})
    code = """
import subprocess, sys
subprocess.run([sys.executable, "-c", "import a, os; os.kill(os.getpid(), 9)"])
import b
"""
    assert paths(code) == ["__pycache__/a", "__pycache__/b"]


@pytest.mark.parametrize(
    "rubbish",
    [
        *("1", "()", "'open'", "('open',)", "('open', 5)", "('open', 'a\\0b')", "('pages', 'x', [[]])", "('path', 5)"),
        *("('python', 1)", "('ahead', 1, 2, 3, 4)", "{[]: 1}", "(" * 500, "\\xff", "('path', [1])", "\\0"),
    ],
)
def test_rubbish_among_the_events(rubbish: str, world: Path) -> None:
    """What a program writes into the file of events says nothing, and hides nothing."""
    write(world, {"a.py": ""})
    code = "import os\n"
    code += "import deferred_imports_payload as p\n"
    code += f"open(os.path.join(os.path.dirname(p.__file__), 'events'), 'ab').write(b\"{rubbish}\\n\")\nimport a"
    assert paths(code) == ["__pycache__/a"]


def test_a_server_that_is_interrupted(world: Path, tmp_path: Path) -> None:
    """Ctrl-C ends the program, and the record is written."""
    import signal
    import subprocess

    server = "import time\ntry:\n print('up', flush=True)\n time.sleep(200)\nexcept BaseException: pass"
    write(world, {"server.py": server})
    command = [sys.executable, "-m", "deferred_imports", "record", "-o", "out", "--", sys.executable, "-m", "server"]
    env = {**clean_env(tmp_path), "PYTHONPATH": os.pathsep.join([str(world), str(RUNTIME)])}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=120)
    assert (process.returncode, out.startswith("wrote out: ")) == (0, True)
    assert "path" in Path("out").read_text(encoding="utf-8")
