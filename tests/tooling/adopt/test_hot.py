"""Functions that are called often: in loops of their module, as far as that can be seen."""

import ast

import pytest

from deferred_imports.tooling.adopt.hot import MANY, find_hot, why_hot
from deferred_imports.tooling.adopt.moves import Definition


def hot(code: str) -> dict[str, int]:
    """Return the names of the functions that are called in a loop, with the line."""
    return {function.name: line for function, line in find_hot(ast.parse(code)).items()}


@pytest.mark.parametrize(
    "code",
    [
        "for _ in a:\n    f()",
        "while a:\n    b(f(1))",
        "while f(): pass",
        "[f(one) for one in a]",
        "{one: 1 for one in a if f(one)}",
        "[1 for one in a for two in f(one)]",
        "map(f, a)",
        "sorted(a, key=f)",
        "re.sub('a', f, 'b')",
        "def g():\n    for _ in a:\n        return f()",
    ],
)
def test_what_is_called_in_a_loop(code: str) -> None:
    """In its body, its test, for each item, or by what calls it for each."""
    assert hot(f"def f(): pass\n{code}\n").keys() == {"f"}


@pytest.mark.parametrize(
    "code",
    [
        "f()",
        "for _ in f(): pass",
        "for _ in a: pass\nelse: f()",
        "[1 for one in f()]",
        "for _ in a: a.f()",
        "for _ in a: self.f()",
        "map(a, f)",
    ],
)
def test_what_is_not(code: str) -> None:
    """Once for the whole loop, or as something else of that name."""
    assert hot(f"def f(): pass\n{code}\n") == {}


def test_methods_and_inner_functions() -> None:
    """A method is called on `self`, an inner function by its name."""
    code = "class A:\n    def f(self):\n        for _ in a: self.g(); g()\n    def g(self): pass\n"
    assert hot(code) == {"g": 3}
    assert hot("def f():\n    def g(): pass\n    return [g() for _ in a]\n") == {"g": 3}


def test_why() -> None:
    """A loop, with its line; or the number of functions."""
    functions = [one for one in ast.parse("def f(): pass\n" * (MANY + 1)).body if isinstance(one, Definition)]
    assert why_hot(functions[:1], {functions[0]: 7}) == "`f`, which uses it, is called in a loop (line 7)"
    assert why_hot(functions, {}) == f"{MANY + 1} functions use it"
    assert why_hot(functions[:MANY], {}) == ""
