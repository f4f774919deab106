"""What a scan found as plain values for JSON, in the format that `schema.json` beside this describes."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from deferred_imports.tooling.scan.graph import Graph, Site
from deferred_imports.tooling.scan.pipeline import Found, Scan, Started
from deferred_imports.tooling.scan.report import explain
from deferred_imports.tooling.scan.savings import LEVELS, Saving, levels
from deferred_imports.tooling.scan.timeline import timeline

FORMAT = 2
"""Goes up when something changes that readers may rely on; what is added does not change it."""


def as_json(scan: Scan) -> dict[str, Any]:
    """Return all that was found as plain values; times are microseconds."""
    by_site = levels(found.judged for found in scan.found)
    return {
        "format": FORMAT,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": list(scan.packages),
        "starts": [_start_values(start, scan) for start in scan.starts],
        "imports": [_import(found, by_site) for found in scan.found],
        "skipped": [{"path": item.path, "message": item.message} for item in scan.skipped],
        "useless_keeps": [{"path": path, "line": item.line, "keep": item.text} for path, item in scan.useless],
    }


def _start_values(start: Started, scan: Scan) -> dict[str, object]:
    timed = start.timed
    return {
        "command": timed.command,
        "failure": timed.failure,
        "loaded": {"modules": len(timed.new), "us": timed.us, "runs_us": list(timed.runs)},
        "saves": {verdict: _saving(saving) for verdict, saving in start.saves.items()},
        "modules": [
            {
                "name": row.name,
                "distribution": scan.owners[row.name],
                "start_us": row.start_us,
                "self_us": row.self_us,
                "cumulative_us": row.cumulative_us,
                "by": row.by,
            }
            for row in timeline(timed.startup)
        ],
        "graph": _graph(start),
    }


def _graph(start: Started) -> dict[str, object]:
    """Return who imports whom; names stand once, and are numbers from there on."""
    timed = start.timed
    graph = Graph(timed.startup, start.passed)
    edges = list(graph.edges())
    names = dict.fromkeys([*graph.roots, *timed.startup.loaded])
    names |= dict.fromkeys(name for edge, site in edges for name in (edge.holder, edge.importer, edge.module, site[2]))
    number = {name: index for index, name in enumerate(names)}
    return {
        "names": list(names),
        "before": [number[name] for name in sorted(timed.startup.before)],
        "roots": [number[name] for name in graph.roots],
        "edges": [
            [
                *(number[edge.holder], number[edge.importer], edge.line, int(edge.body), number[edge.module]),
                *([number[site[2]]] if site[2] != edge.module else []),
            ]
            for edge, site in edges
        ],
    }


def _saving(saving: Saving) -> dict[str, object]:
    return {"modules": list(saving.modules), "us": saving.us}


def _import(found: Found, by_site: Mapping[Site, int]) -> dict[str, object]:
    item = found.judged
    level = by_site[item.site]
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
        "elsewhere": item.elsewhere or None,
        "loaded": item.loaded,
        "self_us": found.cost.self_us if found.cost else None,
        "cumulative_us": found.cost.cumulative_us if found.cost else None,
        "saves": _saving(Saving(item.saves, item.saves_us)),
        "holds": list(item.holds),
        "within": item.within or None,
        "level": level if level < len(LEVELS) else None,
    }
