"""The client from the moment that the child is ready: it says GO, passes signals on, and ends as the child ends."""

import _signal
import os

from deferred_imports.resident import wire

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

    def forward(self, connection: "_socket.socket") -> None:
        """Say GO, and pass signals on from now.

        Args:
            connection: The connection to the server.
        """
        # What has come until now goes first: the child has all signals blocked until it is told to go, and in its
        # process group may have got the same ones; so it sees each once.
        for number in sorted(_signal.sigpending() - self.blocked):
            _signal.sigtimedwait([number], 0)
            self._early.append(number)
        forward = _forwarder(connection)
        for number in self._handlers:
            _signal.signal(number, forward)
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


def follow(connection: "_socket.socket", watched: int) -> "NoReturn":
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
