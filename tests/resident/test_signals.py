"""Signals, jobs and terminals: a call through the resident process is a job as any other."""

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from residents import PATIENCE, Program, shown, wait_for_end, wait_until
from terminals import PROMPT, Terminal

# xdist's workers have a thread of their own; the child of the fork executes another program at once.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of forkpty:DeprecationWarning")

Atlas = Callable[[str], Program]
Open = Callable[[Program], Terminal]

LISTENER = """
    import os, signal, sys, time
    def main():
        def hear(number, frame):
            os.write(1, f"{signal.Signals(number).name}\\n".encode())  # print() may be at work
            if number == signal.SIGTERM:
                sys.exit(3)
        for name in ("HUP", "INT", "QUIT", "USR1", "USR2", "WINCH", "ALRM", "TERM", "TSTP", "CONT"):
            signal.signal(getattr(signal, f"SIG{name}"), hear)
        os.write(1, b"listens\\n")
        while True:
            time.sleep(0.01)  # not pause(), which a signal may come just before
"""


@pytest.fixture
def window() -> Iterator[Open]:
    """Open a terminal window in which ``atlas`` is resident."""
    opened: list[Terminal] = []

    def make(program: Program) -> Terminal:
        path = f"{program.path}:{os.path.dirname(sys.executable)}:{program.variables['PATH']}"
        terminal = Terminal.open(program.env({"PATH": path}), str(program.path))
        opened.append(terminal)
        command = f"{sys.executable} -m deferred_imports.resident start {program.script}"
        assert "ready" in terminal.run(command), program.events()
        return terminal

    yield make
    for terminal in opened:
        terminal.close()


def line(call: "subprocess.Popen[bytes]") -> str:
    """Read a line of what a call prints."""
    assert call.stdout is not None
    assert select.select([call.stdout], [], [], PATIENCE)[0], "it prints nothing"
    return call.stdout.readline().decode().strip()


@pytest.mark.parametrize("resident", [False, True])
def test_every_signal_reaches_the_program_once(resident: bool, atlas: Atlas) -> None:
    """15: each that can be handled, in order; the exit code comes back, and the server survives."""
    program = atlas(LISTENER)
    program.start()
    call = program.popen(resident=resident)
    assert line(call) == "listens"
    for name in ("USR1", "INT", "HUP", "WINCH", "INT", "QUIT", "USR2", "ALRM", "TSTP", "CONT", "TERM"):
        call.send_signal(getattr(signal, f"SIG{name}"))
        assert line(call) == f"SIG{name}"
    output, errors = call.communicate(timeout=PATIENCE)
    assert (call.returncode, output, errors) == (3, b"", b"")
    assert program.served() == int(resident)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGINT])
def test_the_client_dies_of_the_same_signal(number: signal.Signals, atlas: Atlas) -> None:
    """11, 15: by default each ends the program, and the caller sees that signal; the next call is as ever."""
    program = atlas("""
        import signal
        def main():
            print("waits", flush=True); signal.pause()
    """)
    program.start()
    ended = []
    for resident in (False, True):
        call = program.popen(resident=resident)
        assert line(call) == "waits"
        call.send_signal(number)
        output, errors = call.communicate(timeout=PATIENCE)
        ended.append(shown(subprocess.CompletedProcess((), call.returncode, output, errors)))
        ended[-1] = re.sub(r'atlas.py", line.*', "", ended[-1], flags=re.DOTALL)  # wherever it was just then
    assert ended[0] == ended[1], f"{ended[0]}\n{ended[1]}"
    assert ended[0].startswith(f"exit {-number}\n")
    assert program.served() == 1


def test_a_signal_that_comes_before_the_child_is_not_lost(atlas: Atlas) -> None:
    """15: while the server does not answer yet, the client keeps it, and the child gets it first of all."""
    program = atlas("def main(): print('never')")
    program.start()
    server = program.pid()
    os.kill(server, signal.SIGSTOP)
    call = program.popen()

    def is_blocked() -> bool:
        blocked = re.search(r"SigBlk:\t(\w+)", Path(f"/proc/{call.pid}/status").read_text("ascii"))
        return blocked is not None and bool(int(blocked[1], 16) & 1 << signal.SIGUSR1 - 1)

    wait_until(is_blocked, "the client blocks no signals")
    call.send_signal(signal.SIGUSR1)
    os.kill(server, signal.SIGCONT)
    assert call.communicate(timeout=PATIENCE)[0] == b""
    assert call.returncode == -signal.SIGUSR1
    assert program.served() == 1


