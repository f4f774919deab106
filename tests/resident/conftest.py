"""The fixture that the tests of the resident process share; residents.py holds its type.

- `atlas("def main(): ...")`: a program with this code that offers to be resident
- `atlas(...).start()`: have it resident
- `atlas(...).both("a", "b")`: make a call directly and one through it, and assert that they are the same
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from residents import Program


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs another system."""
    for item in items:
        if "atlas" in getattr(item, "fixturenames", ()) and not sys.platform.startswith("linux"):
            item.add_marker(pytest.mark.skip(reason="only Linux has resident processes"))


@pytest.fixture
def atlas(tmp_path: Path, home: Path) -> Iterator[Callable[[str], Program]]:
    """Make programs, and end them afterwards."""
    made: list[Program] = []

    def make(code: str) -> Program:
        path = tmp_path / f"program{len(made)}"
        path.mkdir()
        # Not below tmp_path: the path of a socket has to be short.
        runtime = Path(tempfile.mkdtemp(prefix="resident-"))
        os.chmod(runtime, 0o700)
        made.append(Program.make(path, runtime, home, code))
        return made[-1]

    yield make
    for program in made:
        program.end()
