"""Which imports the table says are to be kept where they are."""

import pytest

from deferred_imports.tooling.table.keep import read_keep
from deferred_imports.tooling.table.problems import ManifestError, Problems


def told(problems: Problems) -> list[str]:
    try:
        problems.raise_if_any()
    except ManifestError as error:
        return list(map(str, error.problems))
    return []


def read(value: object) -> tuple[tuple[str, ...], list[str]]:
    problems = Problems({})
    return read_keep(value, problems), told(problems)


def test_what_can_be_kept() -> None:
    """What is imported, who imports, or both."""
    assert read({"keep": ["json", "app.cli:", "app.cli:xml.dom"]}) == (("json", "app.cli:", "app.cli:xml.dom"), [])
    assert read({}) == ((), [])


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (1, "expected a table, got the integer 1"),
        ({"keeep": []}, 'unknown key; did you mean "keep"?'),
        ({"keep": "json"}, "expected an array of strings, got the string"),
        ({"keep": [1]}, "expected strings, got the integer 1"),
        ({"keep": [":json"]}, 'got ":json"'),
    ],
)
def test_what_is_wrong_is_told(value: object, problem: str) -> None:
    """Whatever stands there, the problem names the place and what was expected; nothing is kept by it."""
    kept, [problem_told] = read(value)
    assert kept == ()
    assert problem_told.startswith("scan")
    assert problem in problem_told
