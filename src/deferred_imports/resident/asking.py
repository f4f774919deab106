"""Asks the resident processes of a user what they do, or to end."""

import os

from deferred_imports.resident import wire

PATIENCE = 2.0
"""Seconds within which a process has to answer."""


def ask(path: str, kind: bytes = wire.STATUS) -> "dict[str, str] | None":
    """Ask the process behind a socket, and return what it says of itself, or None where none answers.

    Args:
        path: The socket.
        kind: One of the requests of `wire` that need nothing else.
    """
    import _socket

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.settimeout(PATIENCE)
    answer = b""
    try:
        connection.connect(path)
        connection.sendall(wire.request(kind))
        while more := connection.recv(4096):
            answer += more
    except OSError:
        return None
    finally:
        connection.close()
    lines = (line.partition(" ") for line in answer.decode("utf-8", "surrogateescape").split("\n"))
    return {key: value for key, _, value in lines}


def running(directory: str) -> "dict[str, dict[str, str]]":
    """Return what each process says of itself, by its socket."""
    paths = [f"{directory}/{name}" for name in sorted(os.listdir(directory)) if name.endswith(".socket")]
    answers = {path: ask(path) for path in paths}
    return {path: answer for path, answer in answers.items() if answer}
