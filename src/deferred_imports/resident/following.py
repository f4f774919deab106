"""The client from its connection on: it makes the call, passes signals on, and ends as the child ends."""

import _signal
import os
import sys

from deferred_imports.resident import doubts, identity, wire
from deferred_imports.resident.doubts import DirectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Callable
    from typing import NoReturn

LOST = 75
"""The exit code when it is unknown how the call has ended: EX_TEMPFAIL of sysexits.h."""

FORWARDED = (
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGABRT",
    "SIGUSR1",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGCONT",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
)
"""The signals that the client passes on to the child.

Not among them are those that concern a process itself (ILL TRAP BUS FPE SEGV SYS CHLD), those that no process gets to
see (KILL STOP), and real-time signals, by which the client ends, and so does the child.
"""


def call(connection: "_socket.socket", whole: str, files: "list[int]") -> None:
    """Make a call over a connection, and end as it ends; raise as long as nothing has happened, and never return.

    Args:
        connection: The connection to the server.
        whole: What has to be the server's identity, too.
        files: The open file descriptors to pass on.

    Raises:
        DirectError: The call has to be made here.
        OSError: And so it has to be.
        ValueError: As above: the request is too long.
    """
    if len(files) > wire.MOST_FILES:
        raise DirectError(f"{len(files)} files are open")
    for stream in doubts.streams():
        if stream is not None:
            stream.flush()
    here = os.open(".", os.O_PATH | os.O_CLOEXEC)
    mask = os.umask(0o77)
    os.umask(mask)
    with Signals() as signals:
        numbers = [[mask], sorted(signals.blocked), signals.ignored, files]
        _send_whole(
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
        signals.prepare(connection)
        child, group = _answer(connection)
        watched = _watched(child)
        former = os.getpgrp()
        if group:
            os.setpgid(0, group)  # the child has taken our place in the old one
        try:
            signals.forward(connection)
        except OSError:  # the server has gone: nothing has happened
            os.setpgid(0, former)
            raise
    _follow(connection, watched)


class Signals:
    """The signals that the client passes on: kept until the child can have them; if it never can, they come here.

    Attributes:
        blocked: Those that were blocked before.
        ignored: Those that are ignored.
    """

    def __init__(self) -> None:
        numbers = [getattr(_signal, name) for name in FORWARDED]
        self.blocked = _signal.pthread_sigmask(_signal.SIG_BLOCK, numbers)
        handlers = {number: _signal.getsignal(number) for number in numbers}
        self.ignored = [number for number in numbers if handlers[number] == _signal.SIG_IGN]
        self._handlers = {number: handler for number, handler in handlers.items() if handler != _signal.SIG_IGN}
        self._early: list[int] = []

    def __enter__(self) -> "Signals":  # noqa: PYI034 - Self is not in typing on 3.10
        return self

    def prepare(self, connection: "_socket.socket") -> None:
        """Have what passes them on ready, while all of them are blocked.

        Args:
            connection: The connection to the server.
        """
        forward = _forwarder(connection)
        for number in self._handlers:
            _signal.signal(number, forward)

    def forward(self, connection: "_socket.socket") -> None:
        """Say GO, and pass signals on from now.

        Args:
            connection: As above.
        """
        # What has come until now goes first: the child has all signals blocked until it is told to go, and in its
        # process group may have got the same ones; so it sees each once.
        for number in sorted(_signal.sigpending() - self.blocked):
            _signal.sigtimedwait([number], 0)
            self._early.append(number)
        said = [*(wire.message(wire.SIGNAL, number) for number in self._early), wire.message(wire.GO)]
        connection.settimeout(None)
        connection.sendall(b"".join(said))
        self._early = []
        self._handlers = {}

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            _signal.signal(number, handler)
        for number in self._early:
            os.kill(os.getpid(), number)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, self.blocked)


def _follow(connection: "_socket.socket", watched: int) -> "NoReturn":
    """End as the child ends.

    Args:
        connection: The connection to the server.
        watched: The pidfd of the child, or -1.
    """
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
            elif letter == wire.CONTINUED:
                _send(connection, wire.message(wire.CONTINUED))


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


def _send_whole(connection: "_socket.socket", data: bytes, files: "list[int]") -> None:
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
        raise DirectError(answer[2:].decode("utf-8", "replace"), is_missing=answer[1:2] == b"!")
    if len(answer) < 2 * wire.MESSAGE:
        raise DirectError("the resident process has gone", is_missing=True)
    return int.from_bytes(answer[1:5], "little"), int.from_bytes(answer[6:10], "little")


def _forwarder(connection: "_socket.socket") -> "Callable[[int, object], None]":
    """Return a handler of signals that passes them on."""

    def forward(number: int, _: object) -> None:
        _send(connection, wire.message(wire.SIGNAL, number))

    return forward


def _send(connection: "_socket.socket", message: bytes) -> None:
    try:
        connection.send(message)
    except OSError:  # it is lost, which the end of the connection shows
        pass


def _receive(connection: "_socket.socket") -> bytes:
    try:
        return connection.recv(4096)
    except OSError:
        return b""


def _stop(number: int) -> None:
    """Stop by the signal that has stopped the child; return when this process has been continued."""
    if number == _signal.SIGSTOP:
        os.kill(os.getpid(), number)
        return
    handler = _signal.signal(number, _signal.SIG_DFL)
    os.kill(os.getpid(), number)
    _signal.signal(number, handler)


def _end(status: int) -> None:
    """End as a process with this wait status has ended."""
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
    """Say that the server has gone, once the child has ended, too; how, is unknown."""
    import select

    if watched >= 0:
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        poll.poll()
    text = "deferred-imports: the resident process was ended while it ran this; it is not known with which result\n"
    os.write(2, text.encode())
    os._exit(LOST)
