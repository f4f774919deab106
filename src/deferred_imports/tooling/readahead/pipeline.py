"""The verbs `record` and `profile`, top to bottom: see what a start reads, write it down, measure what it gains.

`record --check` alone runs nothing: `recorded` compares the record with the files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from deferred_imports.prefetch import FILE_NAME, VARIABLE
from deferred_imports.tooling.project.temporary import temporary_directory
from deferred_imports.tooling.readahead.observing import observe
from deferred_imports.tooling.readahead.profile import Plan, Profile, measure_starts, plan_profile, require_root
from deferred_imports.tooling.readahead.recorded import Recording, refuse_other, write_record


def record(command: Sequence[str], output: Path | None, *, anew: bool = False) -> Recording:
    """Run a command to its end, and write which files of its environment it read, beside what earlier runs did.

    Args:
        command: The program and its arguments; its standard streams are ours.
        output: Where to write; by default where `prefetch()` looks: in the `sys.prefix` of the first Python it starts.
        anew: Whether to forget the earlier runs.

    Raises:
        NothingRecordedError: when there is nothing to write, or something else is in the place of the record.
        OSError: when the command cannot be started, or the file not be written.
    """
    # What an old record names would be taken for what the imports read.
    if output is not None:
        refuse_other(output)  # before the command has run in vain
    events = observe(command, {VARIABLE: "0"})
    return write_record(events, output or Path(events.prefix, FILE_NAME), anew=anew)


def profile(command: Sequence[str], recorded: str | None, rounds: int, begin: Callable[[Plan], None]) -> Profile:
    """Find out what a command reads, and compare its starts with and without reading that ahead.

    Args:
        command: The program and its arguments.
        recorded: The record; by default the one that a start would find, or else a new one.
        rounds: How many starts of each kind are measured.
        begin: Hears what will be measured, before that begins.

    Raises:
        CannotProfileError: when the command fails, the record is none, or the page cache cannot be emptied.
        NothingRecordedError: when no Python has run that could be looked at.
        OSError: when the command cannot be started.
    """
    require_root()
    with temporary_directory() as scratch:
        plan = plan_profile(command, recorded, Path(scratch))
        begin(plan)
        return measure_starts(plan, rounds)
