"""Comments at imports: what of them goes along."""

import ast

import pytest

from deferred_imports.tooling.adopt.comments import comment_of, kept_comment, line_above
from deferred_imports.tooling.adopt.text import Text


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("# why", "why"),
        ("# noqa: F401 - others take it", ""),
        ("# noqa: F401, S403 - trusted", "noqa: S403 - trusted"),
        ("# noqa: E402  # why", "why"),
        ("# type: ignore[misc]  # so it is", "type: ignore[misc]  # so it is"),
    ],
)
def test_exceptions_that_lose_their_sense_fall(comment: str, kept: str) -> None:
    """What excuses an unused import at the top excuses nothing in a function (pitfall 8)."""
    assert kept_comment(comment) == kept
    text = Text(f"import a  {comment}\n".encode())
    assert comment_of(text, ast.parse(text.text).body[0]) == kept


def test_comments_above_a_statement_are_its_own() -> None:
    """Those directly above it, up to an empty line; but not those that the file begins with."""
    text = Text(b"# The file.\na\n\n# Not its.\n\n# Why.\n# So.\nb\n")
    first, second = ast.parse(text.text).body
    assert (line_above(text, first), line_above(text, second)) == (2, 6)
