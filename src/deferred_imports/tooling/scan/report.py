"""What a scan found, in words for people and as values for JSON; the command prints both."""

from __future__ import annotations

from collections.abc import Iterable

from deferred_imports.tooling.project.judged import Judged
from deferred_imports.tooling.scan.pipeline import Found, Scan

COLUMNS = ("saves", "modules", "import", "distribution", "self", "in all", "verdict", "where")
WORK = "reading the package"
# What moves below a row where a terminal is too narrow for all.
BELOW = ("verdict", "distribution", "self", "in all", "modules")

_VERDICTS = {"can": "can be deferred", "deferred": "deferred", "cannot": "cannot", "must not": "must not"}


def explain(item: Judged) -> str:
    """Return the verdict on an import and why, as a line for people."""
    shown = ", ".join(map(str, item.lines[:3])) + (", ..." if len(item.lines) > 3 else "")
    lines = f" (line{'s' if len(item.lines) > 1 else ''} {shown})" if item.lines else ""
    return f"{_VERDICTS[item.verdict]}: {item.reason.sentence.format(detail=item.detail, lines=lines).rstrip()}"


def troubles(scan: Scan) -> list[str]:
    """Return what could not be read, and how the start failed, if it did."""
    lines = [f"{item.path}: {item.message}" for item in scan.skipped]
    if scan.failure is not None:
        lines.append(f"the start {scan.failure}; what follows is by the sources alone")
    return lines


def rows(scan: Scan, *, everything: bool) -> tuple[list[tuple[str, ...]], int]:
    """Return the rows of the table, and how many imports are left out.

    Args:
        scan: What was found.
        everything: Whether to leave out none; else only what can be deferred now, or costs a tenth of the start.
    """
    groups: dict[tuple[str, str], list[Found]] = {}
    left_out = 0
    for found in scan.found:
        if everything or _matters(found, scan):
            reason = found.judged.reason.code if found.judged.verdict == "can" else explain(found.judged)
            groups.setdefault((found.judged.module, reason), []).append(found)
        else:
            left_out += 1
    return [_row(group) for group in groups.values()], left_out


def _matters(found: Found, scan: Scan) -> bool:
    item = found.judged
    if item.verdict == "can":
        return item.saves_us > 0 or bool(item.saves) or scan.started is None or scan.failure is not None
    costly = found.cost is not None and scan.loaded_us > 0 and found.cost.cumulative_us * 10 >= scan.loaded_us
    return item.verdict == "cannot" and costly


def _row(group: list[Found]) -> tuple[str, ...]:
    first = group[0]
    item = first.judged
    cost = first.cost
    more = f" and {len(group) - 1} more" if len(group) > 1 else ""
    return (
        milliseconds(item.saves_us) if item.saves else "",
        str(len(item.saves)) if item.saves else "",
        item.module,
        first.distribution,
        milliseconds(cost.self_us) if cost else "",
        milliseconds(cost.cumulative_us) if cost else "",
        explain(item),
        f"{first.path}:{item.line}{more}",
    )


def milliseconds(microseconds: int) -> str:
    """Return a time as people read it."""
    return f"{microseconds / 1000:.1f} ms"


def closing(scan: Scan, left_out: int) -> list[str]:
    """Return the lines that stand below the table."""
    counts = dict.fromkeys(_VERDICTS, 0)
    for found in scan.found:
        counts[found.judged.verdict] += 1
    said = ", ".join(f"{count} {_VERDICTS[verdict]}" for verdict, count in counts.items() if count)
    lines = [f"{_plural(len(scan.found), 'import')}: {said}" if said else "no imports"]
    if scan.started is not None and scan.failure is None:
        lines.append(
            f"{scan.started}: loads {_plural(scan.loaded, 'module')} in {milliseconds(scan.loaded_us)}; deferring all "
            f"that can be saves {len(scan.saved)} of them, {milliseconds(scan.saved_us)}"
        )
    if left_out:
        lines.append(f"{_plural(left_out, 'import')} not shown; --all shows them")
    return lines


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def as_json(scan: Scan) -> dict[str, object]:
    """Return all that was found as plain values; times are microseconds."""
    return {
        "format": 1,
        "package": scan.package,
        "started": scan.started,
        "failure": scan.failure,
        "imports": [_plain(found) for found in scan.found],
        "skipped": [{"path": item.path, "message": item.message} for item in scan.skipped],
        "loaded": {"modules": scan.loaded, "us": scan.loaded_us},
        "saves": {"modules": list(scan.saved), "us": scan.saved_us},
    }


def _plain(found: Found) -> dict[str, object]:
    item = found.judged
    return {
        "importer": item.importer,
        "path": found.path,
        "line": item.line,
        "module": item.module,
        "names": _list(item.names),
        "distribution": found.distribution,
        "verdict": item.verdict,
        "reason": item.reason.code,
        "detail": item.detail,
        "lines": list(item.lines),
        "loaded": item.loaded,
        "self_us": found.cost.self_us if found.cost else None,
        "cumulative_us": found.cost.cumulative_us if found.cost else None,
        "saves": {"modules": list(item.saves), "us": item.saves_us},
    }


def _list(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else list(names)
