"""What is not noise in `growth`: that every cost is taken at every size, and that slopes are what they are called."""

import pytest

from benchmarks.growth import SERIES, exponent, measure


def test_every_cost_is_taken() -> None:
    """Each series has each of its costs, at each size, and what it compares with."""
    sizes = {"names": (10, 20), "registries": (1, 2), "modules": (200, 300)}
    found = measure(sizes, rounds=1)
    assert found.keys() == SERIES.keys()
    for name, series in SERIES.items():
        titles = [curve.title for curve in found[name]]
        assert titles == [cost.title for cost in series.costs]
        assert {curve.beside for curve in found[name]} <= {"", *titles}
        assert all(len(curve.medians) == 2 and min(curve.medians) > 0 for curve in found[name])


def test_slope() -> None:
    """The slope is the exponent of a power law, in the upper decade: what small sizes cost does not matter."""
    sizes = [1, 10, 100, 300, 1000]
    assert exponent(sizes, [9.0, 9.0, *(7 * size**1.5 for size in sizes[2:])]) == pytest.approx(1.5)
    assert exponent(sizes, [3.0] * 5) == pytest.approx(0)
    assert exponent([100], [3.0]) is None
