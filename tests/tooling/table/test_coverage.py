"""Whether what a project requires covers what its table needs."""

from collections.abc import Mapping

import pytest

from deferred_imports.tooling.table.coverage import Need, check_needs
from deferred_imports.tooling.table.problems import ManifestError, Problems
from deferred_imports.tooling.table.requirements import read_requirements

PROJECT = {"dependencies": ["numpy"], "optional-dependencies": {"plot": ["matplotlib"]}}
PLACE = ("tool", "deferred-imports", "imports", "x")


def need(module: str, value: object = None, **keys: str) -> Need:
    return Need(PLACE, value or module, (((*PLACE, "module"), module),), keys.get("distribution"), keys.get("extra"))


def told(one: Need, project: Mapping[str, object] = PROJECT) -> list[str]:
    document = {"project": {"name": "app", **project}, "dependency-groups": {"dev": ["pytest"]}}
    problems = Problems(document)
    check_needs([one], read_requirements(document, Problems(document)), problems)
    try:
        problems.raise_if_any()
    except ManifestError as error:
        return list(map(str, error.problems))
    return []


def test_what_is_covered() -> None:
    """The standard library apart, a module is covered by a requirement that brings it, with its extra if it has one."""
    assert told(need("numpy.linalg")) == []
    assert told(need("matplotlib.pyplot", extra="plot")) == []
    assert told(need("np", distribution="NumPy")) == []


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (need("nump"), 'got "nump"; name the distribution that provides it, as in { module = "nump", distribution = '),
        (need("yaml"), 'add what provides it to [project] dependencies, as in "PyYAML"'),
        (need("pytest"), 'which is only in [dependency-groups] ("dev")'),
        (need("np", distribution="numpi"), 'did you mean "numpy"?'),
        (need("matplotlib"), 'expected an extra, because only "plot" installs "matplotlib", got none'),
        (need("numpy", extra="plot"), 'expected no extra, because [project] dependencies install "numpy"'),
    ],
)
def test_what_is_not(one: Need, problem: str) -> None:
    """Each message says what was expected and what to write, as the entry would be written."""
    [found] = told(one)
    assert problem in found


def test_where_requirements_are_not_known_nothing_is_judged() -> None:
    """A project that leaves them to its backend may require anything."""
    assert told(need("anything"), {"dynamic": ["dependencies"]}) == []


def test_a_short_entry_becomes_a_table() -> None:
    """A key is added to the table that stands there; a string is written as one."""
    assert need("a").write("extra", "x") == '{ module = "a", extra = "x" }'
    assert need("a", {"module": "a"}).write("extra", "x") == 'extra = "x"'
