"""The project that the manual of the table goes through."""

from pathlib import Path

import pytest

from builds import MakeProject
from manuals import atlas as files_of_atlas


@pytest.fixture
def atlas(make_project: MakeProject) -> Path:
    """The manual's project, as somebody types it."""
    files = files_of_atlas()
    assert len(files) == 6
    return make_project(files)
