"""What the table says of the build backend that ours wraps."""

import pytest

from deferred_imports.tooling.table.problems import ManifestError, Problems
from deferred_imports.tooling.table.wrapping import OURS, Wrapped, is_wrapping, read_wrapped

WRAPS: dict[str, object] = {"build-system": {"build-backend": OURS}}


def told(problems: Problems) -> list[str]:
    try:
        problems.raise_if_any()
    except ManifestError as error:
        return list(map(str, error.problems))
    return []


def read(document: dict[str, object], table: dict[str, object]) -> tuple[Wrapped, list[str]]:
    problems = Problems({})
    return read_wrapped(document, table, problems), told(problems)


def test_the_backend_that_makes_the_wheel() -> None:
    """A module, or an object in one (PEP 517), and where it is looked for first."""
    assert is_wrapping(WRAPS)
    table: dict[str, object] = {"backend": "own.backend:hooks", "backend-path": ["tools"]}
    assert read(WRAPS, table) == (Wrapped("own.backend:hooks", ("tools",)), [])


@pytest.mark.parametrize(
    ("document", "table", "problem"),
    [
        (WRAPS, {}, "expected the build backend that makes the wheel"),
        (WRAPS, {"backend": 1}, "expected a string, got the integer 1"),
        (WRAPS, {"backend": "no module"}, 'got "no module"'),
        (WRAPS, {"backend": OURS}, "expected another build backend than this one"),
        (WRAPS, {"backend": "x", "backend-path": ""}, "expected an array of directories"),
        ({}, {"backend": "x"}, "in [build-system], which reads it, got none"),
    ],
)
def test_what_is_wrong_is_told(document: dict[str, object], table: dict[str, object], problem: str) -> None:
    """Each mistake is told with what was expected and what stands there."""
    _, [found] = read(document, table)
    assert problem in found


def test_a_backend_in_the_tree_may_call_ours() -> None:
    """Where the project has a backend of its own, it may be what reads our keys."""
    own: dict[str, object] = {"build-system": {"build-backend": "own", "backend-path": ["."]}}
    assert read(own, {"backend": "x"}) == (Wrapped("x", ()), [])
