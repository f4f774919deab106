"""What a scan found, in words for people; `json` has it as values for machines. The command prints both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from deferred_imports.tooling.project.judged import Judged, Verdict
from deferred_imports.tooling.registry.environment import here
from deferred_imports.tooling.scan.packages import NOT_INSTALLED
from deferred_imports.tooling.scan.pipeline import Found, Scan, Started
from deferred_imports.tooling.scan.savings import LEVELS
from deferred_imports.tooling.table.names import with_parents

COLUMNS = ("saves", "modules", "import", "distribution", "self", "in all", "verdict", "where")
WORK = "reading the package"
# What moves below a row where a terminal is too narrow for all.
BELOW = ("verdict", "distribution", "self", "in all", "modules")

_VERDICTS: dict[Verdict, str] = {
    "can": "can be deferred",
    "change": "can be deferred with a change",
    "risky": "risky",
    "no gain": "no gain",
    "deferred": "deferred",
    "cannot": "cannot",
    "must not": "must not",
}


def explain(item: Judged) -> str:
    """Return the verdict on an import and why, as a line for people."""
    text = f"{_VERDICTS[item.verdict]}: {item.told}"
    if len(item.path) > 1:
        text += f", by way of {' and '.join(item.path[:-1])}"
    lambdas = sorted(use.line for use in item.uses if use.role == "call" and _is_lambda(use.owner))
    if lambdas and item.verdict in {"can", "change", "risky"}:
        text += f"; line {lambdas[0]} is a lambda, which can hold no import"
    if item.condition and item.verdict in {"can", "change", "risky"}:
        text += f"; its condition in line {item.condition} has to move along"
    if item.elsewhere and item.verdict in {"can", "change"}:
        text += f"; {item.elsewhere}"
    return text


def _is_lambda(owner: str) -> bool:
    """Tell whether a function is a lambda that stands in no other function."""
    return owner.startswith("<lambda:")


def troubles(scan: Scan) -> list[str]:
    """Return what could not be read, what is kept in vain, and how starts failed, if they did."""
    lines = [f"{item.path}: {item.message}" for item in scan.skipped]
    for path, item in scan.useless:
        what = (
            f"{path}:{item.line}: the comment"
            if item.line
            else f'{path}: "{item.text}" in tool.deferred-imports.scan.keep'
        )
        lines.append(f"{what} keeps nothing that could be deferred; remove it")
    failures = [start.timed.failure for start in scan.starts if start.timed.failure is not None]
    return [*lines, *(f"the start {one}; what follows is by the sources alone" for one in failures)]


def rows(scan: Scan, *, everything: bool) -> tuple[list[tuple[str, ...]], int]:
    """Return the rows of the table, and how many imports are left out.

    Args:
        scan: What was found.
        everything: Whether to leave out none, and to show each place; else only what can be deferred now, or costs a
            tenth of the start.
    """
    groups: dict[tuple[str, ...], list[Found]] = {}
    left_out = 0
    below: dict[str, set[tuple[str, int, str]]] = {}
    loaded_us = max((start.timed.us for start in scan.starts), default=0)
    costs = {name: cost.cumulative_us for start in scan.starts for name, cost in start.timed.startup.costs.items()}
    measured = any(start.timed.failure is None for start in scan.starts)
    for found in scan.found:
        item = found.judged
        if not everything and item.within and item.saves:
            below.setdefault(item.within, set()).add(item.site)
            left_out += 1
        elif everything or _matters(found.judged, costs, loaded_us, measured=measured):
            groups.setdefault(_told_as(item, everything=everything), []).append(found)
        else:
            left_out += 1
    told = groups.values()
    return [_row(one, len(below.get(one[0].judged.module, ())), everything=everything) for one in told], left_out


def _matters(item: Judged, costs: Mapping[str, int], loaded_us: int, *, measured: bool) -> bool:
    if item.verdict in {"can", "change", "risky"}:
        return bool(item.saves) or not measured
    # An import needs the packages around its module, too, but for those that it stands in itself.
    needed = {item.module, *with_parents(item.module)} - {*with_parents(item.importer)}
    costly = 0 < loaded_us <= 10 * max((costs.get(one, 0) for one in needed), default=0)
    # What hangs on nothing goes with something further up that can be deferred.
    return item.verdict == "cannot" and costly and bool(item.holds)


def _told_as(item: Judged, *, everything: bool) -> tuple[str, ...]:
    """Return what all that is told in one row has in common."""
    if not everything and item.saves:  # what saves a module saves it at all its places together
        return (item.module,)
    if not everything and not item.lines:
        return (item.module, explain(item))
    # The names of one statement together: all the lines that hold it.
    return (item.module, explain(replace(item, lines=())), *map(str, item.site))


def _needs(item: Judged) -> int:
    """Return how much deferring it takes: what one place needs, all of them need."""
    return LEVELS.index(item.verdict) if item.verdict in LEVELS else 0


def _row(group: list[Found], below: int, *, everything: bool) -> tuple[str, ...]:
    first = max(group, key=lambda found: (len(found.judged.saves), _needs(found.judged)))
    item = first.judged
    if everything or not item.saves:
        item = replace(item, lines=tuple(sorted({line for found in group for line in found.judged.lines})))
    cost = first.cost
    sites = len({found.judged.site for found in group})
    more = f" and {sites - 1} more" if sites > 1 else ""
    frees = f"; frees {_plural(below, 'import')} below it" if below else ""
    holds = f"; holds {_plural(len(item.holds), 'module')}" if len(item.holds) > 1 else ""
    return (
        milliseconds(item.saves_us) if item.saves else "",
        str(len(item.saves)) if item.saves else "",
        item.module,
        first.distribution,
        milliseconds(cost.self_us) if cost else "",
        milliseconds(cost.cumulative_us) if cost else "",
        f"{explain(item)}{frees}{holds}",
        f"{_short(first.path)}:{item.line}{more}",
    )


def _short(path: str) -> str:
    """Return the path of a source from where its package is installed, if it is; all would begin alike."""
    return re.sub(r"^.*[/\\](?:site|dist)-packages[/\\]", "", path)


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
    missing = {found.judged.module.partition(".")[0] for found in scan.found if found.distribution == NOT_INSTALLED}
    if missing:
        lines.append(f"not installed in {here()}: {', '.join(sorted(missing))}")
    lines += [line for start in scan.starts if start.timed.failure is None for line in _of_start(start)]
    if left_out:
        lines.append(f"{_plural(left_out, 'import')} not shown; --all shows them")
    return lines


def _of_start(start: Started) -> list[str]:
    timed, saves = start.timed, start.saves
    spread = f" ({milliseconds(min(timed.runs))} to {milliseconds(max(timed.runs))})" if len(timed.runs) > 1 else ""
    loads = f"{timed.command}: loads {_plural(len(timed.new), 'module')} in {milliseconds(timed.us)}{spread}"
    saved = f"deferring all that can be saves {len(saves['can'].modules)} of them, {milliseconds(saves['can'].us)}"
    levels: tuple[tuple[Verdict, str], ...] = (
        ("change", "with the changes shown"),
        ("risky", "with what is risky, too,"),
    )
    more = [
        f"{words} {len(saves[verdict].modules)}, {milliseconds(saves[verdict].us)}"
        for verdict, words in levels
        if len(saves[verdict].modules) > len(saves["can"].modules)
    ]
    return [f"{loads}; {saved}", *([f"    {'; '.join(more)}"] if more else [])]


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"
