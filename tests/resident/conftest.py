"""The fixture that the tests of the resident process share; residents.py holds its type.

- `atlas("def main(): ...")`: a program with this code that offers to be resident
- `atlas(...).start()`: have it resident
- `atlas(...).both("a", "b")`: make a call directly and one through it, and assert that they are the same
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from residents import Program, clear_abandoned, make_runtime


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs another system."""
    for item in items:
        if "atlas" in getattr(item, "fixturenames", ()) and not sys.platform.startswith("linux"):
            item.add_marker(pytest.mark.skip(reason="only Linux has resident processes"))


class Make(Protocol):
    """Makes programs."""

    def __call__(self, code: str, python: str = ...) -> Program:
        """Return a program with this code, for an interpreter."""


@pytest.fixture(scope="session")
def _swept() -> None:
    """Nothing is left of test runs that were killed."""
    clear_abandoned()


@pytest.fixture
def atlas(tmp_path: Path, home: Path, _swept: None) -> Iterator[Make]:
    """Make programs, and end them afterwards."""
    made: list[Program] = []

    def make(code: str, python: str = sys.executable) -> Program:
        path = tmp_path / f"program{len(made)}"
        path.mkdir()
        made.append(Program.make(path, make_runtime(), home, code, python))
        return made[-1]

    yield make
    for program in made:
        program.end()
