"""Writes a file whole or not at all: readers see the old one or the new one, and its owner stays."""

from __future__ import annotations

import os
import stat
import time
import uuid
from contextlib import suppress
from pathlib import Path

_STALE = 3600.0  # seconds after which nobody is still writing


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file, or make it; mode and owner stay as they are, and a failure or an interrupt leaves nothing behind.

    What a process that was killed has left beside it goes, too. The name written to first cannot be known before, and
    is not there, so that no link can be put in its place. A symbolic link is replaced; callers who want what it
    points to resolve it.

    Raises:
        OSError: when it cannot be written; it names the file, not the one beside it.
    """
    # Backends do not ship *.pyo, version control ignores it, and no Python since 3.5 imports it.
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}.pyo")
    try:
        _remove_stale(path)
        with open(unfinished, "xb") as file:
            _keep_owner(path, unfinished)
            file.write(content)
        os.replace(unfinished, path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _keep_owner(path: Path, new: Path) -> None:
    with suppress(FileNotFoundError):
        old = path.lstat()
        if not stat.S_ISREG(old.st_mode):
            return
        if hasattr(os, "chown") and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
            with suppress(PermissionError):  # only root may give a file away
                os.chown(new, old.st_uid, old.st_gid)
        os.chmod(new, stat.S_IMODE(old.st_mode))


def _remove_stale(path: Path) -> None:
    """Remove what a process has left that was killed while it wrote, be it of this name or, once, of the bare stem."""
    for start in (path.name, path.stem):
        for left in path.parent.glob(f".{_literal(start)}.{'[0-9a-f]' * 32}.pyo"):
            with suppress(OSError):
                if time.time() - left.lstat().st_mtime > _STALE:
                    left.unlink()


def _literal(text: str) -> str:
    """Return a pattern that stands for a text itself."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in text)
