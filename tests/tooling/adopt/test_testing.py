"""The project's own tests, run in a copy of it: what fails, before and after."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.adopt.target import find_target
from deferred_imports.tooling.adopt.testing import Result, run_tests


def result(code: int = 0, failed: set[str] | None = None, passed: int = 2) -> Result:
    """Return what a run could have told."""
    return Result(code, frozenset(failed or ()), {"passed": passed}, "the last line")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (result(), ()),
        (result(1, {"a", "old"}, 1), ("a",)),
        (result(1, {"old"}, 2), ()),
        (result(2, passed=0), ("the last line",)),
        (result(0, passed=1), ("the last line",)),
    ],
)
def test_what_is_worse(after: Result, expected: tuple[str, ...]) -> None:
    """Tests that fail now; else a run that fails or passes less has a reason without a name."""
    before = result(1, {"old"}) if "old" in after.failed else result()
    assert after.worse_than(before) == expected


def test_pytest_tells_what_fails(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """By the names that pytest has for them; some can be run alone."""
    scratch = Scratch(find_target(make_project()), tmp_path / "copy")
    tests = "def test_a(): assert 0\ndef test_b(): pass\n"
    (scratch.root / "tests/test_two.py").write_text(tests, encoding="utf-8")
    command = f"{sys.executable} -m pytest -q -p no:cacheprovider -p no:xdist tests/test_two.py"
    both = run_tests(command, scratch)
    assert (both.code, both.counts, *both.failed) == (1, {"failed": 1, "passed": 1}, "tests/test_two.py::test_a")
    assert str(both) == "1 failed, 1 passed"
    alone = run_tests(command, scratch, ["tests/test_two.py::test_b"])
    assert (alone.code, alone.counts) == (0, {"passed": 1})


def test_unittest_tells_what_fails(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """Its own words are read as well."""
    scratch = Scratch(find_target(make_project()), tmp_path / "copy")
    tests = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): 1 / 0\n    def test_b(self): pass\n"
    (scratch.root / "two.py").write_text(tests, encoding="utf-8")
    found = run_tests(f"{sys.executable} -m unittest two", scratch)
    assert (found.code, found.counts) == (1, {"passed": 1, "failed": 1})
    assert [name.partition(" ")[0] for name in found.failed] == ["test_a"]


def test_any_other_command(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """Of a command that is neither only the exit code tells."""
    scratch = Scratch(find_target(make_project()), tmp_path / "copy")
    found = run_tests(f"{sys.executable} -c 'raise SystemExit(3)'", scratch)
    assert (found.code, found.failed, str(found)) == (3, frozenset(), "exit code 3")
