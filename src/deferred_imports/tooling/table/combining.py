"""Environment markers (PEP 508) combined: where both hold, where one of them does. None stands for everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

OPPOSITE = {"==": "!=", "<": ">=", ">": "<=", "in": "not in"}
OPPOSITE |= {right: left for left, right in OPPOSITE.items()}


def all_of(markers: Iterable[str | None]) -> str | None:
    """Return the marker that holds where all of these do."""
    found = dict.fromkeys(filter(None, markers))
    parts = [f"({marker})" if " or " in marker and len(found) > 1 else marker for marker in found]
    return " and ".join(parts) or None


def either(markers: Iterable[str]) -> str | None:
    """Return the marker that holds where one of these does; None when it is plain that one does everywhere."""
    found = list(dict.fromkeys(markers))
    if any(opposite_of(marker) in found for marker in found):
        return None
    return " or ".join(found)


def opposite_of(marker: str) -> str | None:
    """Return the marker that holds where a comparison does not, if it is one comparison."""
    found = re.fullmatch(r"(\S+) (==|!=|<=?|>=?|in|not in) (\S+)", marker)
    return f"{found[1]} {OPPOSITE[found[2]]} {found[3]}" if found else None
