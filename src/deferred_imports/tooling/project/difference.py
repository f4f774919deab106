"""What a file says and what it should say, as a unified diff."""

from __future__ import annotations

from difflib import unified_diff


def as_diff(old: str | None, new: str, name: str, after: str) -> str:
    """Return the diff, or nothing; where only line endings differ, it shows them.

    Args:
        old: What the file says; None where there is none.
        new: What it should say.
        name: What the file is called.
        after: What the new text is called.
    """
    lines = (old or "").splitlines(keepends=True)
    if old is not None and old.splitlines() == new.splitlines():
        lines = [line.replace("\r", "\\r") for line in lines]
    before = "/dev/null" if old is None else name
    found = unified_diff(lines, new.splitlines(keepends=True), before, after)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found)
