"""The client's way when the call is made here: say why in the file of events, and start a process for the next call.

It is started as this one was, with the same arguments, variables and directory, so that it reaches `run` as this one
has. Its end of a lock goes with it: while that is held, no second one is started.
"""

import os
import sys
import time

from deferred_imports.resident import identity
from deferred_imports.resident.events import note
from deferred_imports.resident.staleness import Snapshot


def go_on(reason: str, idle: str, directory: str, program: str, *, is_missing: bool) -> None:
    """Note that a call is made here, and start a process if that was what was missing.

    Args:
        reason: Why it is made here.
        idle: How long a process shall wait for calls.
        directory: The directory of `place`, or nothing where there is none.
        program: The identity of the program, or nothing where there is none.
        is_missing: Whether a process would have helped.
    """
    if not directory or not program:
        return
    events = f"{directory}/{identity.name_of(program)}.events"
    note(events, f"direct: {reason}")
    if is_missing:
        try:
            _start(directory, program, idle, events)
        except (OSError, ValueError) as error:
            note(events, f"not started: {error}")


def only_start(target: str, idle: str, doubt: str = "") -> None:
    """Start a process, wait until it is ready, and end; say on standard error why there is none, and exit with 1.

    Args:
        target: The function.
        idle: How long the process shall wait for calls.
        doubt: Why there can be none here, if that is known.
    """
    os.environ.pop("PYDEFER_RESIDENT")
    try:
        if doubt:
            raise ValueError(doubt)
        directory = identity.directory()
        program = identity.program(target)
        end = time.monotonic() + PATIENCE
        reason = _attempt(directory, program, idle)
        while reason.startswith(AGAIN) and time.monotonic() < end:
            time.sleep(0.01)
            reason = _attempt(directory, program, idle)
    except (identity.UnusableError, OSError, ValueError) as error:
        reason = str(error)
    if reason == READY:
        os._exit(0)
    os.write(2, f"no resident process: {reason.removeprefix(AGAIN)}\n".encode())
    os._exit(1)


READY = "ready"
"""What a process says to who waits for it."""

AGAIN = "not yet: "
"""How it begins to say why it cannot serve, where that passes without any change."""

PATIENCE = 60.0
"""Seconds for which `only_start` tries again what passes, and waits for a process that another call has started."""


def _attempt(directory: str, program: str, idle: str) -> str:
    """Return `READY`, or why there is no process, which begins with `AGAIN` where the next attempt may succeed."""
    ready, answer = os.pipe()
    try:
        events = f"{directory}/{identity.name_of(program)}.events"
        # Somebody else's process may end without getting ready, and its name may change: each attempt looks anew.
        if not _start(directory, program, idle, events, answer):
            is_ready = _listens(f"{directory}/{_name(directory, program)}.socket")
            return READY if is_ready else f"{AGAIN}another one is starting, and does not get ready"
        os.close(answer)
        answer = -1
        said = b""
        while more := os.read(ready, 4096):
            said += more
        return said.decode("utf-8", "replace") or "it has ended; the log says why"
    finally:
        for file in (ready, answer):
            if file >= 0:
                os.close(file)


def _listens(path: str) -> bool:
    """Tell whether a process listens on a socket: one that was killed has left its own."""
    import _socket

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.connect(path)
    except OSError:
        return False
    finally:
        connection.close()
    return True


def _name(directory: str, program: str) -> str:
    """Return the name that a process for this call has, as far as anybody knows now."""
    reads = identity.reads(directory, program)
    return identity.name_of(identity.with_reads(program, reads, identity.variables_now()))


def _start(directory: str, program: str, idle: str, events: str, answer: int = -1) -> bool:
    """Start a process, unless that would fail again; return false where another call has started one."""
    import fcntl

    name = _name(directory, program)
    lock = os.open(f"{directory}/{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if not _may_try_again(f"{directory}/{name}.failed") and answer < 0:
            return True
        _spawn(lock, f"{directory}/{name}.log", idle, f"{identity.name_of(program)} {name}", answer)
        note(events, f"started: {name}")
        return True
    finally:
        os.close(lock)


def _may_try_again(path: str) -> bool:
    """Tell whether something has changed since a process could not become ready, if there was one."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            snapshot = Snapshot.read(file.read().split("\n", 1)[1])
    except (FileNotFoundError, IndexError):
        return True
    if not snapshot.changed():
        return False
    os.unlink(path)
    return True


def _spawn(lock: int, log: str, idle: str, names: str, answer: int) -> None:
    """Start the process: a grandchild: no process has to wait for it, and it holds nothing of this one but the lock."""
    has_terminal = identity.session()
    wanted = os.environ.get("PYDEFER_RESIDENT", "")
    how = f"{lock} {answer} {time.time_ns()} {identity.terminals()}"
    variables = {**os.environ, "PYDEFER_RESIDENT": f"serve {how} {idle} {names} {wanted}"}
    undo_coercion(variables)
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        if not has_terminal:
            os.setsid()
        if os.fork():
            os._exit(0)
        if has_terminal:
            os.setpgid(0, 0)
        null = os.open(os.devnull, os.O_RDWR)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        for file in map(int, os.listdir("/proc/self/fd")):
            if file > 2 and file not in (lock, answer):
                try:
                    os.close(file)
                except OSError:  # what has listed them
                    pass
        for file in (lock, answer):
            if file >= 0:
                os.set_inheritable(file, True)
        os.execve(sys.executable, sys.orig_argv, variables)  # noqa: S606 - no shell is wanted
    finally:
        os._exit(1)


def undo_coercion(variables: "dict[str, str]") -> None:
    """Have LC_CTYPE as it was given: in the C locale Python sets it for itself (PEP 538), and with it starts otherwise.

    Args:
        variables: What the process shall be started with.
    """
    if variables.get("LC_CTYPE") not in ("C.UTF-8", "C.utf8", "UTF-8"):
        return
    del variables["LC_CTYPE"]
    with open("/proc/self/environ", "rb") as file:
        for variable in file.read().split(b"\0"):
            if variable.startswith(b"LC_CTYPE="):
                variables["LC_CTYPE"] = os.fsdecode(variable[9:])
