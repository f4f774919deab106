"""Two starts compared, from the JSON of two scans: which modules are new, which are gone, which take longer now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.scan.report import milliseconds
from deferred_imports.tooling.table.problems import RefusalError

_SLOWER_US = 2000  # of a module's own time: less than that is the noise of a machine
_SLOWER_RATIO = 1.5


class BaselineError(RefusalError):
    """A file that is no scan; its text says why."""


@dataclass(frozen=True)
class Comparison:
    """What is different from an older start.

    Attributes:
        new: The modules that only the newer start loaded, with the microseconds of their own code.
        gone: Those that only the older one did.
        slower: Those whose own code took at least half as long again, and 2 ms more: before and now.
    """

    new: Mapping[str, int]
    gone: Mapping[str, int]
    slower: Mapping[str, tuple[int, int]]


def read_baseline(path: Path) -> Mapping[str, Any]:
    """Return the JSON that an earlier `scan --json` printed.

    Raises:
        BaselineError: when it is no such thing, or shows no start.
    """
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise BaselineError(f"{shown(path)}: expected what `scan --json` prints, got no JSON ({error})") from error
    starts = document.get("starts") if isinstance(document, dict) else None
    rows = starts[0].get("modules") if isinstance(starts, list) and starts and isinstance(starts[0], dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) and _is_row(row) for row in rows):
        raise BaselineError(f"{shown(path)}: expected what `scan --json` prints of a start, got something else")
    return document  # type: ignore[no-any-return]  # a dict, as has just been seen


def _is_row(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("name"), str) and isinstance(row.get("self_us"), int)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Compare two starts; what loads most of its own code stands first."""
    before = {row["name"]: row["self_us"] for row in old["starts"][0]["modules"]}
    now = {row["name"]: row["self_us"] for row in new["starts"][0]["modules"]}
    slower = {
        name: (before[name], us)
        for name, us in now.items()
        if name in before and us - before[name] >= _SLOWER_US and us >= _SLOWER_RATIO * before[name]
    }
    return Comparison(
        new=_by_cost({name: us for name, us in now.items() if name not in before}),
        gone=_by_cost({name: us for name, us in before.items() if name not in now}),
        slower=dict(sorted(slower.items(), key=lambda item: (item[1][0] - item[1][1], item[0]))),
    )


def _by_cost(modules: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(modules.items(), key=lambda item: (-item[1], item[0])))


def said(found: Comparison) -> list[str]:
    """Return the comparison as lines of text; one line where nothing has changed."""
    lines = []
    for word, modules in (("new", found.new), ("gone", found.gone)):
        if modules:
            count = f"{len(modules)} module{'s' if len(modules) > 1 else ''}"
            lines.append(f"{word}: {count}, {milliseconds(sum(modules.values()))}: {', '.join(modules)}")
    for name, (before, now) in found.slower.items():
        lines.append(f"slower: {name}, {milliseconds(before)} before, {milliseconds(now)} now")
    return lines or ["no module is new, gone or slower"]
