"""Where below the head of a function an import stands; the golden case `started` shows whole functions."""

import ast

import pytest

from deferred_imports.tooling.adopt.blocks import first_line, head_of, is_docstring, place_below
from deferred_imports.tooling.adopt.text import Text


def place(body: str) -> int:
    """Return the line in front of which an import of `csv` stands in a function with this body, or 0 for its head."""
    source = "def f(value):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    tree = ast.parse(source)
    uses = {node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "csv"}
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    found = place_below(function, uses, Text(source.encode()))
    return first_line(found.statement) if found else 0


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("csv", 0),
        ("import json\ncsv", 0),
        ("value\ncsv", 3),
        ("if value:\n    value\n    csv", 4),
        ("if csv:\n    value", 0),
        ("if value:\n    csv\nelse:\n    csv", 0),
        ("if value:\n    pass\nelif value:\n    csv", 5),
        ("if value:\n    pass\nelif csv:\n    pass", 0),
        ("value\nif value: csv", 3),
        ("with value:\n    csv", 3),
        ("value\nwith csv:\n    csv", 3),
        ("value\nmatch value:\n    case 1:\n        csv", 5),
        ("value\n@value\ndef g():\n    return csv", 3),
        ("value\nclass A:\n    a = csv", 3),
    ],
)
def test_in_the_innermost_block_that_holds_all_uses(body: str, line: int) -> None:
    """On each way to a use the import has run; where the head is as late, it stands there."""
    assert place(body) == line


@pytest.mark.parametrize(
    "body",
    [
        "for _ in value:\n    csv",
        "while value:\n    if value:\n        csv",
        "for _ in value:\n    pass\nelse:\n    csv",
    ],
)
def test_never_in_a_loop(body: str) -> None:
    """What runs many times would import many times (pitfall 21)."""
    assert place(f"value\n{body}") == 3


@pytest.mark.parametrize(
    ("handler", "line"),
    [
        ("except ValueError:\n    pass", 4),
        ("except (OSError, value.Error):\n    pass", 4),
        ("except ImportError:\n    pass", 3),
        ("except (OSError, Exception):\n    pass", 3),
        ("except:\n    pass", 3),
        ("except ERRORS:\n    pass", 3),
        ("except errors():\n    pass", 3),
        ("except Exception:\n    value\n    raise", 4),
        ("except Exception:\n    sys.exit(1)", 4),
        ("finally:\n    value", 4),
        ("finally:\n    csv", 3),
        ("except value:\n    csv", 3),
    ],
)
def test_an_error_of_the_import_is_caught_by_none_that_goes_on(handler: str, line: int) -> None:
    """Where a handler may catch what the import raises, and have the program go on, it stands before the `try`."""
    assert place(f"value\ntry:\n    csv\n{handler}") == line


@pytest.mark.parametrize(
    "context", ["contextlib.suppress(ImportError)", "os.chdir(value)", "mock.patch('a.b')", "warnings.catch_warnings()"]
)
def test_not_in_a_context_that_changes_what_an_import_does(context: str) -> None:
    """It would swallow an error, or be there for a while only (pitfall 27)."""
    assert place(f"value\nwith {context}:\n    csv") == 3


def test_not_after_what_changes_where_it_is_looked_for() -> None:
    """An import that stood before such a line stays before it (pitfall 27)."""
    assert place("sys.path.append(value)\ncsv") == 0
    assert place("if value:\n    sys.path.append(value)\ncsv") == 0


def test_the_head_of_a_function() -> None:
    """It comes after the documentation and what is declared global."""
    function = ast.parse('def f():\n    """Doc."""\n    global a\n    a = 1\n').body[0]
    assert isinstance(function, ast.FunctionDef)
    assert is_docstring(function.body[0])
    assert head_of(function) == 2
