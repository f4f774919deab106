"""The thin client: finds the process that stands in for this one, hands over all that it has, and ends as that does.

It comes back only while nothing has happened yet. From the moment that it has said GO, the call counts as made: what
is lost after that is said, and never made good by a second one.
"""

import os
import sys

from deferred_imports.resident import doubts, identity, wire

PATIENCE = 10.0
"""Seconds in which a process that is ready has to answer; it does so within milliseconds."""

LOST = 75
"""The exit code when nobody can tell any more how the call has ended: EX_TEMPFAIL of sysexits.h."""

FORWARDED = "HUP INT QUIT ABRT USR1 USR2 PIPE ALRM TERM CONT TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO".split()
"""The signals that the client passes on to the child.

Not among them are those that concern a process itself (ILL TRAP BUS FPE SEGV SYS CHLD), those that no process gets to
see (KILL STOP), and real-time signals, by which the client ends, and so does the child.
"""

START = "start "
"""How the variable begins where a process shall be started, and no call made."""


class DirectError(Exception):
    """The call has to be made here; the text says why."""


def hand_over(target: str, wanted: str) -> None:
    """Have a call made by the resident process, and end as it ends; or return, for it to be made here.

    Args:
        target: The function, as `run` has it.
        wanted: What the user has asked for: an idle time, or nothing but that.
    """
    if wanted.startswith(START):
        from deferred_imports.resident.starting import only_start

        only_start(target, wanted[len(START) :])
    doubt = doubts.find(3)
    directory = program = ""
    try:
        directory = identity.directory()
        program = identity.program(target)
        wanted = idle_time(wanted) if wanted else _asked_for(directory)
        if not wanted:
            return
        if doubt:
            raise DirectError(doubt)
        files = _files()
        whole = identity.with_reads(program, identity.reads(directory, program), identity.variables_now())
        connection = _connect(f"{directory}/{identity.name_of(whole)}.socket")
        if connection is None:
            raise _MissingError("no resident process is ready")
        _call(connection, whole, files)
    except (identity.UnusableError, DirectError, ValueError, OSError) as error:
        from deferred_imports.resident.starting import go_on

        go_on(str(error), wanted, directory, program, is_missing=isinstance(error, _MissingError))


class _MissingError(DirectError):
    """There is no process that could have made the call, but there may be one next time."""


def idle_time(wanted: str) -> str:
    """Return for how long a process shall wait for calls, like ``15m``.

    Raises:
        ValueError: That is not what the variable says.
    """
    if wanted.lower() in ("1", "true", "yes", "on"):
        return "15m"
    if wanted[-1:] in ("s", "m", "h") and wanted[:-1].isdecimal() and int(wanted[:-1]):
        return wanted
    hint = f'PYDEFER_RESIDENT: expected 1, 0 or an idle time like 15m, got "{wanted}"; the program runs without'
    os.write(2, f"deferred-imports: {hint}\n".encode())
    raise DirectError(hint)


def _asked_for(directory: str) -> str:
    """Return the idle time if ``start`` was told to have this program resident."""
    from deferred_imports.resident.started import find

    return find(directory, sys.modules["__main__"].__file__)


def _connect(path: str) -> "_socket.socket | None":
    import _socket

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(path)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    peer = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    if int.from_bytes(peer[4:8], sys.byteorder) != os.getuid():
        raise DirectError("the resident process is another user's")
    return connection


def _call(connection: "_socket.socket", whole: str, files: "list[int]") -> None:
    """Make the call over a connection; return by an exception only, and only while nothing has happened."""
    import _signal

    for stream in doubts.streams():
        if stream is not None:
            stream.flush()
    here = os.open(".", os.O_PATH | os.O_CLOEXEC)
    mask = os.umask(0o77)
    os.umask(mask)
    forwarded = [getattr(_signal, f"SIG{name}") for name in FORWARDED]
    blocked = _signal.pthread_sigmask(_signal.SIG_BLOCK, forwarded)
    try:
        ignored = [number for number in forwarded if _signal.getsignal(number) == _signal.SIG_IGN]
        numbers = [[mask], sorted(blocked), ignored, files]
        _send(
            connection,
            wire.request(
                wire.CALL,
                _encoded(whole),
                *(b" ".join(b"%d" % number for number in some) for some in numbers),
                *_counted(sys.argv),
                *_counted(sys.orig_argv),
                *(b"%b=%b" % item for item in identity.variables_now().items()),
            ),
            [here, *files],
        )
        os.close(here)
        child, group = _answer(connection)
        watched = _watched(child)
        if group:
            os.setpgid(0, group)  # the child has taken our place in the old one
    except BaseException:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, blocked)
        raise
    _wait(connection, watched, [number for number in forwarded if number not in ignored], blocked)


