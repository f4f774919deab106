"""Paths as messages show them, and what is there."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def shown(path: Path) -> str:
    """Return a path as messages show it: relative to where the user stands, if below it."""
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def content_of(path: Path) -> bytes:
    """Return what a file holds, and only of a file: whoever opens a pipe may wait for ever.

    Raises:
        OSError: when there is none, or it may not be read.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a file", os.fspath(path))
    return path.read_bytes()
