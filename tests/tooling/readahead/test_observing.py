"""What a command's Pythons note of what they read."""

import sys

import pytest

from deferred_imports.prefetch import VARIABLE
from deferred_imports.tooling.readahead.observing import NothingRecordedError, observe


def test_what_a_python_opens() -> None:
    """The prefix, the path and the files that were opened are noted, and how the command ended."""
    found = observe([sys.executable, "-c", "import wave; raise SystemExit(3)"], {VARIABLE: "0"})
    assert (found.exit_code, found.prefix) == (3, sys.prefix)
    assert [path for path in found.opened if "wave" in path]
    assert found.start is None


def test_nothing_runs_in_which_something_could_be_noted() -> None:
    """A Python that ignores variables notes nothing, and that is said."""
    with pytest.raises(NothingRecordedError, match="starts no Python, or one that ignores PYTHONPATH"):
        observe([sys.executable, "-I", "-c", ""], {VARIABLE: "0"})
