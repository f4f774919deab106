"""The standard streams: whether they are the interpreter's own, and how it makes them."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import io
    from typing import Any


def current() -> "tuple[Any, Any, Any]":
    """Return standard input, output and error; None where the file descriptor was closed."""
    return sys.stdin, sys.stdout, sys.stderr


def are_own() -> bool:
    """Tell whether standard output and error are those that the interpreter has made."""
    return sys.stdout is sys.__stdout__ and sys.stderr is sys.__stderr__


def flush() -> None:
    """Write what is in the buffers."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
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
        line_buffering=not unbuffered and (number == 2 or io.FileIO.isatty(raw)),  # not as `loading` has it
        write_through=unbuffered,
    )
    stream.mode = "w" if is_output else "r"


class Terminals:
    """Terminals in the place of those that the caller has, while the program is loaded: some modules ask.

    Args:
        wanted: Which of the standard streams they are, and of which size, see `identity.terminals`.
    """

    def __init__(self, wanted: str) -> None:
        import fcntl
        import termios

        self._replaced: list[tuple[int, int]] = []
        self._masters: list[int] = []
        for number, size in enumerate(wanted.split(",")):
            if size == "0":
                continue
            columns, _, lines = size.partition("x")
            master, slave = os.openpty()
            window = b"".join(int(value).to_bytes(2, sys.byteorder) for value in (lines, columns, "0", "0"))
            fcntl.ioctl(slave, termios.TIOCSWINSZ, window)
            os.set_blocking(master, False)
            kept = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 300)
            os.dup2(slave, number)
            os.close(slave)
            self._masters.append(fcntl.fcntl(master, fcntl.F_DUPFD_CLOEXEC, 300))
            os.close(master)
            self._replaced.append((kept, number))

    def close(self) -> bytes:
        """Put back what was there, and return what was written to them."""
        written = b""
        for master in self._masters:
            try:
                written += os.read(master, 1 << 16)
            except OSError:  # nothing
                pass
            os.close(master)
        for kept, number in self._replaced:
            os.dup2(kept, number)
            os.close(kept)
        return written
