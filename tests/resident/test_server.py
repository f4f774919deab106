"""The life of a server: one at a time, bounded, visible, and nothing is lost or done twice when it dies."""

import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from time import perf_counter

import pytest

from deferred_imports.resident.events import note
from deferred_imports.resident.listening import MOST
from residents import PATIENCE, Program, wait_for_end, wait_until

Atlas = Callable[[str], Program]

WAITS = """
    import os, sys
    def main():
        with open("log", "a") as log:
            log.write("made\\n")
        print(os.getpid(), flush=True)
        sys.stdin.readline()
        print("done")
"""


def test_unasked_nothing_happens(atlas: Atlas) -> None:
    """Without the variable, or with 0, the function is called, nothing else is loaded, started or written."""
    program = atlas("""
        import sys
        def main():
            print(sorted(name for name in sys.modules if name.startswith("deferred_imports")), "_socket" in sys.modules)
    """)
    for value in ("", "0", "no", "off", "false"):
        done = program.run(env={"PYDEFER_RESIDENT": value})
        assert done.stdout == b"['deferred_imports', 'deferred_imports.resident'] False\n"
    assert not program.directory.exists()


def test_a_wrong_value_is_said_once_a_call(atlas: Atlas) -> None:
    """It runs directly, and one line says what was expected."""
    program = atlas("def main(): print('well')")
    done = program.run(env={"PYDEFER_RESIDENT": "maybe"})
    assert (done.stdout, done.stderr.count(b"\n")) == (b"well\n", 1)
    assert b'PYDEFER_RESIDENT: expected 1, 0 or an idle time like 15m, got "maybe"' in done.stderr


def test_fifty_clients_at_once(atlas: Atlas) -> None:
    """24: at the first start, all get their answer, and one process is started; later, all are served by it."""
    program = atlas("import sys\ndef main(): print(sys.argv[1])")
    for _ in range(2):
        calls = [program.popen(str(number)) for number in range(50)]
        for number, call in enumerate(calls):
            output, errors = call.communicate(timeout=PATIENCE)
            assert (output, errors, call.returncode) == (f"{number}\n".encode(), b"", 0)
        program.start()
    assert program.events().count("ready: ") == 1
    assert program.served() >= 50


def test_a_start_that_fails(atlas: Atlas) -> None:
    """26: the call shows the error, nothing tries again and again, and once it is mended all is well."""
    program = atlas("import missing\ndef main(): print('well')")
    direct = program.run(resident=False)
    for _ in range(3):
        through = program.run()
        assert (through.returncode, through.stderr) == (1, direct.stderr)
        wait_until(lambda: "unfit: importing atlas:main fails" in program.events(), "it does not give up")
    assert program.events().count("started: ") == 1
    assert "needs" not in program.events()
    program.write({"missing.py": ""})

    def is_tried_again() -> bool:
        assert program.run().stdout == b"well\n"  # a file that has just changed may put it off once more
        return bool(program.processes())

    wait_until(is_tried_again, "it is not tried again")
    assert program.both().stdout == b"well\n"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import threading, time; threading.Thread(target=time.sleep, args=(3,), daemon=True).start()", "threads"),
        ("import sys; DEBUG = '--debug' in sys.argv", "it reads sys.argv"),
        ("print('banner')", "it prints"),
        ("kept = open(__file__)", "open"),
        ("import sys, io; sys.stdout = io.StringIO()", "standard input or output"),
        ("import tempfile; kept = tempfile.mkdtemp()", "it makes"),
        ("import sys; sys.addaudithook(lambda *_: None)", "audit hook"),
        (
            "import ctypes as c; c.CDLL(None).pthread_create(c.byref(c.c_ulong()), None, c.CDLL(None).pause, None)",
            "a library in C starts threads while it is imported that it does not end for a fork",
        ),
    ],
)
def test_what_several_calls_cannot_share(code: str, reason: str, atlas: Atlas) -> None:
    """30, 31: threads, open files, output and the like of a module that is imported: every call runs directly."""
    program = atlas(f"{code}\ndef main(): pass")
    done = program.command("start", str(program.script))
    assert done.returncode == 1
    assert reason in done.stderr
    assert reason in program.command("status").stdout
    direct, through = program.run(resident=False), program.run()
    assert (direct.returncode, direct.stdout, direct.stderr) == (through.returncode, through.stdout, through.stderr)


def test_a_child_that_is_warmed_when_it_gets_its_call(atlas: Atlas) -> None:
    """24: it may begin with that before it sees the call, and makes it nevertheless."""
    program = atlas("""
        import os, select
        server, poll = os.getpid(), select.poll
        class Late:
            def __init__(self): self.register = (poll := select.poll.really()).register; self.wait = poll.poll
            def poll(self, timeout=None):
                self.wait()
                return []  # as if the time had been over just before
        select.poll = lambda: poll() if os.getpid() == server else Late()
        select.poll.really = poll
        def main(): print("well")
    """)
    program.start()
    for _ in range(3):
        assert program.both().stdout == b"well\n"


