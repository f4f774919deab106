"""What a check found, in words: a line for people, an annotation for a workflow, a count of all."""

from __future__ import annotations

from collections.abc import Sequence

from deferred_imports.tooling.check.drift import Finding
from deferred_imports.tooling.project.tree import shown


def as_line(finding: Finding) -> str:
    """Return a finding for a terminal, with the chain of imports below it."""
    place = f"{shown(finding.path)}:{finding.line}: {'note: ' if finding.note else ''}"
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    return "\n".join([f"{place}{finding.message}{remedy} [{finding.kind}]", *(f"  {step}" for step in finding.chain)])


def as_annotation(finding: Finding) -> str:
    """Return a workflow command, as https://docs.github.com/actions/reference/workflow-commands describes them."""

    def escape(text: str, more: str = "") -> str:
        return "".join(f"%{ord(character):02X}" if character in f"%\r\n{more}" else character for character in text)

    message = "; ".join(filter(None, [finding.message, finding.remedy]))
    properties = f"file={escape(shown(finding.path), ':,')},line={finding.line},title={finding.kind}"
    return f"::{'notice' if finding.note else 'error'} {properties}::{escape(chr(10).join([message, *finding.chain]))}"


def summary(found: Sequence[Finding]) -> str:
    """Return how many problems and notes there are: `2 problems, 1 note`."""
    failures = sum(not finding.note for finding in found)
    counts = [(failures, "problem"), (len(found) - failures, "note")]
    said = ", ".join(f"{count} {what}{'s' if count != 1 else ''}" for count, what in counts if count)
    return said or "no problems"