def _files() -> "list[int]":
    """Return the open file descriptors that the caller of this process has given to it; call it before opening any."""
    files = []
    for file in map(int, os.listdir("/proc/self/fd")):
        try:
            inheritable = os.get_inheritable(file)
        except OSError:  # what has listed them is closed again
            continue
        if inheritable:
            files.append(file)
        elif file < os.sysconf("SC_OPEN_MAX"):  # above are those of valgrind, which counts our instructions
            raise DirectError("a file is open in this process")
    if len(files) > wire.MOST_FILES:
        raise DirectError(f"{len(files)} files are open")
    return files


def _watched(child: int) -> int:
    """Return a file descriptor that tells when the child has ended, or -1 where the system has none (Linux 5.3)."""
    try:
        return os.pidfd_open(child)
    except OSError as error:
        if error.errno != _ENOSYS:
            raise
        return -1


_ENOSYS = 38


def _encoded(text: str) -> bytes:
    return text.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())


def _counted(texts: "list[str]") -> "list[bytes]":
    return [b"%d" % len(texts), *map(_encoded, texts)]


def _send(connection: "_socket.socket", data: bytes, files: "list[int]") -> None:
    sent = connection.sendmsg([data], wire.descriptors(files))
    if sent < len(data):
        connection.sendall(data[sent:])


def _answer(connection: "_socket.socket") -> "tuple[int, int]":
    """Return the child's process id and the group to move to, when it is ready."""
    answer = b""
    while len(answer) < 2 * wire.MESSAGE or answer[0] == wire.REFUSED:
        more = connection.recv(4096)
        if not more:
            break
        answer += more
    if answer[:1] == bytes((wire.REFUSED,)):  # see wire.refusal
        kind = _MissingError if answer[1:2] == b"!" else DirectError
        raise kind(answer[2:].decode("utf-8", "replace"))
    if len(answer) < 2 * wire.MESSAGE:
        raise _MissingError("the resident process has gone")
    return int.from_bytes(answer[1:5], "little"), int.from_bytes(answer[6:10], "little")


def _wait(connection: "_socket.socket", watched: int, signals: "list[int]", blocked: "set[int]") -> None:
    """Start the call, forward signals, and end as the child ends.

    Args:
        connection: The connection to the server.
        watched: The pidfd of the child, or -1.
        signals: Those to forward; they are blocked now.
        blocked: Those that were blocked before.
    """
    import _signal

    connection.settimeout(None)
    # What has come until now goes first: the child has all signals blocked until it is told to go, and in its process
    # group may have got the same ones; so it sees each once.
    early = sorted(_signal.sigpending() - blocked)
    for number in early:
        _signal.sigtimedwait([number], 0)
    forward = _forwarder(connection)
    for number in signals:
        _signal.signal(number, forward)
    connection.sendall(b"".join(wire.message(wire.SIGNAL, number) for number in early) + wire.message(wire.GO))
    _signal.pthread_sigmask(_signal.SIG_SETMASK, blocked)
    buffer = b""
    while True:
        more = _receive(connection)
        if not more:
            _lose(watched)
        found, buffer = wire.messages(buffer + more)
        for letter, number in found:
            if letter == wire.ENDED:
                _end(number)
            elif letter == wire.STOPPED:
                _stop(number)


def _forwarder(connection: "_socket.socket") -> "Callable[[int, object], None]":
    """Return a handler of signals that passes them on."""

    def forward(number: int, _: object) -> None:
        try:
            connection.send(wire.message(wire.SIGNAL, number))
        except OSError:  # it is lost, which the end of the connection shows
            pass

    return forward


def _receive(connection: "_socket.socket") -> bytes:
    try:
        return connection.recv(4096)
    except OSError:
        return b""


def _stop(number: int) -> None:
    """Stop by the signal that has stopped the child; return when somebody has made this process go on."""
    import _signal

    if number == _signal.SIGSTOP:
        os.kill(os.getpid(), number)
        return
    handler = _signal.signal(number, _signal.SIG_DFL)
    os.kill(os.getpid(), number)
    _signal.signal(number, handler)


def _end(status: int) -> None:
    """End as a process with this wait status has ended."""
    import _signal

    if os.WIFEXITED(status):
        os._exit(os.WEXITSTATUS(status))
    number = os.WTERMSIG(status)
    import resource

    # What there is to see of it is in the child's image.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if number != _signal.SIGKILL:
        _signal.signal(number, _signal.SIG_DFL)
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [number])
    os.kill(os.getpid(), number)
    os._exit(128 + number)  # it was one that does not end a process


def _lose(watched: int) -> None:
    """Say that the server has gone, once the child has ended, too; nobody can tell how."""
    import select

    if watched >= 0:
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        poll.poll()
    text = "deferred-imports: the resident process was ended while it ran this; it is not known with which result\n"
    os.write(2, text.encode())
    os._exit(LOST)


TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Callable
