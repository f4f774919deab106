"""What client and server say to each other over their socket: nothing in it is unpickled or evaluated.

A request is a head, its length, and fields that NUL separates: no argument, variable or path can have one in it. The
file descriptors of the caller come with the first byte. Then messages go to and fro, each a letter and four bytes:

=========  ==========  =======================================================================================
READY      to client   a child has taken over all there is to take over; its process id. (The group follows.)
GROUP      to client   the process group that the client has to move to, or 0
REFUSED    to client   the call has to be made there; the reason follows, up to the end
GO         to server   from here on the call counts as made, whatever happens
SIGNAL     to server   the client has got this signal
STOPPED    to client   this signal has stopped the child
CONTINUED  to client   the child has gone on since, and the client was sent SIGCONT
CONTINUED  to server   the client goes on
ENDED      to client   the child's wait status
=========  ==========  =======================================================================================
"""

import sys

from deferred_imports.resident.identity import FORMAT

HEAD = b"deferred-imports %d\n" % FORMAT
SIZE = 8
"""Bytes of the length that follows the head."""

MOST = 4 << 20
"""Bytes that a request may have."""
MOST_FILES = 200
"""File descriptors that go with it; the kernel takes 253."""

CALL, STATUS, STOP, STOP_IF_IDLE = b"call", b"status", b"stop", b"stop if idle"
"""The first field of a request."""

READY, GROUP, REFUSED, GO, SIGNAL, STOPPED, CONTINUED, ENDED = b"rpngszce"
MESSAGE = 5
"""Bytes of a message."""


def message(letter: int, number: int = 0) -> bytes:
    """Return a message."""
    return bytes((letter,)) + number.to_bytes(4, "little")


def request(*fields: bytes) -> bytes:
    """Return a request, with its head.

    Raises:
        ValueError: It is too long.
    """
    body = b"\0".join(fields)
    if len(body) > MOST:
        raise ValueError(f"arguments and variables have {len(body) >> 20} MiB")
    return HEAD + len(body).to_bytes(SIZE, "little") + body


def descriptors(files: "list[int]") -> "list[tuple[int, int, bytes]]":
    """Return the ancillary data that passes file descriptors on (``SCM_RIGHTS``, unix(7))."""
    import _socket

    return [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, b"".join(file.to_bytes(4, sys.byteorder) for file in files))]


def messages(buffer: bytes) -> "tuple[list[tuple[int, int]], bytes]":
    """Return the letters and numbers of all messages that are whole, and what is left."""
    whole = len(buffer) // MESSAGE * MESSAGE
    found = [(buffer[at], int.from_bytes(buffer[at + 1 : at + MESSAGE], "little")) for at in range(0, whole, MESSAGE)]
    return found, buffer[whole:]
