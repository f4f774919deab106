"""Two records of what programs read as one. Lines in, lines out; `deferred_imports.prefetch` says what a line means."""

from __future__ import annotations

from collections.abc import Iterable

from deferred_imports.prefetch import WHOLE, parse_line


def merge(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """Return the lines of both; of a file that both name, all that either needs of it.

    The order of the first stays, since it is the order of use. A file that has changed its size is what the newer says.
    """
    found: dict[tuple[str, str], str] = {}
    for line in (*old, *new):
        parsed = parse_line(line)
        if parsed is not None:
            key = parsed[0], parsed[3]
            found[key] = _both(found[key], line) if key in found else line
    return list(found.values())


def _both(old: str, new: str) -> str:
    root, size, spans, name = new.split(" ", 3)
    _, old_size, old_spans, _ = old.split(" ", 3)
    if old_size != size:
        return new
    if WHOLE in (spans, old_spans):
        return f"{root} {size} {WHOLE} {name}"
    ranges = sorted(_range(span) for span in {*spans.split(","), *old_spans.split(",")})
    joined = [ranges[0]]
    for start, end in ranges[1:]:
        if start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    if joined == [(0, int(size))]:
        return f"{root} {size} {WHOLE} {name}"
    return f"{root} {size} {','.join(f'{start}+{end - start}' for start, end in joined)} {name}"


def _range(span: str) -> tuple[int, int]:
    start, _, length = span.partition("+")
    return int(start), int(start) + int(length)
