"""The children, each for one call, as the server sees them; `becoming` is what they do."""

import os

from deferred_imports.resident import wire
from deferred_imports.resident.readiness import move_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

WARMING, WAITING, PREPARED, CHANGED, GO = b"w", b"d", b"r", b"!", b"g"
"""What server and child say to each other, beside the request; anything else that the child says is why it cannot."""


class Child:
    """A child, as the server sees it.

    Args:
        pid: Its process id.
        pipe: The file descriptor of the server's end of a connection between them.

    Attributes:
        is_warming: Whether it is busy with that, and cannot hear.
        is_over: Whether it has ended, and the system knows no more of it.
    """

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid = pid
        self.pipe = pipe
        self.is_warming = self.is_over = False

    def hear(self) -> bytes:
        """Return what it has said, or nothing when it has ended."""
        try:
            said = os.read(self.pipe, 4096)
        except OSError:
            return b""
        self.is_warming = said[-1:] == WARMING
        return said

    def hand_over(self, request: bytes, files: "list[int]", caller: int, group: int) -> None:
        """Give it a request, as it has come from a caller, with the files that came with it."""
        import _socket

        pipe = _socket.socket(fileno=self.pipe)
        try:
            head = b"".join(number.to_bytes(8, "little") for number in (len(request), caller, group))
            pipe.sendmsg([head], wire.descriptors(files))
            pipe.sendall(request)
        finally:
            pipe.detach()

    def go(self) -> None:
        """Let it make the call, and hear no more of it."""
        try:
            os.write(self.pipe, GO)
        except OSError:  # it has been killed, which its wait status will tell
            pass

    def wait(self) -> "int | None":
        """Return its wait status if it has changed, or None."""
        pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
        self.is_over = bool(pid) and (os.WIFEXITED(status) or os.WIFSIGNALED(status))
        return status if pid else None

    def kill(self) -> None:
        """End it, if it has not ended."""
        import _signal

        if not self.is_over:
            os.kill(self.pid, _signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.is_over = True


def fork(then: "Callable[[int], None]") -> "Child | Callable[[], None]":
    """Fork; return the child, or in the child, where all signals are blocked, what it has to do.

    Args:
        then: What the child does, given its end of the connection.
    """
    import _signal
    import _socket

    ours, theirs = _socket.socketpair()
    pipe, other = ours.detach(), move_up(theirs.detach())
    mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    try:
        child = os.fork()
    except OSError:
        os.close(pipe)
        os.close(other)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
        raise
    if not child:
        return lambda: then(other)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
    os.close(other)
    return Child(child, pipe)
