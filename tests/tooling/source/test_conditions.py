"""What conditions and handlers say about the imports below them."""

import ast

import pytest

from deferred_imports.tooling.source.conditions import (
    TRIES,
    Scope,
    catches_import_error,
    fallback_chain,
    leaves,
    raises,
)


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("test", "judgement"),
    [
        ("TYPE_CHECKING", "typing"),
        ("not t.TYPE_CHECKING", "running"),
        ("True", "running"),
        ("__name__ == '__main__'", "main"),
        ("'__main__' != __name__", "not main"),
        ("sys.platform == 'win32'", "platform"),
        ("sys.version_info >= (3, 11)", "version"),
        ("sys.version_info >= (3, 11) and sys.platform == 'win32'", "platform"),
        ("TYPE_CHECKING and other", "typing"),
        ("TYPE_CHECKING or other", ""),
        ("WINDOWS", "platform"),
        ("consts.MAC", "platform"),
        ("other.platform", ""),
    ],
)
def test_judgements(test: str, judgement: str) -> None:
    """A condition is about type checking, the script, the platform, the version, or none of these."""
    scope = Scope("app", {"app.consts": frozenset({"MAC"})})
    scope.bind("sys", "sys")
    scope.bind("consts", "app", "consts")
    scope.assign("WINDOWS", expression("sys.platform == 'win32'"))
    assert scope.judge(expression(test)) == judgement


@pytest.mark.parametrize(
    ("body", "raising", "leaving"),
    [
        ("raise E", True, True),
        ("sys.exit(1)", True, True),
        ("return", False, True),
        ("x = 1", False, False),
        ("if x: raise E\n    else: raise F", True, True),
        ("if x: return\n    else: raise F", False, True),
        ("if x: return", False, False),
        ("with x: return", False, True),
        ("with x: raise E", False, False),  # which it may swallow
        ("try: return\n    finally: x()", False, True),
        ("try: x()\n    except E: raise\n    else: raise F", True, True),
        ("try: return\n    except E: pass", False, False),
        ("match x:\n     case 1: return\n     case _: raise E", False, True),
        ("match x:\n     case 1: return", False, False),
    ],
)
def test_how_a_block_ends(body: str, raising: bool, leaving: bool) -> None:
    """A block raises, or leaves the block around it, or neither."""
    statements = ast.parse(f"def f():\n    y = 2\n    {body}").body[0]
    assert isinstance(statements, ast.FunctionDef)
    assert (raises(statements.body), leaves(statements.body)) == (raising, leaving)


@pytest.mark.parametrize(
    ("kind", "catches"),
    [("ImportError", True), ("(OSError, ModuleNotFoundError)", True), ("builtins.Exception", True), ("OSError", False)],
)
def test_handlers_for_missing_modules(kind: str, catches: bool) -> None:
    """A handler is for missing modules when one of its exceptions is; a bare one is for all."""
    assert catches_import_error(expression(kind)) is catches
    assert catches_import_error(None)


def test_errors_that_many_names_stand_for() -> None:
    """Each name is followed once, however often it is in others; one that stands for itself may stand for anything."""
    lines = ["X0 = ValueError", *(f"X{number} = (X{number - 1}, X{number - 1})" for number in range(1, 13))]
    caught = Scope("", {}, ast.parse("\n".join(lines))).caught(expression("(X12, X11, OSError)"))
    assert caught is not None
    assert ast.unparse(caught) == "(ValueError, OSError)"
    caught = Scope("", {}, ast.parse("ERRORS = ERRORS + (OSError,)")).caught(expression("ERRORS"))
    assert caught is not None
    assert ast.unparse(caught) == "(ERRORS, OSError)"


@pytest.mark.parametrize(
    ("source", "modules", "ends"),
    [
        ("try: import a\nexcept ImportError: import b as a", ["a", "b"], True),
        ("try: import a\nexcept ImportError:\n  try: import b as a\n  except ImportError: a = None", ["a", "b"], False),
        ("try: import a\nexcept ImportError: raise", ["a"], True),
        ("try: import a\nexcept ImportError: import b", ["a"], False),  # binds another name
        ("try: x = 1\nexcept ImportError: import b", [], False),
    ],
)
def test_fallback_chains(source: str, modules: list[str], ends: bool) -> None:
    """A chain is one name bound by an import, or else by the next; it ends in one that must succeed, or does not."""
    node = ast.parse(source).body[0]
    assert isinstance(node, TRIES)
    found, must = fallback_chain(node, Scope("", {}))
    assert [alias.name for one, _ in found for alias in one.names] == modules
    assert must is ends
