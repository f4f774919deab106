"""The standard streams: whether they are the interpreter's own, and how it makes them."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import io
    from typing import Any


def current() -> "tuple[Any, Any, Any]":
    """Return standard input, output and error; None where the file descriptor was closed."""
    return sys.stdin, sys.stdout, sys.stderr


def are_own() -> bool:
    """Tell whether they are those that the interpreter has made."""
    return current() == (sys.__stdin__, sys.__stdout__, sys.__stderr__)


def flush() -> None:
    """Write what is in the buffers."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def settings(stream: "Any") -> object:
    """Return how a stream is encoded and buffered."""
    names = ("encoding", "errors", "line_buffering", "write_through", "newlines")
    return stream and [getattr(stream, name) for name in names]


def reopen(stream: "Any", number: int, raw: "io.FileIO | None" = None) -> None:
    """Make a standard stream anew in place, over its file descriptor, as the interpreter makes it when it starts.

    Whoever has taken hold of the stream, a handler of `logging` say, keeps it.
    """
    import io

    is_output = number > 0
    unbuffered = bool(stream.write_through)  # python -u
    encoding, errors, name = stream.encoding, stream.errors, stream.name
    if raw is None:
        buffering = 0 if unbuffered and is_output else -1
        buffer: Any = open(number, "wb" if is_output else "rb", buffering, closefd=False)  # noqa: SIM115 - it stays open
        raw = buffer if unbuffered and is_output else buffer.raw
    else:
        buffer = raw if unbuffered and is_output else (io.BufferedWriter if is_output else io.BufferedReader)(raw)
    raw.name = name
    stream.__init__(
        buffer,
        encoding=encoding,
        errors=errors,
        newline="\n",
        line_buffering=not unbuffered and (number == 2 or raw.isatty()),
        write_through=unbuffered,
    )
    stream.mode = "w" if is_output else "r"
