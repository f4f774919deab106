"""A vendored package, and a wheel from an archive without history; `shipping` prints all ways and conditions."""

import sys
from pathlib import Path

import pytest

from backends import FailedError
from freezing import TRIED, prepare
from shipping import Conditions, Shipments

ON = (3, 11)


@pytest.mark.network
def test_shipped(tmp_path: Path) -> None:
    """Below another package it is what it was, but for its metadata; what git archives gives the same wheel."""
    if sys.version_info[:2] != ON:
        pytest.skip(f"tried on Python {'.'.join(map(str, ON))}")
    try:
        place = prepare(tmp_path)
        vendored = Shipments(place).row("vendored")
    except FailedError as error:
        pytest.skip(f"no index: {error}")
    assert vendored == ["vendored", *("no metadata" if name == "list --installed" else "works" for name in TRIED)]
    conditions = Conditions(place)
    assert conditions.archived() == conditions.wheel(conditions.project())