def test_busy_is_not_stuck(atlas: Atlas) -> None:
    """27, 32: `status` answers while a call runs, tells what was saved, and `stop` lets the call finish."""
    program = atlas(WAITS)
    program.start()
    call = program.popen(stdin=subprocess.PIPE)
    assert call.stdout is not None
    call.stdout.readline()
    shown = program.command("status").stdout
    assert "1 calls, 1 running" in shown
    assert "s saved" in shown
    server = program.pid()
    assert program.command("stop").stdout == f"process {server} ends\n"
    assert call.communicate(b"\n", timeout=PATIENCE)[0] == b"done\n"
    wait_for_end(server)
    assert "ended: it was told to; 1 calls" in program.command("logs").stdout
    assert "restart" in program.command("--help").stdout


def test_a_reader_of_the_output_may_have_seen_enough(atlas: Atlas) -> None:
    """What a pipe that `head` has closed does to the command is told by its exit code, without a traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "deferred_imports.resident", "status"]
    env = atlas("def main(): pass").env(resident=False)
    done = subprocess.run(command, env=env, stdout=writing, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_start_alone_asks_for_it(atlas: Atlas) -> None:
    """Without the variable, a program that `start` was told of is resident, until `stop`."""
    program = atlas("def main(): print('well')")
    program.start()
    assert program.run(env={"PYDEFER_RESIDENT": ""}).stdout == b"well\n"
    assert program.served() == 1
    program.command("restart", str(program.script))
    assert program.run(env={"PYDEFER_RESIDENT": ""}).stdout == b"well\n"
    assert program.served() == 1
    server = program.pid()
    program.command("stop")
    wait_for_end(server)
    assert program.run(env={"PYDEFER_RESIDENT": ""}).stdout == b"well\n"
    assert program.processes() == []
    assert not (program.directory / "started").exists()


def test_an_idle_process_ends(atlas: Atlas) -> None:
    """28: after the time that was asked for, and not while a call runs."""
    program = atlas(WAITS)
    program.command("start", str(program.script), "--idle", "1s")
    server = program.pid()
    call = program.popen(stdin=subprocess.PIPE)
    assert call.stdout is not None
    call.stdout.readline()
    with pytest.raises(subprocess.TimeoutExpired):
        call.wait(1.5)
    assert program.pid() == server
    call.communicate(b"\n", timeout=PATIENCE)
    wait_for_end(server)
    assert "ended: idle; 1 calls" in program.events()


def test_a_caller_that_says_nothing(atlas: Atlas) -> None:
    """28: it is let go after a while, here a shorter one, and keeps no process that is to end."""
    program = atlas("""
        from deferred_imports.resident import calls
        calls.SILENCE = 2.0
        def main(): print("well")
    """)
    program.start()
    server = program.pid()
    (path,) = program.directory.glob("*.socket")
    with socket.socket(socket.AF_UNIX) as silent, socket.socket(socket.AF_UNIX) as hesitant:
        for caller in (silent, hesitant):
            caller.settimeout(PATIENCE)
            caller.connect(str(path))
        hesitant.sendall(b"deferred-imports 1\n")
        assert program.pid() == server  # who comes later is answered, so it has seen both
        os.kill(server, signal.SIGTERM)
        wait_for_end(server)
        assert silent.recv(1) == hesitant.recv(1) == b""


def test_there_are_so_many_at_most(atlas: Atlas) -> None:
    """29: when one too many gets ready, the one that was idle for longest ends, and none in which a call runs."""
    program = atlas(f"import os\nNUMBER = os.environ.get('NUMBER')\n{dedent(WAITS)}")
    start = {"PYDEFER_RESIDENT": "start 15m"}  # without the command, which takes twice as long
    assert program.run(env={"NUMBER": "0", **start}).returncode == 0
    call = program.popen(stdin=subprocess.PIPE, env={"NUMBER": "0"})
    assert call.stdout is not None
    call.stdout.readline()
    busy = program.pid()
    for number in range(1, MOST):
        assert program.run(env={"NUMBER": str(number), **start}).returncode == 0
    before = {int(found["process"]): float(found["idle"].split()[0]) for found in program.processes()}
    assert len(before) == MOST == 8  # as the manual says
    longest = max(before.keys() - {busy}, key=lambda pid: before[pid])
    assert program.run(env={"NUMBER": str(MOST), **start}).returncode == 0
    wait_for_end(longest)
    after = {int(found["process"]) for found in program.processes()}
    assert (len(after), before.keys() - after) == (MOST, {longest})
    assert call.communicate(b"\n", timeout=PATIENCE)[0] == b"done\n"
    assert program.events().count("ended: it was told to") == 1


def test_a_server_that_is_killed(atlas: Atlas) -> None:
    """37, 17: the call goes on to its end, is made once, and the caller is told, with exit code 75."""
    program = atlas(WAITS)
    program.start()
    call = program.popen(stdin=subprocess.PIPE)
    assert call.stdout is not None
    child = int(call.stdout.readline())
    os.kill(program.pid(), signal.SIGKILL)
    output, errors = call.communicate(b"\n", timeout=PATIENCE)
    assert (call.returncode, output) == (75, b"done\n")
    assert errors.startswith(b"deferred-imports: the resident process was ended while it ran this")
    wait_for_end(child)
    assert (program.path / "log").read_text("utf-8") == "made\n"
    assert program.run(stdin=b"\n").returncode == 0  # and the next one starts anew
    program.start()
    assert program.served() == 0


def test_a_child_that_is_killed(atlas: Atlas) -> None:
    """37: the caller dies of the same signal, and nothing is made again."""
    program = atlas(WAITS)
    program.start()
    call = program.popen(stdin=subprocess.PIPE)
    assert call.stdout is not None
    os.kill(int(call.stdout.readline()), signal.SIGKILL)
    call.communicate(timeout=PATIENCE)
    assert call.returncode == -signal.SIGKILL
    assert (program.path / "log").read_text("utf-8") == "made\n"


@pytest.mark.parametrize("whom", ["client", "child", "server"])
def test_kills_at_random_instants(whom: str, atlas: Atlas) -> None:
    """37: the call is made once or not at all, nothing of ours is said but that, and the next one is as ever."""
    program = atlas("""
        import os, time
        def main():
            with open("log", "a") as log:
                log.write(f"{os.environ['CALL']}\\n")
            time.sleep(0.002)
            print("done")
    """)
    program.start()
    program.both(env={"CALL": "-"})
    begin = perf_counter()
    program.run(env={"CALL": "-"})
    took = perf_counter() - begin
    expected: set[tuple[int, bytes]] = {(0, b"done\n"), (75, b"done\n"), (75, b"")}
    server = program.pid()
    for number in range(KILLS):
        call = program.popen(env={"CALL": str(number)})
        end = perf_counter() + took * (number + 0.5) / KILLS
        while perf_counter() < end:
            pass
        with contextlib.suppress(ProcessLookupError):  # it may have ended
            os.kill({"client": call.pid, "server": server}.get(whom) or last_child(server), signal.SIGKILL)
        output, errors = call.communicate(timeout=PATIENCE)
        made = (program.path / "log").read_text("utf-8").split().count(str(number))
        if call.returncode == -signal.SIGKILL and whom != "server":
            assert made <= 1
        else:
            assert (call.returncode, output) in expected, errors
            assert made == 1 or (made == 0 and call.returncode == 75)
        assert errors == b"" or (call.returncode == 75 and errors.count(b"\n") == 1), errors
        if whom == "server":
            program.start()
            server = program.pid()
    assert program.pid() == server
    assert program.both(env={"CALL": "-"}).stdout == b"done\n"


KILLS = 20
"""How many instants of a call are tried, one after the other."""


def last_child(pid: int) -> int:
    """Return the process id of the youngest child."""
    found = children(pid)
    if not found:
        raise ProcessLookupError
    return found[-1]


def children(pid: int) -> list[int]:
    """Return the process ids of the children, the youngest last."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def test_files_that_are_wiped_or_left_over(atlas: Atlas) -> None:
    """25: a stale socket, and a directory that was wiped: another process is started, no foreign one is touched."""
    program = atlas("def main(): print('well')")
    program.start()
    first = program.pid()
    os.kill(first, signal.SIGKILL)
    wait_for_end(first)
    assert list(program.directory.glob("*.socket"))
    program.start()
    assert program.both().stdout == b"well\n"
    second = program.pid()
    for file in program.directory.iterdir():
        file.unlink()
    assert program.run().stdout == b"well\n"
    wait_until(program.processes, "no other one is started")
    assert program.pid() != second
    os.kill(second, signal.SIGTERM)
    wait_for_end(second)
    assert program.both().stdout == b"well\n"


