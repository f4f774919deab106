"""A call, as the server sees it: its caller, its child, and what they say to each other."""

import os
import sys

from deferred_imports.resident import takeover, wire
from deferred_imports.resident.readiness import move_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket


class Call:
    """A caller, from its first byte to the end of its child.

    Args:
        connection: The connection to it.
        caller: Its process id.

    Attributes:
        child: The process id of its child, or 0.
        pipe: The file descriptor of a connection to the child, until that was told to go.
        is_checked: Whether the server has found nothing against the call.
        is_prepared: Whether the child has taken over everything.
        is_running: Whether the child was told to go.
        kill_at: When the child has to be killed, by `time.monotonic`, or 0.
    """

    def __init__(self, connection: "_socket.socket", caller: int) -> None:
        self.connection = connection
        self.caller = caller
        self.child = 0
        self.pipe: int | None = None
        self.is_checked = self.is_prepared = self.is_running = False
        self.kill_at = 0.0
        self._is_stopped = False
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

    def request(self) -> "list[bytes] | None":
        """Return the fields of the request, once it is whole.

        Raises:
            ValueError: It is none.
        """
        fields = wire.parse(self._buffer)
        if fields is not None:
            self._buffer = b""
        return fields

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
        if self.is_checked and self.is_prepared:
            self.tell(wire.message(wire.READY, self.child) + wire.message(wire.GROUP, group))

    def parse(self, fields: "list[bytes]") -> takeover.Request:
        """Return what the fields of a call say."""
        return takeover.Request(fields, self._files)

    def fork(self) -> int:
        """Fork; return 0, but in the child, where all signals are blocked, its end of a connection between the two."""
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
            return other
        _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
        os.close(other)
        self.child, self.pipe = child, pipe
        self.drop_files()
        return 0

    def go(self) -> None:
        """Tell the child to go."""
        if self.pipe is not None:
            self.is_running = True
            os.write(self.pipe, b"g")

    def drop_files(self) -> None:
        """Close what has come with the request: nothing of ours shall keep a pipe open."""
        for file in self._files:
            os.close(file)
        self._files = []

    def pass_on(self, number: int) -> None:
        """Send a signal to the child that the caller has got."""
        import _signal

        if number == _signal.SIGCONT and not self._is_stopped and self.is_running:
            return  # it was this process that made the caller go on
        os.kill(self.child, number)

    def look_after(self) -> bool:
        """Tell the caller what has become of the child, if something has; return whether that was its end."""
        import _signal

        while self.child:
            pid, status = os.waitpid(self.child, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if not pid:
                return False
            if os.WIFSTOPPED(status):
                self._is_stopped = True
                self.tell(wire.message(wire.STOPPED, os.WSTOPSIG(status)))
            elif os.WIFCONTINUED(status):
                self._is_stopped = False
                try:
                    os.kill(self.caller, _signal.SIGCONT)
                except OSError:  # it is gone
                    pass
            else:
                self.child = 0
                if self.is_running:
                    self.tell(wire.message(wire.ENDED, status))
                else:
                    self.tell(wire.refusal("its child has ended before the call"))
        return True

    def kill(self) -> None:
        """End a child that has not begun."""
        import _signal

        if self.child:
            os.kill(self.child, _signal.SIGKILL)
            os.waitpid(self.child, 0)
            self.child = 0


def credentials(connection: "_socket.socket") -> "tuple[int, int]":
    """Return the process and the user at the other end."""
    import _socket

    found = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    process, user = (int.from_bytes(found[i : i + 4], sys.byteorder, signed=True) for i in (0, 4))
    return process, user
