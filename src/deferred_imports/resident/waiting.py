"""The client while the call runs: it forwards signals, stops when the child stops, and ends as the child ends."""

import os

from deferred_imports.resident import wire

LOST = 75
"""The exit code when nobody can tell any more how the call has ended: EX_TEMPFAIL of sysexits.h."""

# ILL TRAP BUS FPE KILL SEGV CHLD STOP SYS: they concern the process itself, or nothing can be done about them.
NOT_FORWARDED = {4, 5, 7, 8, 9, 11, 17, 19, 31}
"""The signals that the client does not pass on to the child."""


def wait(connection: "_socket.socket", watched: int, signals: "list[int]", blocked: "set[int]") -> None:
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
        if _signal.getsignal(number) != _signal.SIG_IGN:
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
