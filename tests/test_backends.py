"""One backend in isolation, from an index, as users have it; `backends` prints all of them through every frontend."""

from pathlib import Path

import pytest

from backends import FailedError, Place
from samples import SAMPLES


@pytest.mark.network
def test_a_wrapped_backend_in_isolation(tmp_path: Path) -> None:
    """What `requires` names is all that a build needs; the wheel and an editable install work."""
    sample = SAMPLES["setuptools, setup.cfg"]
    place = Place(tmp_path)
    try:
        place.environment("setuptools")
    except FailedError as error:
        pytest.skip(f"no index: {error}")
    project = place.lay_out(sample)
    assert place.probe(place.build("uv", project)) == "works"
    assert place.probe("-e", project) == "works"
    assert (project / sample.place / "_deferred.py").is_file()
