"""Every freezer with a real build, on one Python, as some take minutes; `freezing` prints all of it as a table."""

import sys
from pathlib import Path

import pytest

from backends import FailedError
from freezing import FREEZERS, TRIED, build, prepare, results

#: What is not as it should be, and what is printed instead: Nuitka keeps of metadata what it knows.
OTHERWISE = {("Nuitka", "list --installed"): "no metadata"}
ON = (3, 11)


@pytest.mark.network
@pytest.mark.parametrize("freezer", FREEZERS)
def test_a_frozen_program(freezer: str, tmp_path: Path) -> None:
    """With nothing configured, what is deferred is there, and calls, variables and messages are what they should be."""
    if sys.version_info[:2] != ON:
        pytest.skip(f"freezers are tried on Python {'.'.join(map(str, ON))}")
    try:
        place = prepare(tmp_path)
        python = place.environment("weather", *FREEZERS[freezer][0])
    except FailedError as error:
        pytest.skip(f"no index: {error}")
    expected = [OTHERWISE.get((freezer, name), "works") for name in TRIED]
    assert results(place, freezer, build(place, freezer, python)) == expected
