"""What a child does, from its fork until the program goes on in it: it warms itself, and becomes what its caller is.

A child shares the memory of the server until it writes to it, and Python writes wherever it looks, because it counts
references: each page then is copied when it is first touched, which can take as long as a call. So a child that waits
touches them all before: what the garbage collector knows, and all that this refers to, such as code and text. To copy
the whole memory, or to map all of the libraries' files, would take longer again when the child ends.
"""

import gc
import os
import sys

from deferred_imports.resident import takeover, wire
from deferred_imports.resident.children import CHANGED, GO, PREPARED, WAITING, WARMING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from deferred_imports.resident.readiness import Ready

COOL = 0.05
"""Seconds without a call before a child is warmed: calls that follow each other closely do better without."""


def become(pipe: int, ready: "Ready") -> None:
    """Take over what a caller has, wait until it says go, and return; end where that cannot be.

    Args:
        pipe: The child's end of the connection to the server.
        ready: The program.
    """
    import _signal

    try:
        request, caller, group = _await_request(pipe)
        takeover.take_signals(request, ready.signals)
        takeover.take_process(request, caller, group, pipe)
        takeover.take_python(request, ready.loaded.changes)
        changed = ready.loaded.snapshot.changed_last()
        if changed:
            _leave(pipe, f"{CHANGED.decode()}{changed}")
        _await_go(pipe)
    except BaseException as error:  # noqa: BLE001 - the caller makes the call itself, and will see
        _leave(pipe, f"{type(error).__name__}: {error}")
    os.close(pipe)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, request.blocked)


def _await_request(pipe: int) -> "tuple[takeover.Request, int, int]":
    """Wait in the child for a call, and return the request, the caller's process id, and the group to join.

    Args:
        pipe: The child's end of the connection. When the other end is closed, the child ends.
    """
    import _socket
    import select

    os.closerange(0, pipe)
    os.closerange(pipe + 1, pipe + 1000)
    takeover.seed()
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


def _await_go(pipe: int) -> None:
    """Tell the server that the child is prepared, and wait until it may go; end when it may not.

    Args:
        pipe: The child's end of the connection.
    """
    os.write(pipe, PREPARED)
    if os.read(pipe, 1) != GO:
        os._exit(0)


def _leave(pipe: int, reason: str) -> "NoReturn":
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
