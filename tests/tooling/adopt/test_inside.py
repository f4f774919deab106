"""The edits that import inside of functions; the golden cases `functions-heads`, `merged` and `started` show more."""

import ast

from deferred_imports.tooling.adopt.inside import Inside
from deferred_imports.tooling.adopt.layout import Item, Style
from deferred_imports.tooling.adopt.moves import BlockPlace
from deferred_imports.tooling.adopt.text import Text

CSV, HTML = Item(0, "csv", None, None), Item(0, "html", "escape", None)


def importing(body: str, index: int | None = None) -> str:
    """Return a function that imports two names, at its head or in front of a statement."""
    text = Text(f"def f(a):\n{body}".encode())
    function = ast.parse(text.text).body[0]
    assert isinstance(function, ast.FunctionDef)
    inside = Inside(text, Style())
    for item in (HTML, CSV):
        inside.add(function, BlockPlace(function.body, index) if index is not None else None, [item])
    return text.edited(inside.edits()).decode().removeprefix("def f(a):\n")


IMPORTS = "    import csv\n    from html import escape\n"


def test_what_stands_at_one_place_is_sorted() -> None:
    """Names that go to one place come in one block, with an empty line below it."""
    assert importing("    return a\n") == f"{IMPORTS}\n    return a\n"


def test_in_front_of_a_statement_it_stands_apart() -> None:
    """An empty line stands above it, and the comment of the statement below it."""
    assert importing("    a()\n    # Why.\n    return a\n", 1) == f"    a()\n\n{IMPORTS}\n    # Why.\n    return a\n"
    assert importing("    a()\n\n    return a\n", 1) == f"    a()\n\n{IMPORTS}\n    return a\n"


def test_it_joins_imports_that_stand_there() -> None:
    """One block is sorted as one, at the head and elsewhere."""
    more = "    import csv\n    import json\n    from html import escape\n"
    assert importing("    import json\n\n    return a\n") == f"{more}\n    return a\n"
    assert importing("    a()\n    import json\n\n    return a\n", 2) == f"    a()\n{more}\n    return a\n"