MANY = """#!{python}
import os
import sys
from door import main
if os.environ["PYDEFER_RESIDENT"] == "1":
    for _ in range(int(sys.argv[1])):
        if not os.fork():
            break
        os.wait()
    else:
        os._exit(0)
sys.exit(main())
"""
"""A script whose interpreter starts once, and makes many calls, each in a process and by a client of its own."""


def test_a_thousand_calls_leave_nothing(atlas: Atlas) -> None:
    """29, 31: file descriptors, children and memory are after a thousand calls as they were before."""
    program = atlas("import json\ndef main(): print(json.dumps([0] * 10000)[:1])")
    program.write({"atlas": MANY.format(python=sys.executable)})
    program.start()
    server = program.pid()

    def state() -> tuple[int, int]:
        wait_until(lambda: program.processes()[0]["running"] == "0", "a call does not end")
        wait_until(lambda: len(children(server)) == 1, "there is not one child, which waits for the next call")
        return len(os.listdir(f"/proc/{server}/fd")), int(program.processes()[0]["memory"])

    assert program.run("50").stdout == b"[\n" * 50
    files, memory = state()
    for _ in range(5):
        assert program.run("190").stdout == b"[\n" * 190
    after = state()
    assert after[0] == files
    assert after[1] <= memory + (256 << 10)
    assert (program.pid(), program.served()) == (server, 1000)


