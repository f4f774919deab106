"""Every freezer with a real build, on one Python, as some take minutes; `freezing` prints all of it as a table."""

import sys
from pathlib import Path

import pytest

from backends import FailedError, Place
from freezing import FREEZERS, TRIED, build, prepare, results, told

#: What is not as it should be, and what is printed instead: Nuitka keeps of metadata what it knows.
OTHERWISE = {("Nuitka", "list --installed"): "no metadata"}
ON = (3, 11)


def there(freezer: str, scratch: Path) -> tuple[Place, Path]:
    """Return where to freeze, and an interpreter that has the program and what freezes it."""
    if sys.version_info[:2] != ON:
        pytest.skip(f"freezers are tried on Python {'.'.join(map(str, ON))}")
    try:
        place = prepare(scratch)
        return place, place.environment("weather", *FREEZERS[freezer][0])
    except FailedError as error:
        pytest.skip(f"no index: {error}")


@pytest.mark.network
@pytest.mark.parametrize("freezer", FREEZERS)
def test_a_frozen_program(freezer: str, tmp_path: Path) -> None:
    """With nothing configured, what is deferred is there, and calls, variables and messages are what they should be."""
    place, python = there(freezer, tmp_path)
    expected = [OTHERWISE.get((freezer, name), "works") for name in TRIED]
    assert results(place, freezer, build(place, freezer, python)) == expected


@pytest.mark.network
def test_what_a_freezer_is_told(tmp_path: Path) -> None:
    """A program that hides its registry lacks all of it; with what `list --format` writes nothing is missing."""
    place, _ = there("PyInstaller", tmp_path)
    assert told(place, "PyInstaller") == ["overlooked", "works"]