STOPS = """
    import os, sys
    def main():
        print(os.getpid(), flush=True)
        print("read", sys.stdin.readline(), flush=True)
        return 7
"""


def state(pid: int) -> str:
    """Return the state of a process, as proc(5) has it: T is stopped, Z has ended."""
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1].decode()


def test_a_child_that_goes_on_and_ends_before_the_server_looks(atlas: Atlas) -> None:
    """16: the system tells of the end alone, and the client that was stopped ends, too."""
    program = atlas(STOPS)
    program.start()
    server = program.pid()
    call = program.popen(stdin=subprocess.PIPE)
    child = int(line(call))
    os.kill(child, signal.SIGSTOP)
    wait_until(lambda: state(call.pid) == "T", "the client does not stop")
    os.kill(server, signal.SIGSTOP)
    wait_until(lambda: state(server) == "T", "the server does not stop")
    os.kill(child, signal.SIGCONT)
    assert call.stdin is not None
    call.stdin.write(b"hello\n")
    call.stdin.flush()
    assert line(call) == "read hello"
    wait_until(
        lambda: Path(f"/proc/{child}/stat").read_bytes().rpartition(b") ")[2].startswith(b"Z"), "it does not end"
    )
    os.kill(server, signal.SIGCONT)
    assert call.communicate(timeout=PATIENCE)[1] == b""
    assert call.returncode == 7
    assert program.processes()[0]["running"] == "0"


@pytest.mark.parametrize("ends", [False, True])
def test_a_child_that_goes_on_before_the_client_has_stopped(ends: bool, atlas: Atlas) -> None:
    """16: what is to make the client go on comes too early, and it goes on nevertheless."""
    program = atlas(STOPS)
    program.start()
    call = program.popen(stdin=subprocess.PIPE)
    child = int(line(call))
    os.kill(call.pid, signal.SIGSTOP)
    wait_until(lambda: state(call.pid) == "T", "the client does not stop")
    os.kill(child, signal.SIGSTOP)
    wait_until(lambda: state(child) == "T", "the child does not stop")
    program.processes()  # by the second answer, the server has seen it
    program.processes()
    os.kill(child, signal.SIGCONT)
    if ends:
        os.kill(child, signal.SIGTERM)
    assert call.communicate(b"hello\n", timeout=PATIENCE)[0] == (b"" if ends else b"read hello\n\n")
    assert call.returncode == (-signal.SIGTERM if ends else 7)


@pytest.mark.parametrize("resident", [False, True])
def test_a_client_that_is_killed(resident: bool, atlas: Atlas) -> None:
    """17: with -9, which it cannot pass on: the program gets SIGHUP, then SIGKILL, and all of it is gone."""
    program = atlas("""
        import os, signal, time
        def main():
            signal.signal(signal.SIGHUP, lambda *_: open("hup", "w").close())
            print(os.getpid(), flush=True)
            while True:
                time.sleep(60)
    """)
    program.start()
    call = program.popen(resident=resident)
    child = int(line(call))
    call.kill()
    call.communicate(timeout=PATIENCE)
    wait_for_end(child)
    assert call.returncode == -signal.SIGKILL
    assert (program.path / "hup").exists() == resident  # directly, nothing can be told to a process that is gone
    assert program.run(resident=False, before=["timeout", "0.3"]).returncode == 124
    (found,) = program.processes()
    assert found["running"] == "0"


def test_timeout_nohup_and_setsid(atlas: Atlas) -> None:
    """18: what starts a program in a certain way finds it as it does directly."""
    program = atlas("""
        import os, signal, sys, time
        def main():
            print(signal.getsignal(signal.SIGHUP), sys.argv[1:], flush=True)
            if "wait" in sys.argv:
                time.sleep(60)
            return 5
    """)
    program.start()
    for number, text in enumerate(
        (
            "nohup atlas",
            "nohup atlas wait & sleep 0.5; kill -HUP $!; sleep 0.1; kill -TERM $!; wait $!",
            "timeout 0.5 atlas wait",
            "timeout -s KILL 0.5 atlas wait",
            "timeout --preserve-status -s INT 0.5 atlas wait",
            "timeout 60 atlas",
            "sh -c 'atlas; exit $?'",
            "(trap '' INT; exec atlas)",
            "env -i PATH=$PATH PYTHONPATH=$PYTHONPATH XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR PYDEFER_RESIDENT=1 atlas",
            "atlas & wait $!",
            "nice atlas | cat; exit ${PIPESTATUS[0]}",
        )
    ):
        direct, through = (program.shell(text, resident=resident) for resident in (False, True))
        if "env -i" not in text:  # there the variable is set in any case
            assert (direct.returncode, direct.stdout, direct.stderr) == (
                through.returncode,
                through.stdout,
                through.stderr,
            ), text
        assert program.served() >= number, f"{text}\n{program.events()}"


