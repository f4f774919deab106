"""How import statements are written: sections, order, joining, wrapping."""

import ast

import pytest

from deferred_imports.tooling.adopt.layout import Item, Style, inline, items_of, render, wrapped


def items(code: str) -> list[Item]:
    """Return what some statements import."""
    return [
        item
        for node in ast.parse(code).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for item in items_of(node)
    ]


CODE = "from .a import b\nimport numpy\nimport weather\nimport json, csv\nfrom html import unescape, escape\n"


def test_sections_stand_apart() -> None:
    """The standard library, what is foreign, the project's own and what is relative, with a line between."""
    style = Style(first_party=frozenset({"weather"}))
    assert render(items(CODE), style) == [
        "import csv",
        "import json",
        "from html import escape, unescape",
        "",
        "import numpy",
        "",
        "import weather",
        "",
        "from .a import b",
    ]


def test_what_the_project_calls_foreign_is_foreign() -> None:
    """A package of the project's own that its configuration calls foreign stands among those."""
    style = Style(first_party=frozenset({"weather"}), third_party=frozenset({"weather"}))
    assert "import numpy\nimport weather" in "\n".join(render(items(CODE), style))


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (Style(), ["from m import CONSTANT, Class, name, v2, v10"]),
        (Style(order_by_type=False), ["from m import Class, CONSTANT, name, v2, v10"]),
        (Style(single_line=True, together=frozenset({"m"})), ["from m import CONSTANT, Class, name, v2, v10"]),
    ],
)
def test_the_order_of_names(style: Style, expected: list[str]) -> None:
    """Constants, classes, others, each by the value of numbers in them; or all by their letters."""
    assert render(items("from m import v10, v2, name, Class, CONSTANT"), style) == expected


def test_names_with_another_name() -> None:
    """They have a statement each, unless the project wants them among the others."""
    code = "from m import a, b as c"
    assert render(items(code), Style()) == ["from m import a", "from m import b as c"]
    assert render(items(code), Style(combine_as=True)) == ["from m import a, b as c"]


def test_long_statements_are_wrapped() -> None:
    """A statement that is too long has a name a line, and its comment behind the bracket; a module is never wrapped."""
    statement = (Item(0, "module", "first", None, "as the tests need it"), Item(0, "module", "second", None))
    assert wrapped(statement, Style(line_length=20), "    ") == [
        "    from module import (  # as the tests need it",
        "        first,",
        "        second,",
        "    )",
    ]
    assert wrapped((Item(0, "a" * 50, None, None),), Style(line_length=20)) == ["import " + "a" * 50]


def test_on_one_line() -> None:
    """For a body that stands on the line of its function, statements stand side by side."""
    assert inline(items("import json\nfrom a import b, c"), Style()) == "import json; from a import b, c"


def test_on_one_line_with_another_name() -> None:
    """One module with and without another name stands there twice, in a fixed order."""
    assert inline(items("import a as b\nimport a"), Style()) == "import a; import a as b"
    assert render(items("from a import b as d, b as c"), Style()) == ["from a import b as c", "from a import b as d"]


def test_sorted_within_sections() -> None:
    """Where the project wants it, `import` and `from` stand together, by the names of the modules."""
    style = Style(within_sections=True, first_party=frozenset({"weather"}))
    assert render(items(CODE), style)[:3] == ["import csv", "from html import escape, unescape", "import json"]


def test_the_future_comes_first() -> None:
    """What `__future__` is asked for stands before all other sections."""
    code = "import abc\nfrom __future__ import annotations\nimport numpy"
    assert render(items(code), Style()) == [
        "from __future__ import annotations",
        "",
        "import abc",
        "",
        "import numpy",
    ]


def test_the_explanation_of_an_exception_goes_where_it_does_not_fit() -> None:
    """The codes of a `noqa` stay on a line that is too long with its reason; other comments stay whole."""
    noqa = "noqa: F401, E402 - others take it from here"
    for length, comment in ((61, noqa), (60, noqa.partition(" - ")[0])):
        expected = [f"import weather  # {comment}"]
        assert wrapped((Item(0, "weather", None, None, noqa),), Style(line_length=length)) == expected
    assert wrapped((Item(0, "weather", None, None, "for its effect"),), Style(line_length=16)) == [
        "import weather  # for its effect"
    ]
