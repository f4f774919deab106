"""Where resident processes are found: a directory that belongs to the user alone.

``deferred-imports`` in ``XDG_RUNTIME_DIR``, or in a directory of the user's in ``/tmp`` where there is none: checked
each time that somebody looks. In it are, by the names that `identity` gives:

- ``NAME.socket``, on which a process listens that is ready; ``NAME.lock``, which it holds from its start to its end
- ``NAME.failed``: why it could not become ready, and what has to change before it is tried again
- ``NAME.log``: what it prints, and what has happened
- ``PROGRAM.reads``: on which variables loading the program depends, see `reads`
- ``PROGRAM.events``: which calls ran directly, which processes started and ended, and why
- ``started``: the programs that ``start`` was asked for
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 107
"""Bytes that the path of a socket may have: with the NUL at its end, the kernel's limit is 108."""

_LARGEST = 64 << 10  # of a file of events: then the older half goes


class UnusableError(Exception):
    """The directory is not the user's alone; the text says what is wrong with it."""


def find(environment: "Mapping[str, str]") -> str:
    """Return the directory, made if need be, and not before it has been checked.

    Raises:
        UnusableError: It is another's, open to others, or a link; or there is no place for it.
    """
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    user = os.geteuid()
    try:
        if not runtime:
            runtime = f"/tmp/deferred-imports-{user}"  # noqa: S108 - it is checked as any other, and private
            _check(runtime, user)
        elif not runtime.startswith("/"):
            raise UnusableError("XDG_RUNTIME_DIR is not absolute")
        path = f"{runtime}/deferred-imports"
        _check(path, user)
    except OSError as error:
        raise UnusableError(f"{error.filename}: {error.strerror}") from None
    if len(path) + 49 > LONGEST:
        raise UnusableError(f"{path} is too long for a socket")
    return path


def _check(path: str, user: int) -> None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:  # another call was first
            pass
        found = os.lstat(path)
    if found.st_mode != _PRIVATE_DIRECTORY or found.st_uid != user:
        raise UnusableError(f"{path} is not a directory of this user alone (0700)")


_PRIVATE_DIRECTORY = 0o040700


def note(path: str, text: str) -> None:
    """Append a line to a file of events, with the time; what cannot be written is left out."""
    import time

    line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n".encode("utf-8", "backslashreplace")
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return
    try:
        size = os.fstat(file).st_size
        if size > _LARGEST:
            kept = os.pread(file, _LARGEST // 2, size - _LARGEST // 2).partition(b"\n")[2]
            os.ftruncate(file, 0)
            line = kept + line
        os.write(file, line)
    except OSError:
        pass
    finally:
        os.close(file)
