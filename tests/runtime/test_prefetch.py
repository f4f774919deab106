"""Reading ahead: what a record names is read into the page cache, in the background, and nothing else is touched."""

import json
import mmap
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deferred_imports.prefetch import END, HEADER, WHOLE, parse_line
from deferred_imports.tooling.readahead.page_cache import resident
from deferred_imports.tooling.readahead.pipeline import record
from worlds import World

pytestmark = pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="this system takes no advice")

KIB = 1024
# Waits until the threads are gone, and tells which files of the world were opened since it was imported.
WAIT = {
    "wait.py": """
        import os, sys, time
        found = []

        def note(event, args):
            if event == "open" and isinstance(args[0], str):
                found.append(os.path.abspath(args[0]))
        sys.addaudithook(note)

        def tasks():
            return len(os.listdir("/proc/self/task"))

        def finish():
            end = time.monotonic() + 60
            while tasks() > 1:
                assert time.monotonic() < end, "the threads do not end"
                time.sleep(0.005)

        def opened():
            finish()
            here = os.path.dirname(__file__) + "/"
            return sorted({path[len(here):] for path in found if path.startswith(here) and ".py" not in path})
    """
}
START = "import wait; from deferred_imports.prefetch import prefetch; prefetch('record')\n"


def wait_for(path: Path, count: int) -> set[int]:
    """Return which pages of a file are in the page cache, when so many are: the disk takes its time.

    The kernel leaves out a page now and then, in a file that has just been written.
    """
    end = time.monotonic() + 60
    while sum(resident(path)) < count and time.monotonic() < end:
        time.sleep(0.01)
    return {index for index, there in enumerate(resident(path)) if there}


def evict(path: Path) -> None:
    """Put a file out of the page cache, or skip the test where it has to stay."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if any(resident(path)):
        pytest.skip("files cannot be put out of the page cache here")


@pytest.fixture
def cold(world: World) -> World:
    """A world with two files of 256 KiB, "first" and "second", that are not cached."""
    world.write(WAIT)
    for name in ("first", "second"):
        lay(world, name)
    return world


def lay(world: World, name: str, size: int = 256 * KIB) -> Path:
    """Write a file that is not cached."""
    path = world.path / name
    path.write_bytes(b"x" * size)
    evict(path)
    return path


def write_record(world: World, *lines: str, name: str = "record") -> Path:
    """Write a record with lines like ``first``, short for the whole of a file in the world."""
    sizes = {path.name: path.stat().st_size for path in world.path.iterdir()}
    whole = [f"path {sizes[line]} {WHOLE} {line}" if line in sizes else line for line in lines]
    path = world.path / name
    path.write_bytes("\n".join([HEADER, *whole, END, ""]).encode("utf-8", "surrogateescape"))
    return path


def test_the_recorded_ranges_are_read_and_no_others(cold: World) -> None:
    """The recorded parts of a file come into the page cache, be they more than the kernel reads at a time."""
    path = lay(cold, "library", 32768 * KIB)
    write_record(cold, f"path {32768 * KIB} {64 * KIB}+{20480 * KIB},{30720 * KIB}+{4 * KIB} library")
    cold.run(START + "wait.finish()")
    page = mmap.PAGESIZE
    wanted = {*range(64 * KIB // page, 20544 * KIB // page), 30720 * KIB // page}
    found = wait_for(path, int(len(wanted) * 0.9))
    assert found <= wanted
    assert len(found) >= len(wanted) * 0.9


def test_what_record_writes_is_what_prefetch_reads(
    cold: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A program recorded once reads ahead what it imports, even after the directory has moved."""
    monkeypatch.setenv("PYTHONPATH", str(cold.path))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    cold.write({"heavy/__init__.py": "from heavy import part", "heavy/part.py": "x = 1\n" * 9000})
    output = tmp_path / "heavy.record"
    record([sys.executable, "-c", "import heavy"], output)
    moved = World(tmp_path / "moved", cold.run_python)
    cold.path.rename(moved.path)
    compiled = list(moved.path.glob("heavy/__pycache__/*.pyc"))
    for path in compiled:
        evict(path)
    moved.run("import sys, wait, deferred_imports.prefetch as p; p.prefetch(sys.argv[1]); wait.finish()", str(output))
    assert [len(wait_for(path, 1)) > 0 for path in compiled] == [True, True]


def test_it_returns_at_once_and_leaves_nothing(cold: World) -> None:
    """The caller goes on while threads read, four at the most; then they and all open files are gone."""
    write_record(cold, *["first", "second"] * 5000)
    code = """
        import os, wait
        from deferred_imports.prefetch import prefetch
        before = os.listdir("/proc/self/fd")
        prefetch("record")
        most = wait.tasks()
        assert most > 1
        while wait.tasks() > 1:
            most = max(most, wait.tasks())
        assert most <= 5
        print(os.listdir("/proc/self/fd") == before)
    """
    assert cold.run(code) == "True"