def test_the_file_of_events_is_bounded(tmp_path: Path) -> None:
    """31: the older half goes when it gets large, in whole lines; what is newest stays."""
    path = tmp_path / "atlas.events"
    for number in range(3000):
        note(str(path), f"direct: {number} {'x' * 50}")
    lines = path.read_text("utf-8").splitlines()
    assert path.stat().st_size < 70 << 10
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d direct: \d+ x{50}", line) for line in lines)
    assert [int(line.split()[3]) for line in lines] == list(range(3000 - len(lines), 3000))


def test_the_directory_is_the_users_alone(atlas: Atlas, tmp_path: Path) -> None:
    """33: made with 0700; open to others or a link, it is not used, and the call runs directly."""
    program = atlas("def main(): print('well')")
    program.start()
    assert stat.S_IMODE(program.directory.stat().st_mode) == 0o700
    program.directory.chmod(0o755)
    assert program.run().stdout == b"well\n"
    program.directory.chmod(0o700)
    assert program.served() == 0
    program.directory.rename(tmp_path / "moved")
    program.directory.symlink_to(tmp_path / "moved")
    assert program.run().stdout == b"well\n"
    program.directory.unlink()
    (tmp_path / "moved").rename(program.directory)
    assert program.served() == 0
    assert (
        "is not a directory of this user alone" in program.run(env={"XDG_RUNTIME_DIR": "relative"}).stderr.decode()
        or program.served() == 0
    )


def test_paths_that_are_too_long_or_read_only(atlas: Atlas, tmp_path: Path) -> None:
    """34: the call runs directly."""
    program = atlas("def main(): print('well')")
    long = tmp_path / ("x" * 120)
    long.mkdir()
    for place in (long, tmp_path / "not there", Path("/proc")):
        assert program.run(env={"XDG_RUNTIME_DIR": str(place)}).stdout == b"well\n"


def test_debuggers_profilers_and_tests(atlas: Atlas) -> None:
    """38: under each the call runs directly, within their process."""
    program = atlas("import os\ndef main(): print(os.getpid() == os.getpid())")
    program.start()
    script = str(program.script)
    for before, env in (
        ([sys.executable, "-X", "importtime"], {}),
        ([sys.executable, "-X", "dev"], {}),
        ([sys.executable, "-m", "cProfile"], {}),
        ([sys.executable, "-m", "trace", "--listfuncs"], {}),
        ([], {"PYTHONBREAKPOINT": "x.y"}),
        ([], {"PYTHONFAULTHANDLER": "1"}),
        ([], {"SUDO_UID": "0"}),
    ):
        assert program.run(before=before, env=env).returncode == 0, (before, script)
    inside = "import sys, door; sys.argv = ['atlas']; print('back', door.main())"
    done = subprocess.run(
        [sys.executable, "-c", inside], env=program.env(), capture_output=True, check=True, cwd=program.path
    )
    assert done.stdout == b"True\nback None\n"
    assert program.served() == 0


def test_the_socket_of_one_that_was_killed_is_not_one_that_is_ready(atlas: Atlas) -> None:
    """25: a start that finds another one at work waits until that is ready, whatever socket is left over."""
    program = atlas("""
        import os, time
        while os.path.exists("slow"):
            time.sleep(0.01)
        def main(): print("well")
    """)
    program.start()
    os.kill(program.pid(), signal.SIGKILL)
    slow = program.path / "slow"
    slow.touch()
    call = program.popen()
    wait_until(lambda: program.events().count("started: ") == 2, "no other one is started")
    start = subprocess.Popen(
        [sys.executable, "-m", "deferred_imports.resident", "start", str(program.script)],
        env=program.env(resident=False),
        cwd=program.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        start.wait(0.3)
    slow.unlink()
    assert b"ready" in start.communicate(timeout=PATIENCE)[0]
    assert call.communicate(timeout=PATIENCE)[0] == b"well\n"
    assert program.pid()
