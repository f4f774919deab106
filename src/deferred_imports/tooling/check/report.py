"""What a check found, in words: a line for people, an annotation for a workflow, JSON, SARIF, a count of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.project.paths import shown

FORMAT = 1
"""The number of the JSON's format; it grows when something in it changes its meaning."""


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


def as_json(found: Sequence[Finding]) -> dict[str, Any]:
    """Return all findings as plain values, as `findings.schema.json` describes them."""
    return {"format": FORMAT, "findings": [_plain(finding) for finding in found]}


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "path": shown(finding.path),
        "line": finding.line,
        "message": finding.message,
        "remedy": finding.remedy,
        "note": finding.note,
        "chain": list(finding.chain),
    }


def as_sarif(found: Sequence[Finding]) -> dict[str, Any]:
    """Return all findings as SARIF 2.1.0 (OASIS), which code scanning services read."""
    kinds = sorted({finding.kind for finding in found})
    driver = {"name": "deferred-imports", "rules": [{"id": kind} for kind in kinds]}
    results = [_result(finding, kinds.index(finding.kind)) for finding in found]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    text = "; ".join(filter(None, [finding.message, finding.remedy]))
    place = {
        "artifactLocation": {"uri": quote(shown(finding.path))},  # relative to where the command ran
        "region": {"startLine": finding.line},
    }
    return {
        "ruleId": finding.kind,
        "ruleIndex": rule,
        "level": "note" if finding.note else "error",
        "message": {"text": "\n".join([text, *finding.chain])},
        "locations": [{"physicalLocation": place}],
    }


def summary(found: Sequence[Finding]) -> str:
    """Return how many problems and notes there are: `2 problems, 1 note`."""
    failures = sum(not finding.note for finding in found)
    counts = [(failures, "problem"), (len(found) - failures, "note")]
    said = ", ".join(f"{count} {what}{'s' if count != 1 else ''}" for count, what in counts if count)
    return said or "no problems"
