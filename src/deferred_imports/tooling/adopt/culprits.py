"""Bisection: which of several moves break something that holds without them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def innocent(items: Iterable[Sequence[T]], holds: Callable[[frozenset[T]], bool]) -> frozenset[T]:
    """Return as many items as can be had so that something holds.

    Args:
        items: Groups that presumably stand or fall together; what is guilty in them is found one by one.
        holds: Tells whether it holds with some of the items; it holds with none. When one item is guilty among n, it is
            asked about log2(n) times, twice.
    """
    kept: frozenset[T] = frozenset()
    groups = [list(group) for group in items if group]
    waiting = [groups[: len(groups) // 2], groups[len(groups) // 2 :]]
    while waiting:
        part = waiting.pop(0)
        chosen = frozenset(item for group in part for item in group)
        if not chosen:
            continue
        if holds(kept | chosen):
            kept |= chosen
        elif len(part) > 1:
            waiting[:0] = [part[: len(part) // 2], part[len(part) // 2 :]]
        elif len(part[0]) > 1:
            group = part[0]
            middle = len(group) // 2
            waiting[:0] = [[group[:middle]], [group[middle:]]]
    return kept