def test_the_caller_itself_touches_no_file(cold: World) -> None:
    """It need not wait for a disk: all that is opened, the record among it, is opened in another thread."""
    write_record(cold, "first", "second")
    code = """
        import _thread, sys, wait
        from deferred_imports.prefetch import prefetch
        caller, threads = _thread.get_ident(), []
        sys.addaudithook(lambda event, args: event == "open" and threads.append(_thread.get_ident()))
        prefetch("record")
        wait.finish()
        print(len(threads) >= 3, caller in threads)
    """
    assert cold.run(code) == "True False"


def test_a_disk_that_does_not_answer(cold: World) -> None:
    """Neither the program's imports nor its end wait for it."""
    write_record(cold, "first", "second")
    code = """
        import os, time
        os.posix_fadvise = lambda *_: stuck.append(1) or time.sleep(120)
        stuck = []
        from deferred_imports.prefetch import prefetch
        prefetch("record")
        while not stuck:
            time.sleep(0.001)
        import json.tool
        print("well")
    """
    begin = time.monotonic()
    assert cold.run(code) == "well"
    assert time.monotonic() - begin < 100


def test_no_import_lock_is_taken(cold: World) -> None:
    """While somebody else holds the lock that each import needs, reading goes on to its end."""
    write_record(cold, "first", "second")
    code = """
        import _imp, wait
        from deferred_imports.prefetch import prefetch
        _imp.acquire_lock()
        prefetch("record")
        print(wait.opened())
        _imp.release_lock()
    """
    assert cold.run(code) == "['first', 'record', 'second']"


def test_the_program_ends_when_it_wants_to(cold: World) -> None:
    """Exit does not wait for what is still to be read, and nothing is said about it."""
    write_record(cold, *["first", "second"] * 40000)
    assert cold.run(START + "print(wait.tasks() > 1)") == "True"


def test_the_program_ends_after_a_thread_has_begun(cold: World) -> None:
    """Python 3.10 crashes where it ends below a thread that has been started and has not run yet."""
    write_record(cold, "first")
    said = cold.run("""
        import atexit, sys

        @atexit.register  # called last
        def last():
            (reading,) = prefetch.__globals__["_readings"].values()
            print(len(reading._begun), len(reading._threads))

        from deferred_imports.prefetch import prefetch

        sys.setswitchinterval(0.5)  # no other thread runs before this one waits
        prefetch("record")
    """)
    started, begun = said.split()
    assert started == begun
    assert int(started) > 0


def test_nothing_is_imported(cold: World) -> None:
    """Modules are read, not run; no import happens in the threads, and the caller's own is of atexit."""
    cold.write({"heavy.py": "print('heavy')"})
    evict(cold.path / "heavy.py")
    write_record(cold, "heavy.py")
    code = """
        import atexit, sys, wait, deferred_imports.prefetch
        before = set(sys.modules)
        deferred_imports.prefetch.prefetch("record")
        wait.finish()
        print(set(sys.modules) - before, [path for path in wait.found if path.endswith("heavy.py")] != [])
    """
    assert cold.run(code) == "set() True"


def test_what_is_cached_is_left_alone(cold: World) -> None:
    """A few files are looked at, and if these are cached, that is all."""
    names = [f"file{index:02}" for index in range(40)]
    for name in names:
        lay(cold, name, 8 * KIB)
    write_record(cold, *names)
    code = START + "print(len(wait.opened()))"
    assert int(cold.run(code)) == 41  # the record, too
    assert int(cold.run(code)) <= 9


def test_a_record_is_read_once(cold: World) -> None:
    """Each of many registries may ask for it."""
    write_record(cold, "first")
    again = "prefetch(b'record'); prefetch('./record'); prefetch(wait.os.path.abspath('record')); wait.finish()\n"
    count = "print(sum(path.endswith('/record') for path in wait.found))"
    assert cold.run(START + again + count) == "1"


def test_the_event(cold: World) -> None:
    """An auditing event tells which record is read, once and before anything is; none where nothing will be."""
    write_record(cold, "first")
    code = """
        import os, sys, wait
        sys.addaudithook(lambda event, args: event.startswith("deferred_imports") and print(event, *args, wait.found))
        from deferred_imports.prefetch import prefetch
        prefetch("record")
        prefetch("record")
    """
    assert cold.run(code, env={"PYDEFER_PREFETCH": "0"}) == ""
    event, path, found = cold.run(code).split(" ", 2)
    assert (event, path, str(cold.path / "record") in found) == (
        "deferred_imports.prefetch",
        str(cold.path / "record"),
        False,
    )


