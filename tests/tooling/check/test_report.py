"""What a check found, in words for people and machines."""

from pathlib import Path

from deferred_imports.tooling.check.finding import Finding
from deferred_imports.tooling.check.report import as_annotation, as_json, as_line, as_sarif, summary

FAILURE = Finding("unused", Path("a b.py"), 3, "nobody uses it", "remove it")
NOTE = Finding("skipped", Path("c.py"), 1, "cannot be analysed", "", note=True, chain=("x.py:1: import c",))


def test_a_line() -> None:
    """Place, message, remedy and code; a note says so, and its chain stands below it."""
    assert as_line(FAILURE) == "a b.py:3: nobody uses it; remove it [unused]"
    assert as_line(NOTE) == "c.py:1: note: cannot be analysed [skipped]\n  x.py:1: import c"


def test_for_machines() -> None:
    """JSON has every field; SARIF has an index of rules, an encoded path and a level."""
    assert as_json([FAILURE])["findings"][0] == {
        "kind": "unused",
        "path": "a b.py",
        "line": 3,
        "message": "nobody uses it",
        "remedy": "remove it",
        "note": False,
        "chain": [],
    }
    [run] = as_sarif([FAILURE, NOTE])["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["skipped", "unused"]
    assert [(one["ruleIndex"], one["level"]) for one in run["results"]] == [(1, "error"), (0, "note")]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "a%20b.py"}
    assert as_annotation(NOTE).startswith("::notice file=c.py,line=1,title=skipped::")


def test_a_summary() -> None:
    """Problems and notes are counted apart."""
    assert summary([]) == "no problems"
    assert summary([FAILURE, FAILURE, NOTE]) == "2 problems, 1 note"
