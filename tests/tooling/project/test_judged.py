"""Verdicts on imports, as values."""

import re
from typing import get_args

import pytest

from deferred_imports.tooling.project.judged import DEFERRABLE, Judged, Reason, Verdict


def test_every_reason_has_a_code_of_its_own() -> None:
    """Codes are words for machines, each once; every verdict has a reason."""
    codes = [reason.code for reason in Reason]
    assert len(codes) == len(set(codes)) > 30
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)] == []
    assert {reason.verdict for reason in Reason} == set(get_args(Verdict)) > DEFERRABLE


@pytest.mark.parametrize("reason", Reason)
def test_every_sentence_can_be_filled_in(reason: Reason) -> None:
    """A sentence takes its detail and its lines, and nothing else."""
    assert "{" not in reason.sentence.format(detail="d", lines=" (line 1)")


def test_a_verdict_is_that_of_its_reason() -> None:
    """What is judged has its verdict from the reason, and is one site with the others of its statement."""
    one = Judged("app", 3, "a.b", "c", "c", Reason.SHARED)
    assert one.verdict == "no gain"
    assert one.site == ("app", 3, "a.b")