HOSTILE: Mapping[str, str] = {
    "above": "path 6 - ../secret",
    "above, hidden": "path 6 - folder/../../secret",
    "absolute": "path 6 - {outside}/secret",
    "absolute, without a root": " 6 - {outside}/secret",
    "unknown root": "home 6 - secret",
    "link": "path 6 - link",
    "link in between": "path 6 - linked/secret",
    "pipe": "path 0 - pipe",
    "directory": "path 4096 - folder",
    "upgraded": "path 262145 - second",
    "gone": "path 6 - gone",
    "nul": "path 262144 - second\0",
    "range beyond the end": "path 262144 262144+1 second",
    "negative": "path 262144 -1+5 second",
    "half a range": "path 262144 5 second",
    "empty range": "path 262144 0+0 second",
    "digits of another script": "path ٢٦٢١٤٤ - second",
    "a huge number": f"path {'9' * 5000} - second",
    "too large for a whole": f"path {1 << 40} - second",
    "deep": f"path 6 - {'a/' * 5000}b",
    "torn": "path 26",
    "empty": "",
    "not text": "path 6 - \udcff\udcfe",
}


def test_a_hostile_record_opens_nothing_else(cold: World, tmp_path: Path) -> None:
    """What leads out of the environment, has changed, is no file or makes no sense is not opened; the rest counts."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret", encoding="utf-8")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (cold.path / "folder").mkdir()
    (cold.path / "link").symlink_to(outside / "secret")
    (cold.path / "linked").symlink_to(outside)
    os.mkfifo(cold.path / "pipe")
    lay(cold, "third")
    # Often enough that no thread would be left if one of them ended it.
    write_record(cold, "first", *[line.format(outside=outside) for line in HOSTILE.values()] * 9, "third")
    code = """
        import json, os, wait
        really = os.open
        def spy(path, *args, **more):
            file = really(path, *args, **more)
            held.append(os.readlink(f"/proc/self/fd/{file}"))
            return file
        held = []
        os.open = spy
        from deferred_imports.prefetch import prefetch
        prefetch("record")
        wait.finish()
        print(json.dumps(sorted({os.path.basename(path) for path in held})))
    """
    # Those that only the open file itself shows to be another are closed again at once.
    assert json.loads(cold.run(code)) == ["first", "folder", "pipe", "record", "second", "third"]
    assert not any(resident(cold.path / "second"))


@given(st.text() | st.from_regex(r"(path|base) [0-9]{1,3} (-|[0-9]{1,3}\+[0-9]{1,3}) [./a]{1,9}", fullmatch=True))
@example("path 6 - a/..")
@example("path 6 0+6, a")
def test_no_line_leads_out_of_its_root(line: str) -> None:
    """Whatever a line says, it is ignored, or its path stays below its root and its ranges within its size."""
    parsed = parse_line(line)
    if parsed is not None:
        _, size, ranges, name = parsed
        assert os.path.normpath(f"/root/{name}") == f"/root/{name}"
        assert all(0 <= start <= start + length <= size for start, length in ranges)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text[:-1],
        lambda text: text.replace("record 1", "record 2"),
        lambda text: text + "x" * (5 << 20) + f"\n{END}\n",
        lambda _: "",
    ],
    ids=["torn", "without its end", "of another format", "huge", "empty"],
)
def test_a_record_that_is_not_whole_is_none(spoil: Callable[[str], str], cold: World) -> None:
    """Nothing is opened but the record."""
    path = write_record(cold, "first", "second")
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert cold.run(START + "print(wait.opened())") == "['record']"


def test_a_record_that_is_not_there(cold: World) -> None:
    """No record, a directory or a pipe in its place: nothing happens, and nothing waits."""
    os.mkfifo(cold.path / "pipe")
    code = START + "prefetch('/'); prefetch('pipe'); prefetch('a\\0b'); wait.finish(); print('well')"
    assert cold.run(code) == "well"


def test_a_system_that_takes_no_advice(cold: World) -> None:
    """There, nothing is opened and no thread started."""
    write_record(cold, "first")
    assert cold.run("import os; del os.posix_fadvise\n" + START + "print(wait.tasks(), wait.opened())") == "1 []"


def test_a_fork_ends_it(cold: World) -> None:
    """In the child there is no thread and no file of it; nor does the fork warn that threads are running."""
    write_record(cold, *["first", "second"] * 20000)
    code = """
        import os, sys, time, wait, warnings
        warnings.simplefilter("error")
        from deferred_imports.prefetch import prefetch
        before = len(os.listdir("/proc/self/fd"))
        prefetch("record")
        time.sleep(float(sys.argv[1]))
        child = os.fork()
        if not child:
            os._exit(0 if (wait.tasks(), len(os.listdir("/proc/self/fd"))) == (1, before) else 1)
        assert os.waitpid(child, 0)[1] == 0
        print("well")
    """
    for pause in ("0", "0.002", "0.02", "0.05"):
        for name in ("first", "second"):
            evict(cold.path / name)
        assert cold.run(code, pause) == "well"


@pytest.mark.parametrize("place", ["variable", "prefix"])
def test_where_the_record_is(place: str, cold: World) -> None:
    """`PYDEFER_PREFETCH` names it; without it, it lies in the environment's directory."""
    name = "deferred-imports.record" if place == "prefix" else "named"
    write_record(cold, "prefix 262144 - first", name=name)
    env = {"PYDEFER_PREFETCH": str(cold.path / name)} if place == "variable" else {}
    code = "import sys; sys.prefix = sys.argv[1]\n" + START.replace("'record'", "")
    assert cold.run(code + "print(wait.opened())", str(cold.path), env=env) == str(sorted([name, "first"]))


