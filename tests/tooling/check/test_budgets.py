"""`--max-modules` and `--max-ms`: a verdict only when it is sure."""

from pathlib import Path

import pytest

from deferred_imports.tooling.check.budgets import LEAST, MOST, check_time, judge_time, sample, sureness
from deferred_imports.tooling.check.report import as_line
from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import Launch
from goldens import CASES, compare

ROOT = Path("shop")


def test_how_sure() -> None:
    """Five starts of five above the limit are sure to 31/32; as many above as below say nothing."""
    assert sureness([2, 2, 2, 2, 2], 1) == (31 / 32, 0)
    assert sureness([0, 0, 0, 0, 0], 1) == (0, 31 / 32)
    over, under = sureness([0, 2, 0, 2], 1)
    assert over == under < 0.5


@pytest.mark.parametrize(("times", "taken"), [([2.0], LEAST), ([0.5], LEAST), ([0.5, 2.0], MOST)])
def test_how_often(times: list[float], taken: int) -> None:
    """A program is started until it is sure, and not for ever where that cannot be."""
    endless = iter(times * MOST)
    assert len(sample(lambda: next(endless), 1)) == taken


def test_what_is_said() -> None:
    """Surely too slow is a failure, surely fast enough is nothing, and what is too near to tell is a note."""
    slow = judge_time(ROOT, "shop --help", [130, 120, 125, 140, 150], 100)
    near = judge_time(ROOT, "shop --help", [99, 101] * 8, 100)

    assert [finding.note for finding in (*slow, *near)] == [False, True]
    compare("".join(f"{as_line(finding)}\n" for finding in (*slow, *near)), CASES / "check" / "budgets.txt")
    assert judge_time(ROOT, "shop --help", [50] * 5, 100) == []


def test_a_real_start(tmp_path: Path) -> None:
    """A program that sleeps 0.2 s takes more than 100 ms, and less than a minute."""
    launch = Launch("sleeper", "code", "import time; time.sleep(0.2)")

    (found,) = check_time(tmp_path, launch, Copy(), 100)
    assert found.kind == "too-slow"
    assert check_time(tmp_path, launch, Copy(), 60_000) == []
