"""The file of events of a program: which calls ran directly, which processes started and ended, and why."""

import os
import time

_LARGEST = 64 << 10  # bytes that it may have: then the older half goes


def note(path: str, text: str) -> None:
    """Append a line to a file of events, with the time; what cannot be written is left out."""
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
