"""What the command prints of differences and findings, as text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from deferred_imports.tooling.check.drift import Finding


def as_difference(old: str | None, new: str, name: str, after: str) -> str:
    """Return a unified diff; where only line endings differ, it shows them."""
    from difflib import unified_diff

    lines = (old or "").splitlines(keepends=True)
    if old is not None and old.splitlines() == new.splitlines():
        lines = [line.replace("\r", "\\r") for line in lines]
    before = "/dev/null" if old is None else name
    found = unified_diff(lines, new.splitlines(keepends=True), before, after)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found)


def as_line(finding: Finding) -> str:
    """Return a finding for a terminal, with the chain of imports below it."""
    from deferred_imports.tooling.project.tree import shown

    place = f"{shown(finding.path)}:{finding.line}: {'note: ' if finding.note else ''}"
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    return "\n".join([f"{place}{finding.message}{remedy} [{finding.kind}]", *(f"  {step}" for step in finding.chain)])


def as_annotation(finding: Finding) -> str:
    """Return a workflow command, as https://docs.github.com/actions/reference/workflow-commands describes them."""
    from deferred_imports.tooling.project.tree import shown

    def escape(text: str, more: str = "") -> str:
        return "".join(f"%{ord(character):02X}" if character in f"%\r\n{more}" else character for character in text)

    message = "; ".join(filter(None, [finding.message, finding.remedy]))
    properties = f"file={escape(shown(finding.path), ':,')},line={finding.line},title={finding.kind}"
    return f"::{'notice' if finding.note else 'error'} {properties}::{escape(chr(10).join([message, *finding.chain]))}"
