"""What Lifeguard found, from its JSON: imports that have an effect which others may rely on. Values in, values out.

Its format: `LOAD_IMPORTS_EAGERLY` lists modules that need all their imports at once, `LAZY_ELIGIBLE` maps each module
to the imports that it needs at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deferred_imports.tooling.project.judged import Judged, Reason
from deferred_imports.tooling.table.names import lies_in
from deferred_imports.tooling.table.problems import RefusalError


class NoReportError(RefusalError):
    """A file that is no report of Lifeguard; its text says why."""


@dataclass(frozen=True)
class Report:
    """What Lifeguard found.

    Attributes:
        eager: The modules that need all their imports at once.
        needed: For each module that was looked at, the imports that it needs at once.
    """

    eager: frozenset[str]
    needed: Mapping[str, tuple[str, ...]]


def read_report(path: Path) -> Report:
    """Read what Lifeguard has written.

    Raises:
        NoReportError: when that is something else.
    """
    try:
        found = json.loads(path.read_bytes())
        eager = frozenset(map(str, found["LOAD_IMPORTS_EAGERLY"]))
        needed = {str(name): tuple(map(str, modules)) for name, modules in found["LAZY_ELIGIBLE"].items()}
    except OSError as error:
        raise NoReportError(f"{path}: it cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        expected = 'expected the JSON of Lifeguard, with "LOAD_IMPORTS_EAGERLY" and "LAZY_ELIGIBLE"'
        raise NoReportError(f"{path}: {expected}, got something else") from error
    return Report(eager, needed)


def with_report(judged: list[Judged], report: Report | None) -> list[Judged]:
    """Return the verdicts, as risky where the report lists an import that can be deferred."""
    if report is None:
        return judged
    return [
        replace(item, reason=Reason.REPORTED, lines=())
        if item.verdict in {"can", "change"} and _is_listed(item, report)
        else item
        for item in judged
    ]


def _is_listed(item: Judged, report: Report) -> bool:
    if item.importer in report.eager:
        return True
    return any(lies_in(module, item.module) for module in report.needed.get(item.importer, ()))
