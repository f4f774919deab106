"""What `record` and `profile` say."""

from pathlib import Path

import pytest

from deferred_imports.tooling.readahead.observing import ReadAheadStart
from deferred_imports.tooling.readahead.profile import Plan, Profile, Times
from deferred_imports.tooling.readahead.recorded import Compared, Recording
from deferred_imports.tooling.readahead.report import (
    NOTHING_STARTS,
    as_json,
    failure,
    left_out,
    planned,
    rows,
    standing,
    summary,
    written,
)

PLAN = Plan(("app",), Path("r"), False, (("a.so", [(0, 2**20)]),), 0, None)
PROFILE = Profile(PLAN, Times((2.0, 4.0, 2.0), (1.0, 1.0, 1.0)), Times((0.01,) * 3, (0.01,) * 3), 0.25, "no right")


def test_what_was_written() -> None:
    """Size and count of files, what was left out, and how the command failed."""
    made = Recording(Path("r"), 1, 3 * 2**19, ("big.so",), 2)
    assert written(made) == "wrote r: 1.5 MiB in 1 file"
    assert left_out(made)[0].startswith("big.so: skipped; ")
    assert failure(made, ["app", "-x"]) == "app ended with exit code 2"


def test_whether_it_is_true() -> None:
    """All that is stale is counted, five are named, and the remedy is said."""
    assert standing(Compared(Path("r"), (), 7)) == ["r: all 7 files are as recorded"]
    [line] = standing(Compared(Path("r"), tuple("abcdefg"), 9))
    assert line.startswith("r: 7 of 9 files are not as recorded: a, b, c, d, e and 2 more; ")


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (None, NOTHING_STARTS),
        (ReadAheadStart("app.py", 3, None, "r"), "app.py:3 starts the read-ahead"),
        (ReadAheadStart("app.py", 3, "lib", "r"), "the registry of lib"),
        (ReadAheadStart("app.py", 3, None, "other"), "it reads other instead; that was measured"),
    ],
)
def test_what_starts_it(start: ReadAheadStart | None, said: str) -> None:
    """The plan says what in the program starts to read ahead, and what it reads."""
    plan = Plan(("app",), Path("r"), False, PLAN.files, 2, start)
    assert any(said in line for line in planned(plan))
    assert "2 more files of the record are gone or changed" in "\n".join(planned(plan))


def test_figures() -> None:
    """The table has medians and the ratio; what spoils the figures is said below; JSON has all samples."""
    assert [(row[0], row[3]) for row in rows(PROFILE)] == [("cold", "0.50"), ("warm", "1.00")]
    assert rows(PROFILE)[0][1] == "2.00 s (2.00 s to 3.00 s)"
    assert "(no right)" in summary(PROFILE)[1]
    assert summary(PROFILE)[2].startswith("25%")
    found = as_json(PROFILE)
    assert (found["size"], found["cold"]["alone"]["samples"], found["started_by"]) == (2**20, [2.0, 4.0, 2.0], None)
