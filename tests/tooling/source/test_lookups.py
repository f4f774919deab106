"""Lookups of names by their text: what asks for one name, for any, and for none."""

import ast

import pytest

from deferred_imports.tooling.source.lookups import lookup


def asked(text: str, *, in_function: bool) -> list[str | None]:
    nodes = ast.walk(ast.parse(text))
    return [name for node in nodes for name in lookup(node, in_function=in_function)]


@pytest.mark.parametrize("in_function", [False, True], ids=["module", "function"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("globals()['a']", ["a"]),
        ("globals()[a]", [None]),
        ("globals().get('a', 1)", ["a"]),
        ("'a' in globals()", ["a"]),
        ("getattr(sys.modules[__name__], a)", [None]),
        ("getattr(modules[__name__], 'a')", ["a"]),
        ("vars(sys.modules[__name__])[a]", [None]),
        ("sys.modules[__name__].__dict__['a']", ["a"]),
        ("eval(a)", [None]),
        ("eval(a, globals())", [None]),
        ("exec('a + b')", ["a", "b"]),
        ("exec('a +')", []),
        ("eval(a, {})", []),
        ("f(globals())", [None]),
        ("for a in globals(): pass", [None]),
        ("[a for a in globals()]", [None]),
        ("globals().items()", [None]),
        ("globals()[a] = 1", []),
        ("globals().update(a=1)", []),
        ("getattr(a, b)", []),
        ("sys.modules[a].b", []),
        ("vars(a)", []),
        ("dir(a)", []),
    ],
)
def test_everywhere(text: str, expected: list[str | None], *, in_function: bool) -> None:
    """These mean the same in a function and at the top of a module."""
    found = asked(text, in_function=in_function)
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("text", ["vars()[a]", "locals()[a]", "[a for a in dir()]"])
def test_what_a_function_has_of_its_own(text: str) -> None:
    """`vars()`, `locals()` and `dir()` mean the module only at its top."""
    assert asked(text, in_function=False) == [None]
    assert asked(text, in_function=True) == []


def test_the_registry_that_serves_a_module_asks_for_none_of_its_imports() -> None:
    """`attach(globals())` at the top is no lookup; in a function it may be any `attach`."""
    assert asked("attach(globals())", in_function=False) == []
    assert asked("__getattr__ = attach(globals())", in_function=False) == []
    assert asked("attach(globals())", in_function=True) == [None]
    assert asked("attach(globals(), 1)", in_function=False) == [None]
