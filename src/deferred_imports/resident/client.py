"""The thin client: finds the process that stands in for this one, hands over all that it has, and ends as that does.

It comes back only while nothing has happened yet. From the moment that it has said GO, the call counts as made: what
is lost after that is reported, and never made good by a second one.
"""

import os
import sys

from deferred_imports.resident import doubts, identity
from deferred_imports.resident.doubts import DirectError

PATIENCE = 10.0
"""Seconds in which a process that is ready has to answer; it does so within milliseconds."""

START = "start "
"""How the variable begins where a process shall be started, and no call made."""


def hand_over(target: str, wanted: str) -> None:
    """Have a call made by the resident process, and end as it ends; or return, for it to be made here.

    Args:
        target: The function, as `run` has it.
        wanted: What the user has asked for: an idle time, or nothing but that.
    """
    if wanted.startswith(START):
        from deferred_imports.resident.starting import only_start

        only_start(target, wanted[len(START) :], doubts.of_system())
    doubt = doubts.find(3)
    directory = program = ""
    try:
        directory = identity.directory()
        program = identity.program(target)
        wanted = idle_time(wanted) if wanted else _asked_for(directory)
        if not wanted:
            return
        if doubt:
            raise DirectError(doubt)
        files = _files()
        whole = identity.with_reads(program, identity.reads(directory, program), identity.variables_now())
        connection = _connect(f"{directory}/{identity.name_of(whole)}.socket")
        if connection is None:
            raise DirectError("no resident process is ready", is_missing=True)
        from deferred_imports.resident.following import call  # while the server wakes up

        call(connection, whole, files)
    except (identity.UnusableError, DirectError, ValueError, OSError) as error:
        from deferred_imports.resident.starting import go_on

        go_on(str(error), wanted, directory, program, is_missing=getattr(error, "is_missing", False))


def idle_time(wanted: str) -> str:
    """Return for how long a process shall wait for calls, like ``15m``.

    Raises:
        ValueError: That is not what the variable says.
    """
    if wanted.lower() in ("1", "true", "yes", "on"):
        return "15m"
    if wanted[-1:] in ("s", "m", "h") and wanted[:-1].isdecimal() and int(wanted[:-1]):
        return wanted
    hint = f'PYDEFER_RESIDENT: expected 1, 0 or an idle time like 15m, got "{wanted}"; the program runs without'
    os.write(2, f"deferred-imports: {hint}\n".encode())
    raise DirectError(hint)


def _asked_for(directory: str) -> str:
    """Return the idle time if ``start`` was told to have this program resident."""
    from deferred_imports.resident.started import find

    return find(directory, sys.modules["__main__"].__file__)


def _connect(path: str) -> "_socket.socket | None":
    import _socket

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(path)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    peer = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    if int.from_bytes(peer[4:8], sys.byteorder) != os.getuid():
        raise DirectError("the resident process is another user's")
    return connection


def _files() -> "list[int]":
    """Return the open file descriptors that the caller of this process has given to it; call it before opening any."""
    files = []
    for file in map(int, os.listdir("/proc/self/fd")):
        try:
            inheritable = os.get_inheritable(file)
        except OSError:  # what has listed them is closed again
            continue
        if inheritable:
            files.append(file)
        elif file < os.sysconf("SC_OPEN_MAX"):  # above are those of valgrind, which counts our instructions
            raise DirectError("a file is open in this process")
    return files


TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
