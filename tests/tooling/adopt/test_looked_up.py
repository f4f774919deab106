"""What a module looks up by text, and which functions hand on all that they hold."""

import ast

from deferred_imports.tooling.adopt.looked_up import LookedUp, find_lookups


def found(code: str) -> LookedUp:
    """Find what is looked up in some code."""
    return find_lookups(ast.parse(code), code)


def test_a_text_names_what_is_looked_up() -> None:
    """A name that `globals()` is asked for by text is told with its line."""
    assert found("def f():\n    return globals()['json']\n").texts == {"json": 2}


def test_anything_may_be_looked_up() -> None:
    """A text that is put together, and code that is a text, may mean any name."""
    by_name, by_code = found("def f(name):\n    return globals()[name]\n"), found("def f(code):\n    eval(code)\n")
    assert (by_name.anything, by_name.by) == (2, "`globals()` or the like may read any name of")
    assert (by_code.anything, by_code.by) == (2, "`eval` or `exec` may read any name of")


def test_a_function_that_hands_on_what_it_holds() -> None:
    """`locals()` in a function belongs to that function, and to none around it."""
    holders = found("def outer():\n    def inner():\n        return locals()\n").holders
    assert [(function.name, line) for function, line in holders.items()] == [("inner", 3)]


def test_plain_code_looks_nothing_up() -> None:
    """Reading names, attributes and other mappings is no look-up."""
    assert found("import json\n\n\ndef f(table):\n    return table['json'], json.loads, vars(table)\n") == LookedUp()
