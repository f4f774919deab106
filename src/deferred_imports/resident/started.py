"""The programs that ``python -m deferred_imports.resident start`` was asked for, in the file ``started``."""

import os

from deferred_imports.resident.identity import content_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def read(directory: str) -> "dict[str, str]":
    """Return the idle time of each program that was asked for, by the file that starts it."""
    lines = (line.partition(" ") for line in os.fsdecode(content_of(f"{directory}/started")).split("\n"))
    return {path: idle for idle, _, path in lines if path}


def find(directory: str, file: "str | None") -> str:
    """Return the idle time of the program that this file starts, or nothing."""
    known = read(directory)
    if not file or not known:
        return ""
    real = {os.path.realpath(path): idle for path, idle in known.items()}
    return known.get(file, "") or real.get(os.path.realpath(file), "")


def write(directory: str, programs: "Mapping[str, str]") -> None:
    """Replace what was asked for; without programs there is no such file, and no process reads it."""
    path = f"{directory}/started"
    if not programs:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        return
    file = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    os.write(file, b"".join(os.fsencode(f"{idle} {name}\n") for name, idle in sorted(programs.items())))
    os.close(file)
    os.rename(f"{path}.new", path)