@pytest.mark.parametrize("value", ["0", "off"])
def test_turned_off(value: str, cold: World) -> None:
    """`PYDEFER_PREFETCH=0` turns off what the program asks for, too."""
    write_record(cold, "first")
    assert cold.run(START + "print(wait.opened())", env={"PYDEFER_PREFETCH": value}) == "[]"


def test_a_registry_starts_it(cold: World) -> None:
    """Where `PYDEFER_PREFETCH` names a record, the first registry starts to read; a program need not be changed."""
    cold.package('imports.c = "colorsys"')
    write_record(cold, "first")
    code = "import sys, wait, weather._deferred; print(wait.opened(), 'colorsys' in sys.modules)"
    assert cold.run(code) == "[] False"
    assert cold.run(code, env={"PYDEFER_PREFETCH": "record"}) == "['first', 'record'] False"


@pytest.mark.parametrize(
    ("text", "why"), [(None, "no such file"), ("", "it is something else"), ("PK junk", "it is something else")]
)
def test_what_is_no_record_is_said_once(text: "str | None", why: str, cold: World) -> None:
    """However many registries there are, and the program goes on."""
    cold.package('imports.c = "colorsys"')
    cold.package('imports.c = "colorsys"', package="other")
    if text is not None:
        cold.write({"named": text})
    named = str(cold.path / "named")
    done = cold.start("import weather._deferred, other._deferred; print('on')", env={"PYDEFER_PREFETCH": named})
    assert (done.returncode, done.stdout) == (0, "on\n")
    (said,) = [line for line in done.stderr.splitlines() if "PREFETCH" in line]
    expected = f'RuntimeWarning: PYDEFER_PREFETCH="{named}": expected the path of a record, got none: {why}; '
    assert said.endswith(expected + '"deferred-imports record -- COMMAND" writes one')


def test_a_registry_without_the_runtime(cold: World) -> None:
    """It says that nobody can read ahead, once, and all works."""
    cold.package('imports.j = "json"')
    done = cold.start(
        "import weather._deferred as d; print(d.j.loads('1'))", runtime=False, env={"PYDEFER_PREFETCH": "x"}
    )
    assert (done.stdout, done.stderr.count("PYDEFER_PREFETCH is set, but")) == ("1\n", 1)


# What it returns


def test_what_is_returned(world: World) -> None:
    """The status tells whether something was started, and why not; how much of a record is stale is told on demand."""
    world.write({"a.txt": "12345", "b.txt": "12345", "c.txt": "12345"})
    lines = ["path 5 - a.txt", "path 4 - b.txt", "path 5 - gone.txt", "path 5 - ../c.txt"]
    world.write({"record": "\n".join([HEADER, *lines, END, ""])})
    code = """
    import os, sys
    from deferred_imports.prefetch import prefetch

    for record in ("record", "record", "nowhere"):
        status = prefetch(record)
        print(status.status, bool(status), status.stale(), status.why or "-", os.path.basename(status.record))
    os.environ["PYDEFER_PREFETCH"] = "off"
    print(prefetch("other"), prefetch("other").stale())
    del os.environ["PYDEFER_PREFETCH"]
    del os.posix_fadvise
    print(prefetch("other"))
    """
    assert world.start(code, cwd=world.path).stdout.splitlines() == [
        "started True (3, 4) - record",
        "running True (3, 4) - record",
        "nothing recorded False (0, 0) no such file nowhere",
        "<disabled: PYDEFER_PREFETCH=off> (0, 0)",
        f"<impossible: {sys.platform} takes no advice about files>",
    ]


def test_a_link_is_not_what_was_recorded(world: World) -> None:
    """A file that is reached through a link counts as stale, as it is not read ahead either."""
    world.write({"real/a.txt": "12345", "record": f"{HEADER}\npath 5 - linked/a.txt\n{END}\n"})
    (world.path / "linked").symlink_to("real")
    code = "from deferred_imports.prefetch import prefetch; print(prefetch('record').stale())"
    assert world.start(code, cwd=world.path).stdout == "(1, 1)\n"
