"""Where an expression stands."""

import ast

from deferred_imports.tooling.source.spots import Spot


def test_what_runs_with_the_module() -> None:
    """Calls, annotations that nobody reads, scripts and type checking are not at import; the last two never run."""
    assert [role for role in ("module", "base", "annotation", "field") if not Spot(role).at_import] == []
    assert [role for role in ("call", "unread", "typing", "main") if Spot(role).at_import] == []
    assert [Spot("call").runs, Spot("unread").runs, Spot("typing").runs, Spot("main").runs] == [
        True,
        True,
        False,
        False,
    ]


def test_a_role_is_taken_on_only_at_import() -> None:
    """What is used later stays so, whatever it is used as there."""
    assert Spot().used_as("base", "A") == Spot("base", detail="A")
    assert Spot("call", "f").used_as("base", "A") == Spot("call", "f")


def test_what_a_lambda_is_called() -> None:
    """A lambda is called by its line, below what it stands in."""
    node = ast.parse("\nlambda: 0").body[0]
    assert isinstance(node, ast.Expr)
    assert isinstance(node.value, ast.Lambda)
    assert Spot(path="A.f.").lambda_path(node.value) == "A.f.<lambda:2>"
