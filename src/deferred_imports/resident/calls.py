"""A call, as the server sees it: its caller, its child, and what they say to each other."""

import os
import sys
import time

from deferred_imports.resident import wire
from deferred_imports.resident.children import PREPARED, WAITING, WARMING, Child

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket

PAUSE = 0.02
"""Seconds after which a caller that should go on is looked at again."""

MERCY = 0.5
"""Seconds from SIGHUP to SIGKILL for a child whose caller is gone."""


SILENCE = 10.0
"""Seconds within which a caller has to have said what it wants; it does so within milliseconds."""


class Call:
    """A caller, from its first byte to the end of its child.

    Args:
        connection: The connection to it.
        caller: Its process id.

    Attributes:
        child: Its child, if it has one.
        is_checked: Whether the server has found nothing against the call.
        is_prepared: Whether the child has taken over everything.
        is_running: Whether the child was told to go.
        due_at: When it has to have said what it wants, by `time.monotonic`, or 0.
        kill_at: When the child has to be killed, or 0.
        wake_at: When the caller, which was told to go on and has not said that it does, has to be woken again, or 0.
    """

    def __init__(self, connection: "_socket.socket", caller: int) -> None:
        self.connection = connection
        self.caller = caller
        self.child: Child | None = None
        self.is_checked = self.is_prepared = self.is_running = False
        self.due_at = time.monotonic() + SILENCE
        self.kill_at = self.wake_at = 0.0
        self._is_stopped = False  # whether it was told to stop
        self._buffer = b""
        self._files: list[int] = []

    def receive(self) -> bool:
        """Take in what the caller has sent; return false when it is gone."""
        import _socket

        try:
            said, ancillary, _, _ = self.connection.recvmsg(
                1 << 16, _socket.CMSG_SPACE(4 * (wire.MOST_FILES + 1)), _socket.MSG_CMSG_CLOEXEC
            )
        except BlockingIOError:
            return True
        except OSError:
            return False
        for _, _, data in ancillary:
            self._files += [int.from_bytes(data[i : i + 4], sys.byteorder) for i in range(0, len(data), 4)]
        self._buffer += said
        return bool(said)

    def request(self) -> "tuple[bytes, bytes] | None":
        """Return the kind of the request and what follows, once it is whole.

        Raises:
            ValueError: It is none.
        """
        body = parse(self._buffer)
        if body is None:
            return None
        self._buffer = b""
        kind, _, rest = body.partition(b"\0")
        return kind, rest

    def messages(self) -> "list[tuple[int, int]]":
        """Return the letters and numbers that the caller has said since."""
        found, self._buffer = wire.messages(self._buffer)
        return found

    def tell(self, text: bytes) -> None:
        """Say something to the caller."""
        try:
            self.connection.send(text)
        except OSError:  # it is gone, which its end of the connection will tell
            pass

    def offer(self, group: int) -> None:
        """Tell the caller that the child is ready, once all is checked."""
        if self.child is not None and self.is_checked and self.is_prepared:
            self.tell(wire.message(wire.READY, self.child.pid) + wire.message(wire.GROUP, group))

    def hand_over(self, child: Child, request: bytes, group: int) -> None:
        """Give the call to a child."""
        self.child = child
        self.due_at = 0.0
        child.hand_over(request, self._files, self.caller, group)
        self.drop_files()

    def go(self) -> None:
        """Let the child make the call."""
        if self.child is not None:
            self.is_running = True
            self.child.go()

    def drop_files(self) -> None:
        """Close what has come with the request: nothing of ours shall keep a pipe open."""
        for file in self._files:
            os.close(file)
        self._files = []

    def pass_on(self, number: int) -> None:
        """Send a signal to the child that the caller has got."""
        import _signal

        if number == _signal.SIGCONT and self.wake_at:
            return  # it was this process that made the caller go on
        if self.child is not None and not self.child.is_over:
            os.kill(self.child.pid, number)

    def look_after(self) -> bool:
        """Tell the caller what has become of the child, if something has; return whether that was its end.

        The system tells of the last change alone: what had stopped may have gone on, and then ended or stopped again.
        """
        while self.child is not None and not self.child.is_over:
            status = self.child.wait()
            if status is None:
                return False
            self._wake()
            if os.WIFSTOPPED(status):
                self._is_stopped = True
                self.tell(wire.message(wire.STOPPED, os.WSTOPSIG(status)))
            elif not os.WIFCONTINUED(status):
                self.tell(wire.message(wire.ENDED, status) if self.is_running else self._farewell())
        return True

    def hear_child(self) -> "bytes | None":
        """Return what the child has said: PREPARED, why it cannot make the call, or None where that tells nothing."""
        said = b"" if self.child is None else self.child.hear()
        if not said:
            return b"its child has ended before the call"
        # That it has begun to warm itself, and is done, may come when the call was given to it already.
        return said.lstrip(WARMING + WAITING) or None

    def _farewell(self) -> bytes:
        heard = self.hear_child()
        return refusal(
            "its child was killed before the call" if heard in (None, PREPARED) else heard.decode("utf-8", "replace")
        )

    def _wake(self) -> None:
        """Have the caller go on if it was told to stop: it says so when it does, and until then `wake_again` is due."""
        if self._is_stopped:
            self._is_stopped = False
            self._wake_caller()
            self.tell(wire.message(wire.CONTINUED))

    def wake_again(self) -> None:
        """Have the caller go on once more: it may have stopped only after the signal that was to make it go on."""
        try:
            with open(f"/proc/{self.caller}/stat", "rb") as file:
                is_stopped = file.read().rpartition(b") ")[2].startswith(b"T")
        except OSError:  # it is gone, which its end of the connection will tell
            is_stopped = False
        self.wake_at = time.monotonic() + PAUSE
        if is_stopped:
            self._wake_caller()

    def _wake_caller(self) -> None:
        import _signal

        self.wake_at = time.monotonic() + PAUSE
        try:
            os.kill(self.caller, _signal.SIGCONT)
        except ProcessLookupError:  # as above
            pass

    def lose(self) -> bool:
        """Have no caller any more; return whether there is a child that has to end."""
        import _signal

        self.wake_at = 0.0
        self._is_stopped = False
        if not self.is_running or self.child is None or self.child.is_over:
            return False
        self.pass_on(_signal.SIGHUP)
        self.pass_on(_signal.SIGCONT)  # it may be stopped
        self.kill_at = time.monotonic() + MERCY
        return True


def credentials(connection: "_socket.socket") -> "tuple[int, int]":
    """Return the process and the user at the other end."""
    import _socket

    found = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    process, user = (int.from_bytes(found[i : i + 4], sys.byteorder, signed=True) for i in (0, 4))
    return process, user


def parse(buffer: bytes) -> "bytes | None":
    """Return what a request says, or None as long as it is not whole.

    Raises:
        ValueError: It is of another version.
    """
    start = len(wire.HEAD) + wire.SIZE
    if not buffer.startswith(wire.HEAD[: len(buffer)]):
        raise ValueError("it is of another version")
    if len(buffer) < start:
        return None
    size = int.from_bytes(buffer[len(wire.HEAD) : start], "little")
    if size > wire.MOST:
        raise ValueError("it is too long")
    return buffer[start : start + size] if len(buffer) >= start + size else None


def refusal(reason: str, *, again: bool = False) -> bytes:
    """Return what sends a caller away.

    Args:
        reason: Why.
        again: Whether another process would be of use.
    """
    return bytes((wire.REFUSED,)) + (b"!" if again else b" ") + reason.encode("utf-8", "backslashreplace")
