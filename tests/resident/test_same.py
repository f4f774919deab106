"""The rule: a call through the resident process differs from a direct one in nothing but its speed."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from residents import Program

Atlas = Callable[[str], Program]

SHOW = """
    import json, os, sys
    def main():
        print(json.dumps(sys.argv), json.dumps(sys.orig_argv), sys.flags, sys.warnoptions)
        print(sys.modules["__main__"].__file__, __name__, sorted(vars(sys.modules["__main__"])))
"""


def test_arguments(atlas: Atlas) -> None:
    """1: blanks, empty strings, bytes that are no text, and 2 MB of them: `sys.argv` is the same."""
    program = atlas(SHOW)
    program.start()
    program.both()
    program.both("a b", "", "\N{SNOWMAN}", b"\xff\xfe", "a\nb", "--x=1")
    program.both(*["x" * 100_000] * 19)


def test_arguments_that_are_too_long(atlas: Atlas) -> None:
    """1: a request beyond its bounds runs directly, and the file of events says why."""
    program = atlas("def main(): import sys; print(len(sys.argv))")
    program.start()
    fill = "x=$(head -c 120000 /dev/zero | tr '\\0' x); for i in {1..45}; do export LONG$i=$x; done"
    done = program.shell(f"ulimit -s unlimited; {fill}; atlas x")
    assert done.stdout == b"2\n", done.stderr
    assert program.served() == 0
    assert "direct: arguments and variables have 5 MiB" in program.events()


def test_options_of_the_interpreter(atlas: Atlas) -> None:
    """2: `-W`, `-O`, `-u` and PYTHON* variables are those of another process, never ignored."""
    program = atlas(SHOW)
    program.start()
    for options in (["-O"], ["-W", "error"], ["-u"], ["-s"]):
        command = [sys.executable, *options]
        ran = [program.run("x", before=command, resident=resident).stdout for resident in (False, True)]
        assert ran[0] == ran[1]
    assert program.served() == 0
    program.run(env={"PYTHONHASHSEED": "1"})
    assert program.served() == 0
    assert program.both("x").returncode == 0


def test_the_current_directory(atlas: Atlas, tmp_path: Path) -> None:
    """3: the caller's, be it deleted, unreadable or reached through a link, and never the server's."""
    program = atlas("""
        import os
        def main():
            try:
                print(os.getcwd())
            except OSError as error:
                print(error)
            print(os.environ.get("PWD"))
            print(sorted(os.listdir("/proc/self/cwd/")) if os.access("/proc/self/cwd/", os.R_OK) else "unreadable")
    """)
    program.start()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    program.both(cwd=tmp_path / "link", env={"PWD": str(tmp_path / "link")})
    for line in ("mkdir gone; cd gone; rmdir ../gone; exec atlas", "mkdir dark; cd dark; chmod 0 .; exec atlas"):
        direct = program.shell(line, resident=False, cwd=tmp_path)
        program.shell("chmod 700 dark; rmdir dark", cwd=tmp_path)
        through = program.shell(line, cwd=tmp_path)
        program.shell("chmod 700 dark; rmdir dark", cwd=tmp_path)
        assert (direct.stdout, direct.stderr) == (through.stdout, through.stderr)
    assert program.served() == 3, program.events()


def test_the_environment(atlas: Atlas) -> None:
    """4: replaced as a whole and in order, removed variables too; Python, C and children agree; what is set stays."""
    program = atlas("""
        import ctypes, os, subprocess
        os.environ["SET_BY_ATLAS"] = "1"
        os.environ.setdefault("DEFAULT", "atlas")
        os.environ.pop("REMOVED_BY_ATLAS", None)
        def main():
            assert dict(os.environb) == {os.fsencode(k): os.fsencode(v) for k, v in os.environ.items()}
            getenv = ctypes.CDLL(None).getenv
            getenv.restype = ctypes.c_char_p
            for name in ("ONE", "TWO", "SET_BY_ATLAS", "DEFAULT", "REMOVED_BY_ATLAS", "EMPTY", "LINES"):
                print(name, os.environ.get(name), getenv(name.encode()))
            print(list(os.environ), [line.partition(b"=")[0] for line in subprocess.check_output(["env"]).splitlines()])
    """)
    program.start(env={"ONE": "1"})
    program.both(env={"TWO": "2", "EMPTY": "", "LINES": "a\nb"})
    program.both(env={"ONE": "uno", "SET_BY_ATLAS": "0"})
    subprocess.run([program.script], env=program.env({"DEFAULT": "mine"}), check=True, capture_output=True)
    assert b"DEFAULT mine b'mine'" in program.run(env={"DEFAULT": "mine"}).stdout


def test_the_time_zone_and_the_locale(atlas: Atlas) -> None:
    """4, 13: what C reads of them is the caller's."""
    program = atlas("""
        import locale, sys, time
        def main():
            locale.setlocale(locale.LC_ALL, "")
            print(time.tzname, time.strftime("%H %Z", time.localtime(0)), locale.getlocale(), sys.stdout.encoding)
            print(sys.getfilesystemencoding(), sys.flags.utf8_mode)
    """)
    for env in ({"TZ": "Asia/Tokyo"}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONUTF8": "1"}):
        program.start(env=env)
        program.both(env=env)


def test_variables_that_were_read_while_importing(atlas: Atlas) -> None:
    """5: another value means another process, never the old value; what was not read does not matter."""
    program = atlas("""
        import os
        URL = os.environ.get("DATABASE_URL", "none")
        def main(): print(URL, os.environ.get("OTHER"))
    """)
    program.start()
    assert program.both(env={"OTHER": "x"}).stdout == b"none x\n"
    served = program.served()
    assert program.run(env={"DATABASE_URL": "db"}).stdout == b"db None\n"
    program.start(env={"DATABASE_URL": "db"})
    assert program.both(env={"DATABASE_URL": "db"}).stdout == b"db None\n"
    assert program.both().stdout == b"none None\n"
    assert (program.served(), len(program.processes())) == (served + 2, 2)


@pytest.mark.parametrize(
    "line",
    [
        "printf 'one\\ntwo\\nthree\\n' | { atlas line; cat; }",
        "atlas all < data",
        "{ atlas line; cat; } < data",
        "atlas all <&-",
        "atlas closed >&-",
        "atlas all < /dev/null",
        "head -c 20000000 /dev/zero | atlas all",
        "atlas other 5< data",
        "atlas path <(echo process substitution) | sed s/63/N/",
    ],
)
def test_standard_input(line: str, atlas: Atlas) -> None:
    """6: a file, a pipe, closed, /dev/null or large: what one reader leaves, the next one gets."""
    program = atlas("""
        import os, sys, hashlib
        def main():
            how = sys.argv[1]
            if how == "line":
                print(os.read(0, 4), sys.stdin.fileno())
            elif how == "other":
                print(os.read(5, 100))
            elif how == "path":
                print(sys.argv[2], open(sys.argv[2]).read())
            elif how == "closed":
                print(sys.stdout, sys.stdin, file=sys.stderr)
            elif sys.stdin is None:
                print("none", os.path.exists("/proc/self/fd/0"))
            else:
                print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())
            print(sorted(map(int, os.listdir("/proc/self/fd")))[:-1] if how != "path" else "", file=sys.stderr)
    """)
    (program.path / "data").write_bytes(b"one\ntwo\nthree\xff\n")
    program.start()
    direct, through = (program.shell(line, resident=resident) for resident in (False, True))
    assert (direct.returncode, direct.stdout, direct.stderr) == (through.returncode, through.stdout, through.stderr)
    assert program.served() == 1, program.events()


@pytest.mark.parametrize("how", ["late", "flush", "sigpipe", "many"])
def test_standard_output_that_is_closed_early(how: str, atlas: Atlas) -> None:
    """7: the reader goes, and the program sees that as it does directly."""
    program = atlas("""
        import os, select, signal, sys
        def main():
            how = sys.argv[1]
            if how == "sigpipe":
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            print("first", flush=True)
            gone = select.poll()
            gone.register(1, 0)
            gone.poll()
            for number in range(30000 if how == "many" else 1):
                print(number, flush=how in ("flush", "sigpipe"))
    """)
    program.start()
    line = f"atlas {how} | head -1; echo ${{PIPESTATUS[@]}}"
    direct, through = (program.shell(line, resident=resident) for resident in (False, True))
    assert (direct.stdout, direct.stderr) == (through.stdout, through.stderr)
    assert program.served() == 1, program.events()


def test_a_pipe_ends_with_the_program(atlas: Atlas) -> None:
    """7: no process of ours keeps a pipe open: `tail` ends when the program does."""
    program = atlas("def main(): print('one'); print('two')")
    done = program.shell("atlas | tail -1")  # the first call starts the resident process, too
    assert done.stdout == b"two\n"
    program.start()
    assert program.shell("atlas 2>&1 | tail -1").stdout == b"two\n"
    assert program.served() == 1, program.events()


EXITS = {
    "nothing": "return None",
    "zero": "return 0",
    "one": "return 1",
    "large": "return 255",
    "larger": "return 256 + 7",
    "text": "return 'text'",
    "exit": "sys.exit(3)",
    "exit text": "sys.exit('text')",
    "exit nothing": "sys.exit(None)",
    "error": "return 1 / 0",
    "chained error": "nested()",
    "group": "raise KeyboardInterrupt",
    "_exit": "print('lost', end=''); os._exit(9)",
    "abort": "os.kill(os.getpid(), signal.SIGKILL)",
    "term": "os.kill(os.getpid(), signal.SIGTERM)",
    "int": "signal.raise_signal(signal.SIGINT)",
    "atexit": "atexit.register(print, 'at exit'); return 4",
    "atexit fails": "atexit.register(nested); return 4",
    "hook": "sys.excepthook = lambda *what: print(*what[:2]); return 1 / 0",
    "thread": "threading.Thread(target=lambda: (time.sleep(0.05), print('thread'))).start(); return 5",
    "daemon": "threading.Thread(target=time.sleep, args=(99,), daemon=True).start(); return 6",
    "unclosed": "globals()['kept'] = open('kept', 'w'); kept.write('text'); return 7",
    "destructor": "globals()['kept'] = Loud(); return 8",
    "finalizer": "weakref.finalize(Loud, print, 'finalized'); return 9",
    "generator": "globals()['kept'] = loud(); next(kept); return 10",
    "callback": "globals().update(kept=Quiet()); globals()['ref'] = weakref.ref(kept, lambda _: os.write(1, b'gone'))",
    "warning": "warnings.simplefilter('always'); globals()['kept'] = socket.socket(); return 11",
    "own stream": "sys.stdout = io.TextIOWrapper(io.FileIO(1, 'w', closefd=False)); print('buffered'); return 12",
    "broken stream": "sys.stdout = Broken(); return 13",
    "full": "sys.stdout.flush(); os.dup2(os.open('/dev/full', os.O_WRONLY), 1); print('lost'); return 14",
    "collected": "atexit.register(gc.callbacks.append, lambda phase, _: os.write(1, phase.encode())); return 15",
    "signal at the end": "atexit.register(os.kill, os.getpid(), signal.SIGTERM); return 16",
    "another end": "atexit.register(os._exit, 17); return 18",
    "fork": "sys.stdout.flush(); (os.fork() and os.wait()) or os.write(1, b'child'); return 19",
    "audit": "import ctypes; sys.addaudithook(lambda what, _: os.write(1, what.encode()) * 0 or None); return 22",
    "two writers": "globals()['out'] = io.TextIOWrapper(sys.stdout.buffer); out.write('2'); print('1'); return 24",
    "true": "return True",
    "negative": "return -1",
    "huge": "return 1 << 80",
    "exit true": "sys.exit(True)",
    "exit number": "raise SystemExit(20)",
    "several": "raise SystemExit(1, 2)",
    "own exit": "raise Own(21)",
}


@pytest.mark.parametrize("how", EXITS)
def test_the_end(how: str, atlas: Atlas) -> None:
    """11, 12: exit code, signal, traceback, what runs at exit, threads and buffers are as they are directly."""
    program = atlas(f"""
        import atexit, gc, io, os, signal, socket, sys, threading, time, warnings, weakref
        class Quiet: pass
        class Broken:
            closed = False
            def write(self, text): os.write(1, text.encode())
            def flush(self): raise OSError("broken")
        class Own(SystemExit): pass
        class Loud:
            def __del__(self): os.write(1, b"destroyed")
        def loud():
            try:
                yield
            finally:
                os.write(1, b"closed")
        def nested():
            try:
                1 / 0
            except ZeroDivisionError as error:
                raise ValueError("nested") from error
        def main():
            print("begins")
            {EXITS[how]}
    """)
    program.start()
    if how != "unclosed":
        program.both()
        return
    kept = program.path / "kept"
    for resident in (False, True):
        kept.unlink(missing_ok=True)
        assert program.run(resident=resident).returncode == 7
        assert kept.read_text("utf-8") == "text"


DOORS = {
    "return run": ("return run('atlas:main')", "sys.exit(main())", True),
    "raise": ("return run('atlas:main')", "raise SystemExit(main())", True),
    "no door": ("", "from deferred_imports.resident import run; sys.exit(run('atlas:main'))", False),
    "no exit": ("return run('atlas:main')", "main()", False),
    "after it": ("code = run('atlas:main'); print('after'); return code", "sys.exit(main())", False),
    "another code": ("return run('atlas:main') or 4", "sys.exit(main())", False),
    "another exit": ("return run('atlas:main')", "sys.exit(main() + 1)", False),
    "two calls": ("return int(run('atlas:main'))", "sys.exit(main())", False),
    "try": (
        "try:\n        return run('atlas:main')\n    finally:\n        print('finally')",
        "sys.exit(main())",
        False,
    ),
    "caught": ("return run('atlas:main')", "try:\n        sys.exit(main())\n    except SystemExit: print('no')", False),
    "one line": ("return run('atlas:main')", "sys.exit(main()); print('never')", False),
}


@pytest.mark.parametrize("library", ["", "import ctypes"])
@pytest.mark.parametrize("how", DOORS)
def test_the_end_is_the_scripts(how: str, library: str, atlas: Atlas) -> None:
    """11: the function's value goes where the script has it go; only where that is certain, the end is cut short."""
    door, script, is_certain = DOORS[how]
    program = atlas(f"""
        {library}
        import os
        from deferred_imports.resident import ending
        leave = ending._exit
        def main(): return 3
        def leaving(code, *, is_foreign):
            os.write(2, b"left")
            leave(code, is_foreign=is_foreign)
        ending._exit = leaving
    """)
    text = program.script.read_text("utf-8").replace("sys.exit(main())", script)
    program.script.write_text(text.replace("from door import main", "from door import main" if door else ""), "utf-8")
    program.write({"door.py": f"def main():\n    from deferred_imports.resident import run\n    {door or 'pass'}\n"})
    program.start()
    direct, through = program.run(resident=False), program.run()
    assert (direct.returncode, direct.stdout) == (through.returncode, through.stdout), through.stderr
    assert (direct.stderr, through.stderr) == (b"", b"left" if is_certain else b"")
    assert program.served() == 1, program.events()


def test_the_order_of_output_and_errors(atlas: Atlas) -> None:
    """12: through one pipe, both come in the order and the pieces in which they come directly."""
    program = atlas("""
        import logging, sys
        logging.basicConfig(stream=sys.stderr)
        def main():
            for number in range(2000):
                print("output", number)
                if number % 7 == 0:
                    logging.warning("error %d", number)
                if number % 50 == 0:
                    sys.stdout.flush()
    """)
    program.start()
    direct, through = (program.shell("atlas 2>&1", resident=resident).stdout for resident in (False, True))
    assert direct == through
    assert program.served() == 1, program.events()


def test_random_numbers_differ_from_call_to_call(atlas: Atlas) -> None:
    """14: `random`, `uuid`, `secrets` and `tempfile` give each call other numbers, though all were loaded before."""
    program = atlas("""
        import random, secrets, ssl, tempfile, uuid
        def main():
            print(random.random(), uuid.uuid4(), secrets.token_hex(), next(tempfile._get_candidate_names()))
    """)
    program.start()
    calls = [program.run().stdout.split() for _ in range(5)]
    assert program.served() == 5
    assert all(len(set(column)) == 5 for column in zip(*calls, strict=True))


def test_the_umask_and_the_limits(atlas: Atlas) -> None:
    """10: umask, limits, niceness and processors are the caller's."""
    program = atlas("""
        import os, resource
        def main():
            print(oct(os.umask(0)), os.nice(0), sorted(os.sched_getaffinity(0)))
            print([resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name[:7] == "RLIMIT_"])
    """)
    program.start()
    lines = ["umask 027; ulimit -n 200; ulimit -S -c 0; exec nice -n 3 atlas", "ulimit -v 4000000; atlas"]
    cpu = min(os.sched_getaffinity(0))
    for line in [*lines, f"taskset -c {cpu} atlas"]:
        direct, through = (program.shell(line, resident=resident) for resident in (False, True))
        assert (direct.stdout, direct.stderr) == (through.stdout, through.stderr)
    assert program.served() == 3, program.events()


def test_what_cannot_be_taken_over_runs_directly(atlas: Atlas) -> None:
    """10: where the process itself was started with less than the caller has, the call runs directly."""
    program = atlas("import resource\ndef main(): print(resource.getrlimit(resource.RLIMIT_NOFILE))")
    command = f"ulimit -n 512; {sys.executable} -m deferred_imports.resident start {program.script}"
    done = program.shell(command, env={"PYDEFER_RESIDENT": "0"})
    assert b"ready" in done.stdout, done.stderr
    if os.geteuid() == 0:
        done = program.shell("setpriv --no-new-privs atlas || atlas")
        assert re.search("direct: .* differs", program.events()), program.events()
    else:
        done = program.run()
        assert "direct: RefusedError: RLIMIT_NOFILE cannot be" in program.events()
    assert done.stdout == program.shell("atlas", resident=False).stdout
