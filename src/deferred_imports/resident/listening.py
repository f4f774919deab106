"""The socket under whose name callers find the resident process, and how many such processes a user has."""

import os

from deferred_imports.resident.calls import Call, credentials

MOST = 8
"""Resident processes of a user, at most: when another one gets ready, the one that was idle for longest ends."""


class Listener:
    """The socket of a process.

    Args:
        path: Where it is; what is left over there is removed.
    """

    def __init__(self, path: str) -> None:
        import _socket

        self.path = path
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_NONBLOCK)
        os.umask(0o077)
        if os.path.lexists(path):
            os.unlink(path)
        self._socket.bind(path)
        self._node = os.stat(path).st_ino
        self._socket.listen(128)

    def fileno(self) -> int:
        """Return the file descriptor, or -1."""
        return self._socket.fileno()

    def accept(self) -> "Call | None":
        """Return the next caller, unless it is gone already or another user's."""
        import _socket

        try:
            file, _ = self._socket._accept()  # type: ignore[attr-defined]  # noqa: SLF001 - as `socket` does
        except OSError:
            return None
        connection = _socket.socket(fileno=file)
        caller, user = credentials(connection)
        if user != os.getuid() or caller <= 0:
            connection.close()
            return None
        connection.setblocking(False)
        return Call(connection, caller)

    def gone(self) -> str:
        """Return that callers do not find this process, and no other, under its name, or nothing."""
        try:
            is_found = os.stat(self.path).st_ino == self._node
        except OSError:
            is_found = False
        return "" if is_found else f"{self.path} is gone"

    def close(self) -> None:
        """Let no caller find it any more."""
        if not self.gone():
            os.unlink(self.path)
        self._socket.close()

    def detach(self) -> None:
        """Have nothing to do with it any more, in a child."""
        self._socket.detach()


def make_room(directory: str) -> None:
    """End the process that was idle for longest, if there are as many as there may be."""
    from deferred_imports.resident import wire
    from deferred_imports.resident.asking import ask, running

    known = running(directory)
    if len(known) < MOST:
        return
    idle = {path: float(found["idle"].split()[0]) for path, found in known.items() if found.get("running") == "0"}
    if idle:
        ask(max(idle, key=lambda path: idle[path]), wire.STOP_IF_IDLE)
