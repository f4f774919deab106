"""Puts what `record` wrote and what `profile` measured into words, a table and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles
from typing import Any

from deferred_imports.tooling.readahead.profile import Plan, Profile, Times
from deferred_imports.tooling.readahead.recorded import Compared, Recording

COLUMNS = ("start", "alone", "reading ahead", "ratio")

NOTHING_STARTS = (
    "this program does not start the read-ahead; call deferred_imports.prefetch.prefetch() in its first line"
)


def left_out(made: Recording) -> list[str]:
    """Return what is not in the record, and why."""
    return [
        f"{path}: skipped; it is too large to read whole, and which parts were read is unknown"
        for path in made.left_out
    ]


def written(made: Recording) -> str:
    """Return what was written."""
    return f"wrote {made.path}: {_amount(made.size, made.files)}"


def standing(found: Compared) -> list[str]:
    """Return whether a record is still true."""
    if not found.stale:
        return [f"{found.path}: all {found.files} files are as recorded"]
    shown = ", ".join(found.stale[:5]) + (f" and {len(found.stale) - 5} more" if len(found.stale) > 5 else "")
    remedy = '"deferred-imports record --anew -- COMMAND" records them again'
    return [f"{found.path}: {len(found.stale)} of {found.files} files are not as recorded: {shown}; {remedy}"]


def failure(made: Recording, command: Sequence[str]) -> str:
    """Return how the command failed."""
    return f"{command[0]} ended with exit code {made.exit_code}"


def _amount(size: int, files: int) -> str:
    return f"{size / 2**20:.1f} MiB in {files} file{'s' if files != 1 else ''}"


def planned(plan: Plan) -> list[str]:
    """Return what will be read ahead, and what starts it."""
    origin = "recorded just now because there was no record" if plan.is_new else f"from {plan.record}"
    lines = [f"read-ahead: {_amount(plan.size, len(plan.files))}, {origin}"]
    if plan.stale:
        lines.append(f"{plan.stale} more files of the record are gone or changed and were skipped; record again")
    start = plan.start
    if start is None:
        return [*lines, NOTHING_STARTS, "measured as if it did"]
    place = f"{start.file}:{start.line}"
    if start.package is None:
        lines.append(f"{place} starts the read-ahead")
    else:
        lines.append(
            f"{place} starts the read-ahead when PYDEFER_PREFETCH names a record: the registry of {start.package}"
        )
    if start.record != str(plan.record):
        lines.append(f"it reads {start.record} instead; that was measured")
    return lines


def rows(profile: Profile) -> list[list[str | None]]:
    """Return the rows of the table."""
    return [
        [name, _times(found.alone), _times(found.ahead), f"{found.ratio:.2f}"]
        for name, found in (("cold", profile.cold), ("warm", profile.warm))
    ]


def _times(samples: Sequence[float]) -> str:
    low, high = _quartiles(samples)
    return f"{_shown(median(samples))} ({_shown(low)} to {_shown(high)})"


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _quartiles(samples: Sequence[float]) -> tuple[float, float]:
    if len(samples) == 1:
        return samples[0], samples[0]
    low, _, high = quantiles(samples, n=4, method="inclusive")
    return low, high


def summary(profile: Profile) -> list[str]:
    """Return how the figures came about, and what spoils them."""
    rounds = len(profile.cold.alone)
    lines = [f"medians (quartiles) of {rounds} interleaved start{'s' if rounds != 1 else ''} of each kind"]
    if profile.refusal:
        lines.append(
            f"could not empty the page cache of the machine ({profile.refusal}): only the recorded files were evicted, "
            "so directory lookups were warm"
        )
    if profile.kept >= 0.01:
        lines.append(f"{profile.kept:.0%} of the recorded bytes stayed in memory because running programs use them")
    return lines


def as_json(profile: Profile) -> dict[str, Any]:
    """Return all that is known; times in seconds."""
    plan, start = profile.plan, profile.plan.start
    return {
        "command": list(plan.command),
        "record": None if plan.is_new else str(plan.record),
        "files": len(plan.files),
        "stale": plan.stale,
        "size": plan.size,
        "started_by": start
        and {"file": start.file, "line": start.line, "registry": start.package, "record": start.record},
        "cold": _comparison(profile.cold),
        "warm": _comparison(profile.warm),
        "kept_in_memory": profile.kept,
        "not_emptied": profile.refusal,
    }


def _comparison(found: Times) -> dict[str, Any]:
    return {
        "alone": {"median": median(found.alone), "samples": list(found.alone)},
        "ahead": {"median": median(found.ahead), "samples": list(found.ahead)},
        "ratio": found.ratio,
    }
