"""What a scan found as plain values for JSON, in the format that `schema.json` beside this describes."""

from __future__ import annotations

from deferred_imports.tooling.scan.pipeline import Found, Scan, Started
from deferred_imports.tooling.scan.report import explain
from deferred_imports.tooling.scan.savings import Saving

FORMAT = 2
"""Goes up when something changes that readers may rely on; what is added does not change it."""


def as_json(scan: Scan) -> dict[str, object]:
    """Return all that was found as plain values; times are microseconds."""
    return {
        "format": FORMAT,
        "packages": list(scan.packages),
        "starts": [_start(start, scan) for start in scan.starts],
        "imports": [_import(found) for found in scan.found],
        "skipped": [{"path": item.path, "message": item.message} for item in scan.skipped],
        "useless_keeps": [{"path": path, "line": item.line, "keep": item.text} for path, item in scan.useless],
    }


def _start(start: Started, scan: Scan) -> dict[str, object]:
    timed = start.timed
    costs = timed.startup.costs
    return {
        "command": timed.command,
        "failure": timed.failure,
        "loaded": {"modules": len(timed.new), "us": timed.us, "runs_us": list(timed.runs)},
        "saves": {verdict: _saving(saving) for verdict, saving in start.saves.items()},
        "modules": [
            {
                "name": name,
                "distribution": scan.owners[name],
                "self_us": costs[name].self_us if name in costs else 0,
                "cumulative_us": costs[name].cumulative_us if name in costs else 0,
                "by": timed.startup.first_by.get(name, "__main__"),
            }
            for name in timed.new
        ],
    }


def _saving(saving: Saving) -> dict[str, object]:
    return {"modules": list(saving.modules), "us": saving.us}


def _import(found: Found) -> dict[str, object]:
    item = found.judged
    return {
        "importer": item.importer,
        "path": found.path,
        "line": item.line,
        "module": item.module,
        "name": item.name,
        "bound": item.bound,
        "distribution": found.distribution,
        "verdict": item.verdict,
        "reason": item.reason.code,
        "detail": item.detail,
        "says": explain(item),
        "lines": list(item.lines),
        "uses": [{"line": use.line, "role": use.role, "owner": use.owner} for use in item.uses],
        "condition": item.condition or None,
        "steps": list(item.path),
        "loaded": item.loaded,
        "self_us": found.cost.self_us if found.cost else None,
        "cumulative_us": found.cost.cumulative_us if found.cost else None,
        "saves": _saving(Saving(item.saves, item.saves_us)),
        "within": item.within or None,
    }
