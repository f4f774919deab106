"""The children, each for one call, as the server sees them; `becoming` is what they do."""

import os
import sys

from deferred_imports.resident import wire
from deferred_imports.resident.readiness import move_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from collections.abc import Set as AbstractSet

WARMING, WAITING, PREPARED, CHANGED, GO = b"w", b"d", b"r", b"!", b"g"
"""What server and child say to each other, beside the request; anything else that the child says is why it cannot."""


class Child:
    """A child, as the server sees it.

    Args:
        pid: Its process id.
        pipe: The file descriptor of the server's end of a connection between them.
        held: What the process that shares its memory waits for, if there is one: it ends when this is closed.

    Attributes:
        holder: The process that shares its memory, see `holding`, or 0.
        is_warming: Whether it is busy with that, and cannot hear.
        is_over: Whether it has ended, and the system knows no more of it.
    """

    def __init__(self, pid: int, pipe: int, held: int) -> None:
        self.pid = pid
        self.pipe = pipe
        self.holder = 0
        self._held = held
        self.is_warming = self.is_over = False

    def hear(self) -> bytes:
        """Return what it has said, or nothing when it has ended."""
        try:
            said = os.read(self.pipe, 4096)
        except OSError:
            return b""
        self.is_warming = said[-1:] == WARMING
        if WAITING in said:
            self.holder = int(said.rpartition(WAITING)[2].split()[0])
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

    def release(self) -> None:
        """Let go of its memory."""
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def settle(self, mapped: "AbstractSet[bytes]") -> None:
        """Wait until its memory is taken down, now that it is over, if that has other files mapped than these."""
        if not self.holder:
            return
        try:
            if not maps(self.holder) <= mapped:
                self.release()
                os.waitpid(self.holder, 0)
        except (FileNotFoundError, ProcessLookupError, ChildProcessError):  # it was killed
            pass


def maps(process: "int | str") -> "AbstractSet[bytes]":
    """Return the paths of the files that a process has mapped into its memory, and other names (proc_pid_maps(5))."""
    with open(f"/proc/{process}/maps", "rb", 0) as file:
        content = b""
        while more := file.read(1 << 16):
            content += more
    return {line[_PATHS:] for line in content.split(b"\n")}


_PATHS = 73 if sys.maxsize >> 32 else 49  # where they begin, see show_vma_header_prefix of Linux


def bury(living: "Container[int]") -> None:
    """Have the system forget the processes that are over and have shared the memory of a child, see `holding`.

    Args:
        living: The process ids of the children, which are not looked at here.
    """
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        found = map(int, file.read().split())
    for pid in found:
        if pid not in living:
            os.waitpid(pid, os.WNOHANG)


def fork(then: "Callable[[int, int], None]") -> "Child | Callable[[], None]":
    """Fork; return the child, or in the child, where all signals are blocked, what it has to do.

    Args:
        then: What the child does, given its end of the connection, and that of another one, for `holding`.
    """
    import _signal
    import _socket

    (pipe, other), (held, end) = (
        (ours.detach(), move_up(theirs.detach())) for ours, theirs in (_socket.socketpair(), _socket.socketpair())
    )
    mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    try:
        child = os.fork()
    except OSError:
        for file in (pipe, other, held, end):
            os.close(file)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
        raise
    if not child:
        return lambda: then(other, end)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
    os.close(other)
    os.close(end)
    return Child(child, pipe, held)
