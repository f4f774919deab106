"""Empties the page cache of Linux, and tells what of a file is in it: what a cold start is measured with."""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Iterable, Sequence

DROP = "/proc/sys/vm/drop_caches"
"""See https://docs.kernel.org/admin-guide/sysctl/vm.html; only root may write it, in some containers not even root."""


def empty(paths: Iterable[str]) -> str | None:
    """Empty the page cache of the whole machine; where that is refused, put some files out of it.

    What running programs have mapped stays, and so does a file system that lives in memory.

    Args:
        paths: The files that matter.

    Returns:
        Why only the files were put out, or None.
    """
    os.sync()  # what is not written yet cannot leave
    try:
        with open(DROP, "w", encoding="ascii") as file:
            file.write("3")  # directories and inodes, too
    except OSError as error:
        for path in paths:
            _put_out(path)
        return f"{DROP}: {error.strerror}"
    return None


def _put_out(path: str) -> None:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:  # gone meanwhile
        return
    try:
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)


def resident(path: str | os.PathLike[str]) -> list[bool]:
    """Return which pages of a file are in the page cache, as mincore(2) tells its owner and root."""
    size = os.stat(path).st_size
    if not size:
        return []
    states = (ctypes.c_ubyte * -(-size // mmap.PAGESIZE))()
    with open(path, "rb") as file, mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY) as view:
        first = ctypes.c_char.from_buffer(view)
        libc = ctypes.CDLL(None, use_errno=True)
        failed = libc.mincore(ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(size), states)
        del first  # the mapping cannot be closed before
    if failed:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), os.fspath(path))
    return [bool(state & 1) for state in states]


def share_resident(files: Iterable[tuple[str, Sequence[tuple[int, int]]]]) -> float:
    """Return which share of the pages in ranges of files is in the page cache.

    Args:
        files: Paths, each with ranges as offset and length.
    """
    known: list[bool] = []
    for path, ranges in files:
        pages = resident(path)
        for offset, length in ranges:
            known += pages[offset // mmap.PAGESIZE : -(-(offset + length) // mmap.PAGESIZE)]
    return sum(known) / len(known) if known else 0.0
