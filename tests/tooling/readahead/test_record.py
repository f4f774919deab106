"""What `record` writes: the files that a command's imports read, in the order of use, relative to its environment."""

import os
import sys
from pathlib import Path

import pytest

from deferred_imports.prefetch import END, HEADER, parse_line
from deferred_imports.tooling import cli
from deferred_imports.tooling.readahead.observing import NothingRecordedError
from deferred_imports.tooling.readahead.pipeline import record
from processes import RUNTIME, clean_env

NOTHING = "nothing was recorded: the command starts no Python, or one that ignores PYTHONPATH"
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells which pages were used")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory from which the commands import."""
    path = tmp_path / "world"
    path.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(path))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.chdir(tmp_path)
    return path


def write(world: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (world / name).parent.mkdir(parents=True, exist_ok=True)
        (world / name).write_text(text, encoding="utf-8")


def recorded(code: str, root: str = "path") -> list[tuple[int, list[tuple[int, int]], str]]:
    """Record a program; return size, ranges and path of what it read of the world, or else of another root."""
    made = record([sys.executable, "-c", code], Path("out"))
    first, *lines, last = made.path.read_text(encoding="utf-8").splitlines()
    assert (first, last) == (HEADER, END)
    parsed = list(map(parse_line, lines))
    assert None not in parsed
    return [item[1:] for item in parsed if item and item[0] == root]


def paths(code: str) -> list[str]:
    tag = f".{sys.implementation.cache_tag}.pyc"
    return [name.replace(tag, "") for _, _, name in recorded(code)]


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


def test_where_it_is_written(world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says where and how much; without -o, the record lies where `prefetch()` looks for it."""
    write(world, {"sitecustomize.py": "", "a.py": "import sys; sys.exit(sys.argv[1:])"})
    monkeypatch.setattr(sys, "argv", ["deferred-imports"])
    assert cli.main(["record", "-o", "out", "--", sys.executable, "-c", "import a", "-C", "x"]) == 1
    captured = capsys.readouterr()
    assert captured.err == f"deferred-imports: {sys.executable} ended with exit code 1\n"
    assert captured.out.startswith("wrote out: ")
    assert captured.out.endswith(" files\n")


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


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ([], "deferred-imports: expected a command to run after --, got nothing\n"),
        (["nowhere"], "deferred-imports: nowhere: No such file or directory\n"),
        (
            [sys.executable, "-I", "-c", ""],
            f"deferred-imports: {sys.executable}: {NOTHING}\n",
        ),
    ],
    ids=["nothing", "nowhere", "isolated"],
)
def test_nothing_to_record(command: list[str], expected: str, world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That is said in one line, and nothing is written."""
    assert cli.main(["record", "-o", str(world / "out"), "--", *command]) == 2
    assert capsys.readouterr().err == expected
    assert list(world.iterdir()) == []


def test_a_place_that_is_not_there(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the file that was asked for, not the one that it is written to first."""
    out = world / "nowhere" / "out"
    write(world, {"a.py": ""})
    assert cli.main(["record", "-o", str(out), "--", sys.executable, "-c", "import a"]) == 2
    place = out.relative_to(Path.cwd()).as_posix()  # as the user sees it
    assert capsys.readouterr().err == f"deferred-imports: {place}: No such file or directory\n"


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
    before = out.lstat()

    with pytest.raises(NothingRecordedError, match="so it was not replaced"):
        record([sys.executable, "-c", f"open({str(ran)!r}, 'w')"], out)
    assert not ran.exists()
    assert out.lstat() == before
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


# Several runs


def test_runs_add_up(world: Path) -> None:
    """A second run adds what it reads, and a file that is gone since is left out."""
    write(world, {"a.py": "", "b.py": "", "c.py": ""})
    assert paths("import a, c") == ["__pycache__/a", "__pycache__/c"]
    assert paths("import b") == ["__pycache__/a", "__pycache__/c", "__pycache__/b"]

    cached = next((world / "__pycache__").glob("c.*"))
    cached.unlink()
    (world / "c.py").unlink()
    assert paths("import b") == ["__pycache__/a", "__pycache__/b"]


def test_a_record_made_anew(world: Path) -> None:
    """`--anew` forgets what earlier runs have recorded."""
    write(world, {"a.py": "", "b.py": ""})
    for module, options in (("a", []), ("b", ["--anew"])):
        assert cli.main(["record", "-o", "out", *options, "--", sys.executable, "-c", f"import {module}"]) == 0
    text = Path("out").read_text(encoding="utf-8")
    assert "__pycache__/b." in text
    assert "__pycache__/a." not in text


def test_whether_a_record_is_true(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` runs nothing, says which files are not as recorded, and exits with 1 when some are not."""
    write(world, {"a.py": "", "b.py": ""})
    record([sys.executable, "-c", "import a, b"], Path("out"), anew=True)
    lines = Path("out").read_text(encoding="utf-8").splitlines()
    mine = [line for line in lines if line.startswith("path ")]
    Path("out").write_text("\n".join([HEADER, *mine, END, ""]), encoding="utf-8")
    monkeypatch.syspath_prepend(str(world))

    assert cli.main(["record", "--check", "-o", "out"]) == 0
    assert capsys.readouterr().out == "out: all 2 files are as recorded\n"

    cached = next((world / "__pycache__").glob("a.*"))
    cached.write_bytes(b"another size")
    assert cli.main(["record", "--check", "-o", "out"]) == 1
    assert capsys.readouterr().out == (
        f"out: 1 of 2 files are not as recorded: __pycache__/{cached.name}; "
        '"deferred-imports record --anew -- COMMAND" records them again\n'
    )


@pytest.mark.parametrize(("text", "reason"), [(None, "no such file"), ("x", "not a whole read-ahead record")])
def test_no_record_to_check(
    text: str | None, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a record there is nothing to check, and the command says what writes one."""
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("out").write_text(text, encoding="utf-8")
    assert cli.main(["record", "--check", "-o", "out"]) == 2
    said = f'deferred-imports: out: {reason}; "deferred-imports record -- COMMAND" writes one\n'
    assert capsys.readouterr().err == said
