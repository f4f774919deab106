"""The record as a file: which parts of which files, beside what it says already; and compared with what is there.

`deferred_imports.prefetch`, which reads it when a program starts, says what a line means.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deferred_imports.prefetch import (
    END,
    FILE_NAME,
    HEADER,
    LARGEST_WHOLE,
    VARIABLE,
    WHOLE,
    load,
    parse_line,
    roots,
    stale,
)
from deferred_imports.tooling.child.record import BLOCK
from deferred_imports.tooling.project.writing import write_whole
from deferred_imports.tooling.readahead.merging import merge
from deferred_imports.tooling.readahead.observing import Events, NothingRecordedError

_GAP = 2  # blocks: reading across a small gap costs less than another request


@dataclass(frozen=True)
class Recording:
    """What came of it."""

    path: Path
    files: int
    size: int
    """Bytes to read."""
    left_out: tuple[str, ...]
    """Files too large to be read as a whole, when it is not known which parts of them were used."""
    exit_code: int
    """How the command ended."""


@dataclass(frozen=True)
class Compared:
    """A record beside the files that it names: the paths of those that are not as recorded, and how many there are."""

    path: Path
    stale: tuple[str, ...]
    files: int


def write_record(events: Events, path: Path, *, anew: bool = True) -> Recording:
    """Write the record of what was noted; unless it is made anew, what it says already stays as far as that is true.

    Raises:
        NothingRecordedError: when something else is in its place.
        OSError: when it cannot be written.
    """
    lines, left_out = _lines(events)
    refuse_other(path)
    if not anew:
        places = roots(events.prefix, events.base, events.path)
        old = load(os.fspath(path))
        gone = frozenset(stale(old, places))
        lines = merge([line for line in old if line not in gone], lines)
    write_whole(path, "\n".join([HEADER, *lines, END, ""]).encode("utf-8"))
    spans = [span for line in lines if (parsed := parse_line(line)) for span in parsed[2]]
    return Recording(path, len(lines), sum(length for _, length in spans), tuple(left_out), events.exit_code)


def compare_record(path: Path | None) -> Compared:
    """Return what of a record is not true any more in this environment.

    Args:
        path: The record; by default where `prefetch()` looks.

    Raises:
        NothingRecordedError: when there is none, or it is not whole.
    """
    path = path or Path(os.environ.get(VARIABLE) or Path(sys.prefix, FILE_NAME))
    lines = load(os.fspath(path))
    if not lines:
        reason = "not a whole read-ahead record" if path.exists() else "no such file"
        raise NothingRecordedError(f'{path}: {reason}; "deferred-imports record -- COMMAND" writes one')
    found = stale(lines, roots(sys.prefix, sys.base_prefix, sys.path))
    return Compared(path, tuple(line.split(" ", 3)[-1] for line in found), len(lines))


def _lines(events: Events) -> tuple[list[str], list[str]]:
    """Return the lines of the record in the order of use, and the files that are too large for it."""
    places = roots(events.prefix, events.base, events.path)
    sizes: dict[str, int] = {}
    blocks: dict[str, set[int]] = {}
    for path in events.opened:
        try:
            found = os.stat(path)
        except (OSError, ValueError):  # looked for in vain; ValueError is for a null in the name
            continue
        if stat.S_ISREG(found.st_mode) and found.st_size:
            real = os.path.realpath(path)
            sizes[real] = found.st_size
            blocks.setdefault(real, set()).update(events.blocks.get(path, ()))
    lines, left_out = [], []
    for path, size in sizes.items():
        folder, name = os.path.split(path)
        # The first run compiles the sources; every other one reads only what it has written.
        if name.endswith(".py") and f"{folder}/__pycache__/{name[:-3]}{events.compiled}" in sizes:
            continue
        place = _place(path, places)
        spans = _spans(blocks[path], size)
        if place is None:
            continue
        if spans == WHOLE and size > LARGEST_WHOLE:
            left_out.append(path)
            continue
        line = f"{place[0]} {size} {spans} {place[1]}"
        if parse_line(line) and line.isprintable():
            lines.append(line)
    return lines, left_out


def _place(path: str, places: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """Return the root and the path below it; the nearest directory of `sys.path` if it is in neither prefix."""
    for root, directories in places.items():
        above = [directory for directory in directories if path.startswith(f"{directory}/")]
        if above:
            return root, path[len(max(above, key=len)) + 1 :]
    return None


def _spans(blocks: set[int], size: int) -> str:
    """Return the ranges that cover the blocks, with small gaps closed, as the record writes them."""
    ends: list[list[int]] = []
    for block in sorted(blocks):
        if ends and block - ends[-1][1] <= _GAP:
            ends[-1][1] = block + 1
        else:
            ends.append([block, block + 1])
    step = BLOCK
    spans = [(first * step, min(last * step, size)) for first, last in ends if first * step < size]
    if not spans or spans == [(0, size)]:
        return WHOLE
    return ",".join(f"{start}+{end - start}" for start, end in spans)


def refuse_other(path: Path) -> None:
    """Raise when something that is no record stands where one is to be written."""
    if path.is_symlink():
        raise NothingRecordedError(f"{path}: a symbolic link, so it was not replaced")
    if not path.exists():
        return
    if not path.is_file():  # opening a pipe would wait for ever
        raise NothingRecordedError(f"{path}: not a file, so it was not replaced")
    with path.open(encoding="utf-8", errors="replace") as file:
        if not file.readline().startswith(HEADER.rpartition(" ")[0]):
            raise NothingRecordedError(f"{path}: not a read-ahead record, so it was not replaced")
