"""Directories for a while: gone when the work is done or asked to end, and after a kill when the next one is made."""

from __future__ import annotations

import os
import platform
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import FrameType

_PREFIX = "deferred-imports-scratch-"  # a resident process has its own below `deferred-imports-`
_NODE = re.sub(r"\W", "_", platform.node(), flags=re.ASCII)  # where that is shared, numbers of processes are another's
_NAME = re.compile(rf"{_PREFIX}(\d+)-{_NODE}-\w+", re.ASCII)
_LEFT = 3600.0  # seconds after which a directory is left, if the process that made it is gone


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Make a directory, and remove it at the end; SIGTERM and SIGHUP end the process by an exception meanwhile."""
    _remove_left(tempfile.gettempdir())
    with _ended_by_signals(), tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-{_NODE}-") as directory:
        yield Path(directory)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Have the signals that ask a process to end unwind it, so that it takes along what it has made and started."""
    ours: list[int] = []
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, _end)
                ours.append(number)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)  # as a shell reports it


@cache
def _remove_left(place: str) -> None:
    """Remove what processes have left that were killed; once for each process that asks."""
    if os.name == "nt":  # where asking for a process may end it
        return
    with suppress(OSError):
        for entry in os.scandir(place):
            found = _NAME.fullmatch(entry.name)
            if found and _is_left(entry, int(found[1])):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_left(entry: os.DirEntry[str], pid: int) -> bool:
    with suppress(OSError):
        found = entry.stat(follow_symlinks=False)
        own = entry.is_dir(follow_symlinks=False) and found.st_uid == os.geteuid()
        return own and time.time() - found.st_mtime > _LEFT and not _is_alive(pid)
    return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # somebody else's; no number of a process
        return True
    return True
