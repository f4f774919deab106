"""The children, each for one call: forked ahead, so that a caller does not wait for it, and warmed between calls.

A child shares the memory of the server until it writes to it, and Python writes wherever it looks, because it counts
references: each page then is copied when it is first touched, which can take as long as a call. So a child that waits
touches them all before: what the garbage collector knows, and all that this refers to, such as code and text. To copy
the whole memory, or to map all of the libraries' files, would take longer again when the child ends.
"""

import gc
import os
import sys

from deferred_imports.resident import takeover, wire
from deferred_imports.resident.readiness import move_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

COOL = 0.05
"""Seconds without a call before a child is warmed: calls that follow each other closely do better without."""

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


def await_request(pipe: int) -> "tuple[takeover.Request, int, int]":
    """Wait in the child for a call, and return the request, the caller's process id, and the group to join.

    Args:
        pipe: The child's end of the connection. When the other end is closed, the child ends.
    """
    import _socket
    import select

    os.closerange(0, pipe)
    os.closerange(pipe + 1, pipe + 1000)
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    if not poll.poll(COOL * 1000):
        os.write(pipe, WARMING)
        gc.unfreeze()
        gc.get_referents(*gc.get_objects())
        gc.freeze()
        os.write(pipe, WAITING)
    connection = _socket.socket(fileno=pipe)
    head, ancillary, _, _ = connection.recvmsg(24, _socket.CMSG_SPACE(4 * (wire.MOST_FILES + 1)))
    if not head:
        os._exit(0)
    size, caller, group = (int.from_bytes(head[at : at + 8], "little") for at in (0, 8, 16))
    request = b""
    while len(request) < size:
        more = connection.recv(size - len(request))
        if not more:
            os._exit(0)
        request += more
    connection.detach()
    files = [
        int.from_bytes(data[at : at + 4], sys.byteorder) for _, _, data in ancillary for at in range(0, len(data), 4)
    ]
    return takeover.Request(request.split(b"\0"), files), caller, group


def await_go(pipe: int) -> None:
    """Tell the server that the child is prepared, and wait until it may go; end when it may not.

    Args:
        pipe: The child's end of the connection.
    """
    os.write(pipe, PREPARED)
    if os.read(pipe, 1) != GO:
        os._exit(0)


def leave(pipe: int, reason: str) -> "NoReturn":
    """Tell the server why a child has not begun, if that is still there, and end when it has heard.

    Args:
        pipe: The child's end of the connection.
        reason: Why it cannot make the call.
    """
    try:
        os.write(pipe, reason.encode("utf-8", "replace")[:4000])
        os.read(pipe, 1)  # until it closes its end, or kills this one
    except OSError:  # a server that has been killed resets the connection: that was the reason
        pass
    os._exit(1)