SESSION = """
    import getpass, os, select, shutil, signal, sys, termios, time
    def main():
        how = sys.argv[1]
        if how == "ask":
            print([os.isatty(file) for file in (0, 1, 2)], os.get_terminal_size(), shutil.get_terminal_size())
            print(os.getsid(0) == os.getsid(os.getppid()), os.tcgetpgrp(0) == os.getpgrp(), sys.stdout.line_buffering)
            print(os.ttyname(0) == os.ttyname(1), os.environ["TERM"], termios.tcgetattr(0)[3])
            print(open("/dev/tty").isatty())
        elif how == "password":
            print(getpass.getpass("secret? "))
        elif how == "input":
            import readline
            print(input("name? ")[::-1])
        elif how == "pager":
            return os.system("echo paged > page; less -E page < page; stty size < /dev/tty")
        elif how == "size":
            heard = []  # not signal.pause(), which would wait for another signal if this one came before it
            signal.signal(signal.SIGWINCH, lambda *_: heard.append(os.get_terminal_size()))
            print("draws", flush=True)
            while not heard:
                time.sleep(0.01)
            print(heard[0])
        elif how == "interrupt":
            for count in (1, 2):
                try:
                    print("works", count, flush=True)
                    time.sleep(60)
                except KeyboardInterrupt:
                    print("interrupted", count, flush=True)
            time.sleep(60)
        elif how == "stop":
            signal.signal(signal.SIGCONT, lambda *_: os.write(1, b"continued\\n"))
            print("runs", flush=True)
            while not select.select([0], [], [], 0.01)[0]:  # a read that begins just after a signal knows nothing of it
                pass
            print("read", sys.stdin.readline(), flush=True)
            return 7
        elif how == "work":
            signal.signal(signal.SIGCONT, lambda *_: os.write(1, b"continued\\n"))
            print("runs", flush=True)
            while not os.path.exists("go"):
                time.sleep(0.01)
            print("foreground:", os.tcgetpgrp(1) == os.getpgrp(), flush=True)
            return 7
        elif how == "read":
            print("read", sys.stdin.readline(), flush=True)
        elif how == "wait":
            signal.signal(signal.SIGHUP, lambda *_: (open("hup", "w").close(), sys.exit(1)))
            print("waits", flush=True)
            time.sleep(60)
        elif how == "child":
            os.execvp("cat", ["cat"])
"""


def test_a_terminal_is_the_programs_own(atlas: Atlas, window: Open) -> None:
    """8, 9: what it is, its size, `/dev/tty`, `getpass`, `input` with readline, and a pager: as directly."""
    program = atlas(SESSION)
    terminal = window(program)
    seen = []
    for variable in ("PYDEFER_RESIDENT=0 ", ""):
        asked = [terminal.run(f"{variable}atlas ask")]
        terminal.type(f"{variable}atlas password\n")
        terminal.expect(r"secret\? ")
        terminal.type("sesame\n")
        asked.append(terminal.expect(re.escape(PROMPT)))
        terminal.type(f"{variable}atlas input\n")
        terminal.expect(r"name\? ")
        terminal.type("atlas\n")
        asked.append(terminal.expect(re.escape(PROMPT)))
        asked.append(terminal.run(f"{variable}atlas pager"))
        seen.append(asked)
    assert seen[0] == seen[1]
    assert "[True, True, True] os.terminal_size(columns=80, lines=24)" in seen[1][0]
    assert "True True True\nTrue xterm" in seen[1][0]
    assert "sesame" in seen[1][1]
    assert "salta" in seen[1][2]
    assert program.served() == 4, program.events()


def test_a_window_that_changes_its_size(atlas: Atlas, window: Open) -> None:
    """8: the program hears of it, and sees the size of now, not of the server's start."""
    program = atlas(SESSION)
    terminal = window(program)
    terminal.resize(100, 30)
    assert "columns=100, lines=30" in terminal.run("atlas ask")
    terminal.type("atlas size\n")
    terminal.expect("draws\n")
    terminal.resize(120, 40)
    terminal.expect("columns=120, lines=40")
    terminal.expect(re.escape(PROMPT))
    assert program.served() == 2, program.events()


