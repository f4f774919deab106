"""What `profile` says: what reading ahead gains for a program, what starts it there, and what cannot be had."""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

import pytest

from deferred_imports.prefetch import END, FILE_NAME, HEADER
from deferred_imports.tooling import cli
from deferred_imports.tooling.readahead import page_cache
from deferred_imports.tooling.readahead.pipeline import record
from deferred_imports.tooling.readahead.profile import plan_profile
from deferred_imports.tooling.readahead.report import NOTHING_STARTS, planned
from processes import RUNTIME, RunPython
from worlds import World

root = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="only root on Linux may measure cold starts"
)
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux reads ahead")
IN_MEMORY = Path("/dev/shm")  # noqa: S108, that it is a file system in memory is the point
CALL = "from deferred_imports.prefetch import prefetch\n\nprefetch()\nimport heavy\n"


@pytest.fixture
def world(tmp_path: Path, run_python: RunPython, monkeypatch: pytest.MonkeyPatch) -> World:
    """A directory with a module to import, from which the commands can import, and no record anywhere."""
    world = World(tmp_path / "world", run_python)
    world.write({"heavy.py": "x = 1\n" * 9000})
    prepare_environment(world.path, monkeypatch)
    return world


def prepare_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, [path, RUNTIME])))
    for name in ("PYTHONDONTWRITEBYTECODE", "PYDEFER_PREFETCH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(path)


@pytest.fixture
def files_only(monkeypatch: pytest.MonkeyPatch) -> str:
    """As in a container that may not empty the page cache of its machine: it would slow down the other tests."""
    monkeypatch.setattr(page_cache, "DROP", "/proc/nowhere")
    return "/proc/nowhere: No such file or directory"


def profile(*arguments: str) -> int:
    return cli.main(["profile", *arguments])


@root
def test_table(world: World, files_only: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Both kinds of start, with and without, as medians and ratio; what starts it, and what spoils the figures."""
    world.write({"program.py": CALL + "print('not shown')\n"})
    command = [sys.executable, "program.py"]
    assert profile("-n", "2", "--", *command) == 0
    captured = capsys.readouterr()
    first, second = captured.err.splitlines()
    assert re.fullmatch(r"read-ahead: \d\.\d MiB in \d+ files, recorded just now because there was no record", first)
    assert second == f"{world.path}/program.py:3 starts the read-ahead"
    time = r"[\d.]+ m?s"
    spread = rf"{time} \({time} to {time}\)"
    head, _, cold, warm, *notes = captured.out.splitlines()
    assert head.split() == ["start", "alone", "reading", "ahead", "ratio"]
    assert re.fullmatch(rf"cold +{spread} +{spread} +\d+\.\d\d", cold)
    assert re.fullmatch(rf"warm +{spread} +{spread} +\d+\.\d\d", warm)
    assert notes[0] == "medians (quartiles) of 2 interleaved starts of each kind"
    assert notes[1] == (
        f"could not empty the page cache of the machine ({files_only}): only the recorded files were evicted, so "
        "directory lookups were warm"
    )
    assert all(re.fullmatch(r"\d+% of the recorded bytes stayed in memory because .*", note) for note in notes[2:])


@root
@pytest.mark.usefixtures("files_only")
def test_json(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Each sample, and a ratio that is that of their medians."""
    command = [sys.executable, "-c", "import heavy; print('not in the JSON')"]
    made = record(command, world.path / "made")
    capsys.readouterr()
    assert profile("-n", "3", "--record", "made", "--json", "--", *command) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["command"], found["record"]) == (command, str(made.path))
    assert (found["files"], found["size"], found["stale"], found["started_by"]) == (made.files, made.size, 0, None)
    for kind in ("cold", "warm"):
        alone, ahead = found[kind]["alone"], found[kind]["ahead"]
        assert (sorted(alone["samples"])[1], sorted(ahead["samples"])[1]) == (alone["median"], ahead["median"])
        assert found[kind]["ratio"] == ahead["median"] / alone["median"]
    assert set(found) == {
        *("command", "record", "files", "stale", "size", "started_by", "cold", "warm", "kept_in_memory", "not_emptied")
    }


@root
@pytest.mark.usefixtures("files_only")
def test_each_kind_of_start_is_what_it_says(world: World) -> None:
    """Cold starts find the module out of memory, warm ones in it; only those that read ahead are told to."""
    seen = """
        import os, sys
        from deferred_imports.tooling.readahead.page_cache import resident
        record, (path,) = os.environ.get("PYDEFER_PREFETCH"), __import__("glob").glob("__pycache__/heavy.*")
        with open("seen", "a") as file:
            print(any(resident(path)), record, "deferred_imports_payload" in sys.modules, file=file)
        import heavy
    """
    made = world.path / "made"
    record([sys.executable, "-c", "import heavy"], made)
    world.write({"program.py": seen})
    assert profile("-n", "2", "--record", "made", "--", sys.executable, "program.py") == 0
    first, *lines = (world.path / "seen").read_text(encoding="utf-8").splitlines()
    assert first == f"True {made} True"  # looking for what starts to read ahead; it is nothing, so that we do
    alone, ahead = "None False", f"{made} True"
    # A cold start that reads ahead may have begun to.
    kinds = [f"False {alone}", f"True {alone}", f".* {ahead}", f"True {ahead}"]
    for expected, line in zip([*kinds, *kinds[1:], kinds[0]], lines, strict=True):
        assert re.fullmatch(expected, line)


@linux
def test_what_starts_it(world: World, tmp_path: Path) -> None:
    """A registry, a call of the program, a call that names a record of its own, or nothing: each is told apart."""
    world.package('imports.j = "json"')
    world.write({"program.py": CALL, "own.py": CALL.replace("()", "('mine')")})
    by_registry = "starts the read-ahead when PYDEFER_PREFETCH names a record: the registry of weather"
    told = {
        "import weather._deferred, heavy": [
            f"{world.path}/weather/_deferred.py:0 {by_registry}",
        ],
        "import program": [f"{world.path}/program.py:3 starts the read-ahead"],
        "import own": [
            f"{world.path}/own.py:3 starts the read-ahead",
            f"it reads {world.path}/mine instead; that was measured",
        ],
        CALL: ["<string>:3 starts the read-ahead"],
        "import heavy": [NOTHING_STARTS, "measured as if it did"],
    }
    for code, expected in told.items():
        _, *lines = planned(plan_profile([sys.executable, "-c", code], None, tmp_path))
        assert [re.sub(r"(_deferred\.py):\d+", r"\1:0", line) for line in lines] == expected


@linux
def test_which_record(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is named, or else the variable's, or else the environment's, or else a new one."""
    command = [sys.executable, "-c", f"import sys; sys.prefix = {str(world.path)!r}; import heavy"]
    named, variable = (record(command, world.path / name).path for name in ("named", "variable"))
    assert plan_profile(command, None, tmp_path).is_new
    monkeypatch.setenv("PYDEFER_PREFETCH", str(variable))
    assert plan_profile(command, "named", tmp_path).record == named
    assert plan_profile(command, None, tmp_path).record == variable
    monkeypatch.setenv("PYDEFER_PREFETCH", "off")
    assert plan_profile(command, None, tmp_path).is_new


@linux
def test_a_stale_record(world: World, tmp_path: Path) -> None:
    """What does not fit any more is counted; where nothing fits, that is an error."""
    command = [sys.executable, "-c", "import heavy"]
    path = record(command, world.path / "made").path
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(END, f"path 1 - heavy.py\npath 1 - gone.py\nnonsense\n{END}"), encoding="utf-8")
    assert planned(plan_profile(command, "made", tmp_path))[1] == (
        "3 more files of the record are gone or changed and were skipped; record again"
    )


@root
@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["--"], 2, "expected a command to run after --, got nothing"),
        (["--", "nowhere"], 2, "nowhere: No such file or directory"),
        (
            ["--", sys.executable, "-I", "-c", ""],
            2,
            f"{sys.executable}: nothing was recorded: the command starts no Python, or one that ignores PYTHONPATH",
        ),
        (
            ["--", sys.executable, "-c", "raise SystemExit(3)"],
            1,
            f"{sys.executable}: failed with exit code 3; nothing was measured",
        ),
        (
            ["--record", "gone", "--", sys.executable, "-c", ""],
            2,
            'gone: expected what "deferred-imports record" writes, got no such file',
        ),
        (
            ["--record", "heavy.py", "--", sys.executable, "-c", ""],
            2,
            'heavy.py: expected what "deferred-imports record" writes, got something else',
        ),
        (
            ["--record", "stale", "--", sys.executable, "-c", ""],
            2,
            "{world}/stale: all files in it (1) are gone or changed; record again",
        ),
    ],
    ids=["nothing", "nowhere", "isolated", "fails", "no record", "not a record", "stale"],
)
def test_nothing_to_measure(
    arguments: list[str], code: int, expected: str, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is said in one line, and nothing is measured."""
    world.write({"stale": f"{HEADER}\npath 1 - heavy.py\n{END}\n"})
    assert profile(*arguments) == code
    assert capsys.readouterr() == ("", f"deferred-imports: {expected.format(world=world.path)}\n")


@root
@pytest.mark.usefixtures("files_only")
def test_a_program_that_fails_now_and_then(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure while measuring ends it: half of a start is no start."""
    code = "import os, sys; os.path.exists('second') and sys.exit(1); os.rename('first', 'second')"
    world.write({"first": "", "program.py": f"import os, sys\nif not sys.flags.verbose: {code}"})
    made = record([sys.executable, "-c", "import heavy"], world.path / "made").path
    capsys.readouterr()
    assert profile("--record", str(made), "--", sys.executable, "program.py") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith(f"{sys.executable}: failed with exit code 1; nothing was measured\n")


@root
@pytest.mark.skipif(not IN_MEMORY.is_dir(), reason="no file system lies in memory")
@pytest.mark.usefixtures("files_only")
def test_a_page_cache_that_cannot_be_emptied(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In memory, no start is cold: that is said, and no figure given."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as directory:
        prepare_environment(Path(directory), monkeypatch)
        (Path(directory) / "heavy.py").write_text("x = 1\n" * 90000, encoding="utf-8")
        (Path(directory) / "record").write_text(f"{HEADER}\npath 540000 - heavy.py\n{END}\n", encoding="utf-8")
        assert profile("--record", "record", "--", sys.executable, "-c", "import heavy") == 2
        monkeypatch.chdir("/")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1] == (
        "deferred-imports: could not empty the page cache: 100% of the recorded bytes stay in memory, as on tmpfs; "
        "put the environment on a disk"
    )


@pytest.mark.usefixtures("world")
def test_the_default_record(tmp_path: Path) -> None:
    """Without a name, the record in the environment of the command's Python is taken, as `prefetch()` does."""
    prefix = tmp_path / "prefix"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix) / 'bin'}\n", encoding="utf-8")
    python = prefix / "bin" / "python"
    python.symlink_to(os.path.realpath(sys.executable))
    command = [str(python), "-c", "import heavy"]
    record(command, None)
    plan = plan_profile(command, None, tmp_path)
    assert (plan.record, plan.is_new) == (prefix / FILE_NAME, False)
