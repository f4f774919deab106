"""How a problem is told: addresses, quoting, order, suggestions."""

from __future__ import annotations

import pickle
import sys
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deferred_imports.tooling.table.problems import (
    ManifestError,
    Place,
    Problem,
    Problems,
    address,
    alternatives,
    describe,
    did_you_mean,
    quote,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.dates() | st.datetimes(),
    lambda values: st.lists(values) | st.dictionaries(TEXTS, values),
    max_leaves=10,
)


@given(VALUES)
def test_quote_writes_toml(value: object) -> None:
    """A quoted value is what a TOML reader takes for the same value, and it stays on its line."""
    text = quote(value)

    assert tomllib.loads(f"value = {text}")["value"] == value
    assert len(f"{text}.".splitlines()) == 1


def test_an_integer_without_end() -> None:
    """Python writes no decimal number of thousands of digits: the beginning is shown, as TOML may write it."""
    assert quote(-int("f" * 5000, 16)) == "-0xfffffffffffffffff..."
    assert quote(2**500) == str(2**500)


def test_quote_escapes_what_breaks_a_line() -> None:
    """Line ends of every kind, quotes and invisible characters are escaped as TOML does; letters stay."""
    assert quote('a"b\\c\nd\te\u2028f\u00a0g\U000e0001é') == r'"a\"b\\c\nd\te\u2028f\u00A0g\U000E0001é"'


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((), ""),
        (("tool", "deferred-imports"), ""),
        (("tool", "deferred-imports", "imports", "plt", "extra"), "imports.plt.extra"),
        (("tool", "deferred-imports", "imports", "toml", 1), "imports.toml[1]"),
        (("tool", "deferred-imports", "imports", "a.b", "module"), 'imports."a.b".module'),
        (("tool", "deferred-imports", "imports", ""), 'imports.""'),
        (("tool", "deferred-imports", "imports", "é"), 'imports."é"'),
        (("project", "dependencies", 1), "project.dependencies[1]"),
        (("tool", "other"), "tool.other"),
    ],
)
def test_address(place: Place, expected: str) -> None:
    """An address starts at our table, or at the top of the file, and quotes the keys that TOML would."""
    assert address(place) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\nb", r'the string "a\nb"'),
        (True, "the boolean true"),
        (1, "the integer 1"),
        (1.5, "the float 1.5"),
        (datetime(1979, 5, 27, tzinfo=timezone.utc), "the datetime 1979-05-27T00:00:00+00:00"),
        ([1], "an array"),
        ([], "an empty array"),
        ({"a": 1}, "a table"),
    ],
)
def test_describe(value: object, expected: str) -> None:
    """A value that has the wrong type is named by its TOML type."""
    assert describe(value) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("plots", '; did you mean "plot"?'),
        ("EXCEL", '; did you mean "Excel"?'),
        ("spreadsheet", ""),
        ("", ""),
    ],
)
def test_did_you_mean(word: str, expected: str) -> None:
    """The nearest choice is offered as it is written, and none when none is near."""
    assert did_you_mean(word, ["plot", "Excel"]) == expected


def test_alternatives() -> None:
    """One choice stands alone, several are a list."""
    assert alternatives(["plot"]) == '"plot"'
    assert alternatives(["plot", "excel"]) == 'one of "plot", "excel"'


def test_error_text() -> None:
    """The error counts its problems and lists them; one about the table itself has no address."""
    one = ManifestError([Problem("", "expected a table")])
    two = ManifestError([Problem("discovr", "unknown key"), Problem("imports.np", "expected a string")])

    assert str(one) == "pyproject.toml: [tool.deferred-imports] has 1 problem\n  expected a table"
    assert str(two) == (
        "pyproject.toml: [tool.deferred-imports] has 2 problems\n"
        "  discovr: unknown key\n"
        "  imports.np: expected a string"
    )


def test_error_survives_pickling() -> None:
    """An error that comes from another process, as a build's may, keeps its problems."""
    error = ManifestError([Problem("imports.np", "expected a string")])

    assert pickle.loads(pickle.dumps(error)).problems == error.problems  # noqa: S301 - our own bytes


def test_problems_come_in_the_order_of_the_file() -> None:
    """However they were found, problems are reported from top to bottom; a missing key before those that are there."""
    document = {"tool": {"deferred-imports": {"b": {"y": 1, "x": [1, 2]}, "a": 2}}, "project": {}}
    problems = Problems(document)
    for place in [("project", "name"), ("b", "x", 1), ("a",), ("b", "x", 0), ("b", "y"), ("b", "z"), ("b",), ()]:
        full: Place = place if place[:1] == ("project",) else ("tool", "deferred-imports", *place)
        problems.add(full, "wrong")

    with pytest.raises(ManifestError) as caught:
        problems.raise_if_any()

    found = [problem.address for problem in caught.value.problems]
    assert found == ["", "b", "b.z", "b.y", "b.x[0]", "b.x[1]", "a", "project.name"]


def test_no_problem_no_error() -> None:
    """Nothing is raised when nothing was added."""
    Problems({}).raise_if_any()