def test_ctrl_c_once_and_again(atlas: Atlas, window: Open) -> None:
    """15: each reaches the program once; the third, which it does not handle, ends it by that signal."""
    program = atlas(SESSION)
    terminal = window(program)
    terminal.type("atlas interrupt\n")
    for count in (1, 2):
        terminal.expect(f"works {count}\n")
        terminal.type("\x03")
        terminal.expect(f"interrupted {count}\n")
    wait_until(lambda: program.processes()[0]["running"] == "1", "it runs no more")
    terminal.type("\x03")
    assert "KeyboardInterrupt" in terminal.expect(re.escape(PROMPT))
    assert terminal.run("echo $?") == "130\n"
    terminal.type("bash -c 'atlas wait; echo goes on'\n")  # which ends if its child dies of SIGINT
    terminal.expect("waits\n")
    terminal.type("\x03")
    assert "goes on" not in terminal.expect(re.escape(PROMPT))
    assert program.served() == 2, program.events()


def test_ctrl_z_and_back(atlas: Atlas, window: Open) -> None:
    """16: it stops with all that is its job, and goes on in the foreground; its exit code is there at last."""
    program = atlas(SESSION)
    terminal = window(program)
    for line in ("atlas stop | cat", "atlas stop"):
        terminal.type(f"{line}\n")
        terminal.expect("runs\n")
        terminal.type("\x1a")
        terminal.expect("Stopped")
        terminal.expect(re.escape(PROMPT))
        assert "Stopped" in terminal.run("jobs")
        terminal.type("fg\n")
        terminal.expect("continued\n")
        terminal.type("hello\n")
        terminal.expect("read hello\n")
        terminal.expect(re.escape(PROMPT))
    assert terminal.run("echo $?") == "7\n"
    assert program.served() == 2, program.events()


def test_going_on_in_the_background(atlas: Atlas, window: Open) -> None:
    """16: after `bg` it goes on without the terminal, and can be fetched again; either way the shell sees its end."""
    program = atlas(SESSION)
    terminal = window(program)
    go = program.path / "go"
    for fetched in (True, False):
        terminal.type("atlas work\n")
        terminal.expect("runs\n")
        terminal.type("\x1a")
        terminal.expect("Stopped")
        terminal.expect(re.escape(PROMPT))
        terminal.type("bg\n")
        prompt = re.escape(PROMPT)  # which comes before the word or after it
        terminal.expect(f"(?s)continued\n.*{prompt}|{prompt}.*continued\n")
        assert "Running" in terminal.run("jobs")
        if fetched:
            terminal.type("fg\n")
            terminal.expect("atlas work\n")
            go.touch()
            terminal.expect("foreground: True\n")
            terminal.expect(re.escape(PROMPT))
            assert terminal.run("echo $?") == "7\n"
        else:
            terminal.run(": > go; wait %1; echo ended $? > code")  # after a process as `touch` it may be gone
            terminal.run("echo")
            assert (program.path / "code").read_text("utf-8") == "ended 7\n"
        go.unlink()
    assert program.served() == 2, program.events()


def test_reading_in_the_background(atlas: Atlas, window: Open) -> None:
    """16: it is stopped when it reads from the terminal, as its shell says, and reads in the foreground."""
    program = atlas(SESSION)
    terminal = window(program)
    terminal.run("atlas read &")
    wait_until(lambda: "Stopped" in terminal.run("jobs"), "it is not stopped")
    assert "Stopped" in terminal.run("jobs")
    terminal.type("fg\n")
    terminal.expect("atlas read\n")
    terminal.type("hello\n")
    terminal.expect("read hello\n")
    terminal.expect(re.escape(PROMPT))
    terminal.run("atlas stop < /dev/null & wait")
    assert program.served() == 2, program.events()


def test_a_window_that_is_closed(atlas: Atlas, window: Open) -> None:
    """15, 25: the program gets SIGHUP; and the server that belongs to the window ends, too."""
    program = atlas(SESSION)
    terminal = window(program)
    server = program.pid()
    terminal.type("atlas wait\n")
    terminal.expect("waits\n")
    terminal.close()
    wait_until((program.path / "hup").exists, "it gets no SIGHUP")
    wait_for_end(server)
    assert "ended: the session of its terminal has ended; 1 calls" in program.events()
    assert program.processes() == []
