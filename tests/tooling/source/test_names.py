"""What a module does with the names that its imports bind, one role at a time."""

import pytest

from deferred_imports.tooling.source.mentions import Names
from deferred_imports.tooling.source.names import read_names
from deferred_imports.tooling.source.text import parse_source


def names(text: str) -> Names:
    return read_names(parse_source(text)[0])


@pytest.mark.parametrize(
    ("use", "roles"),
    [
        ("class A(x.B): ...", ["base"]),
        ("class A(metaclass=x.B): ...", ["base"]),
        ("@x.y\ndef f(): ...", ["decorator"]),
        ("def f(a=x): ...", ["default"]),
        ("def f(a: x): ...", ["annotation"]),
        ("a: x.y = 1", ["annotation"]),
        ("def f(a: 'x'): ...", ["unread"]),
        ("from __future__ import annotations\ndef f(a: x): ...", ["unread"]),
        ("y = x.z", ["module"]),
        ("def f(): return x", ["call"]),
        ("f = lambda: x", ["call"]),
        ("class A:\n    def f(self): return x", ["call"]),
        ("class A:\n    y = x", ["module"]),
        ("if TYPE_CHECKING:\n    y = x", ["typing"]),
        ("if __name__ == '__main__':\n    x()", ["main"]),
        ("x = 1", ["rebound"]),
        ("def x(): ...", ["rebound"]),
        ("class x: ...", ["rebound"]),
        ("try: ...\nexcept E as x: ...", ["rebound"]),
        ("match a:\n    case x: ...", ["rebound"]),
        ("def f():\n    global x\n    def x(): ...", ["rebound"]),
        ("def f():\n    global x\n    import y as x", ["rebound"]),
        ("def f(): globals()['x']", ["by-name"]),
        ("def f(x): return x", []),
        ("def f():\n    x = 1\n    return x", []),
        ("def f():\n    def x(): ...\n    return x", []),
        ("def f():\n    try: ...\n    except E as x: return x", []),
        ("[x for x in a]", []),
        ("[x for x in x.ALL]", ["module"]),
        ("class A:\n    x = 1", []),
        ("import z", []),
    ],
)
def test_roles(use: str, roles: list[str]) -> None:
    """Each way to use a name has its role; names that something hides are not used."""
    found = names(f"import x\n{use}\n")
    assert [mention.role for mention in found.mentions if mention.chain[0] == "x"] == roles


def test_owners() -> None:
    """Of a use in a function the function is told, and the line that its code begins at, decorators included."""
    found = names(
        "import x\nclass A:\n    @property\n    def f(self):\n        def g(): return x\n        return lambda: x\n"
    )
    assert [(use.owner, use.start) for use in found.mentions] == [("A.f.g", 5), ("A.f.<lambda:6>", 6)]
    assert found.functions == {"A.f": (3,), "A.f.g": (5,), "A.f.<lambda:6>": (6,)}


def test_functions_of_one_name() -> None:
    """A getter and its setter are told apart by their lines."""
    text = "class A:\n    @property\n    def x(self): ...\n    @x.setter\n    def x(self, v): ...\n"
    assert names(text).functions == {"A.x": (2, 4)}


@pytest.mark.parametrize(
    ("use", "acts"),
    [
        ("x.y = 1", [("set", ("x", "y"))]),
        ("x['a'] = 1", [("set", ("x",))]),
        ("x.y['a'] += 1", [("set", ("x", "y"))]),
        ("del x.y", [("set", ("x", "y"))]),
        ("x.f()", [("call", ("x", "f"))]),
        ("y = x.f()", [("value", ("x", "f"))]),
        ("try:\n    x.f()\nexcept E: ...", [("call", ("x", "f"))]),
        ("for a in b:\n    x.f(a)", [("call", ("x", "f"))]),
        ("x.f(1).g(2)", [("call", ("x", "f", "g")), ("value", ("x", "f"))]),
        ("@x.f\ndef g(): ...", [("decorator", ("x", "f"))]),
        ("y = x.Y()\ny.f()", [("value", ("x", "Y")), ("call", ("y", "f"))]),
        ("x.addHandler(logging.NullHandler())", []),
        ("def f(x):\n    x.y = 1", []),
        ("y.z = 1", []),
        ("if TYPE_CHECKING:\n    x.f()", []),
    ],
)
def test_acts(use: str, acts: list[tuple[str, tuple[str, ...]]]) -> None:
    """What a module does to, or with, what it has imported is noted, wherever that stands."""
    found = names(f"import x\n{use}\n").acts
    assert [(act.how, act.chain) for act in found if act.chain[0] in {"x", "y"}] == acts
    assert all(act.at_import for act in found)


def test_what_is_handed() -> None:
    """Functions, classes and lambdas that calls are handed are noted, listed ones too, with the argument's name."""
    text = "import x\ndef f(): ...\nclass A: ...\nx.run(f, key=lambda: 1)\nx.make(list[A], [f])\nprint(f)\n"
    found = [(one.chain, one.to, one.keyword) for one in names(text).handed]
    assert found == [
        (("f",), ("x", "run"), ""),
        (("<lambda:4>",), ("x", "run"), "key"),
        (("A",), ("x", "make"), ""),
        (("f",), ("x", "make"), ""),
    ]


def test_conditions_and_blocks() -> None:
    """Of an import at the top it is told what stands around it, and where it ends."""
    text = "if a:\n    import x\ntry:\n    import y\nfinally: ...\nclass A:\n    import z\nfrom w import (\n    v,\n)\n"
    found = names(text)
    assert found.conditions == {2: 1}
    assert found.blocks == {4: "try", 7: "class"}
    assert found.ends == {2: 2, 4: 4, 7: 7, 8: 10}
