"""When each module was imported while a program started, from what `-X importtime` tells; and as trace events.

Times are microseconds from the first import on. importtime tells what each import took and not when it began: a module
is taken to begin where its sibling before it has ended, and to run its own code after all that it imports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deferred_imports.tooling.start.timing import Startup

PROGRAM = "__main__"


@dataclass(frozen=True)
class Row:
    """One module of a start.

    Attributes:
        name: Its name.
        by: The module that was being imported when it was first asked for; `__main__` for the program itself.
        start_us: When its import began.
        self_us: What its own code took.
        cumulative_us: What its import took, with all that it was the first to import.
    """

    name: str
    by: str
    start_us: int
    self_us: int
    cumulative_us: int


def timeline(startup: Startup) -> tuple[Row, ...]:
    """Return the modules that a start loaded beyond a bare interpreter's, in the order in which their imports began."""
    new = [name for name in startup.loaded if name not in startup.before]
    inside: dict[str, list[str]] = {}
    for name in startup.costs:  # in the order in which they ended
        if name not in startup.before:
            by = startup.first_by.get(name, PROGRAM)
            inside.setdefault(by if by in startup.costs and by not in startup.before else PROGRAM, []).append(name)
    rows: dict[str, Row] = {}
    waiting = [(PROGRAM, 0)]
    while waiting:
        by, start = waiting.pop()
        below = []
        for name in inside.get(by, ()):
            cost = startup.costs[name]
            rows[name] = Row(name, by, start, cost.self_us, cost.cumulative_us)
            below.append((name, start))
            start += cost.cumulative_us
        waiting += reversed(below)
    last = 0
    found = []
    for name in new:  # some are only put into `sys.modules`, which takes no time
        row = rows.get(name) or Row(name, startup.first_by.get(name, PROGRAM), last, 0, 0)
        last = row.start_us
        found.append(row)
    order = {row.name: index for index, row in enumerate(found)}
    return tuple(sorted(found, key=lambda row: (row.start_us, -row.cumulative_us, order[row.name])))


def as_trace(rows: Iterable[Row], started: str, owners: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a start as trace events, which Perfetto and speedscope open.

    The format is that of the document "Trace Event Format": complete events, times in microseconds. What took no time
    is an instant, for speedscope never closes a complete event that ends where it begins.

    Args:
        rows: The modules.
        started: What was started.
        owners: Which distribution a module belongs to.
    """
    place = {"pid": 1, "tid": 1}
    events: list[Mapping[str, Any]] = [
        {"ph": "M", "name": "process_name", **place, "args": {"name": started}},
        {"ph": "M", "name": "thread_name", **place, "args": {"name": "imports"}},
    ]
    for row in rows:
        times: dict[str, Any] = {"ph": "X", "ts": row.start_us, "dur": row.cumulative_us}
        if not row.cumulative_us:
            times = {"ph": "i", "ts": row.start_us, "s": "t"}  # within its thread
        about = {"self_us": row.self_us, "by": row.by}
        events.append({"name": row.name, "cat": owners[row.name], **times, **place, "args": about})
    return {"displayTimeUnit": "ms", "traceEvents": events}
