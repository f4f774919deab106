"""Bisection: as many groups are kept as can be, and few questions are asked for that."""

import pytest

from deferred_imports.tooling.adopt.culprits import innocent


@pytest.mark.parametrize("guilty", [set(), {5}, {0, 15}, {3, 4, 5}, set(range(16))])
def test_all_that_are_innocent_are_kept(guilty: set[int]) -> None:
    """What holds without the guilty ones has all others, also those of a group with a guilty one."""
    groups = [[number, number + 1] for number in range(0, 16, 2)]
    assert innocent(groups, lambda chosen: not chosen & guilty) == set(range(16)) - guilty


def test_one_that_is_guilty_takes_few_questions() -> None:
    """Among 1,024 items one is found in about twice the logarithm of questions."""
    asked: list[frozenset[int]] = []

    def holds(chosen: frozenset[int]) -> bool:
        asked.append(chosen)
        return 700 not in chosen

    assert innocent([[number] for number in range(1024)], holds) == set(range(1024)) - {700}
    assert len(asked) <= 22


def test_what_breaks_only_together_is_kept_but_for_one() -> None:
    """Of two items that fail with each other, the first is kept."""
    assert innocent([["a"], ["b"], ["c"]], lambda chosen: not {"a", "c"} <= chosen) == {"a", "b"}


def test_nothing_is_asked_of_nothing() -> None:
    """Without items no question is asked."""
    assert innocent([[], []], lambda _: pytest.fail("asked")) == frozenset()
