"""What a project says is to be kept where it is: by a comment on the line, or by the table. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from deferred_imports.tooling.project.judged import DEFERRABLE, Judged, Reason
from deferred_imports.tooling.scan.program import Program


@dataclass(frozen=True)
class Useless:
    """Something that asks to keep an import, and keeps none that could be deferred.

    Attributes:
        importer: The module in which the comment stands; empty for what the table says.
        line: Its line.
        text: What the table says.
    """

    importer: str
    line: int
    text: str


def keep(judged: list[Judged], program: Program, table: Iterable[str]) -> tuple[list[Judged], tuple[Useless, ...]]:
    """Return the verdicts, with those kept that shall be, and what keeps nothing.

    Args:
        judged: The verdicts.
        program: Holds the comments.
        table: What the table names: modules that are imported, modules that import (`app.cli:`), or both
            (`app.cli:json`).
    """
    table = list(table)
    comments = {name: module.keeps for name, module in program.modules.items() if module.keeps}
    used: set[tuple[str, int] | str] = set()
    found = []
    for item in judged:
        by = _comment(item, comments.get(item.importer, {}), program) or next(
            (text for text in table if _is_meant(text, item)), None
        )
        if by is None or item.verdict not in DEFERRABLE:
            found.append(item)
            continue
        used.add((item.importer, by) if isinstance(by, int) else by)
        why = comments[item.importer][by] if isinstance(by, int) else "by the table"
        found.append(replace(item, reason=Reason.KEPT, detail=f"({why})" if why else "", lines=(), path=()))
    useless = [
        Useless(importer, line, "")
        for importer, lines in sorted(comments.items())
        for line in lines
        if (importer, line) not in used
    ]
    return found, (*useless, *(Useless("", 0, text) for text in table if text not in used))


def _comment(item: Judged, lines: Mapping[int, str], program: Program) -> int | None:
    """Return the line of the comment that keeps an import."""
    if not lines:
        return None
    end = program.modules[item.importer].names.ends.get(item.line, item.line)
    return next((line for line in lines if item.line <= line <= end), None)


def _is_meant(text: str, item: Judged) -> bool:
    importer, colon, module = text.rpartition(":")
    if colon and not f"{item.importer}.".startswith(f"{importer}."):
        return False
    return not module or f"{item.module}.".startswith(f"{module}.") or f"{item.module}.{item.name}" == module
