"""What counts of all that a module does with the names that it binds."""

import pytest

from deferred_imports.tooling.source.mentions import Act, Handed, Names
from deferred_imports.tooling.source.names import read_names
from deferred_imports.tooling.source.text import parse_source


def names(text: str) -> Names:
    return read_names(parse_source(f"import x\n{text}")[0])


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("x.run()", [("", ("x", "run"), True)]),
        ("def f(): x.run()", [("f", ("x", "run"), False)]),
        ("def f(x): x.run()", []),
        ("def f(self): self.g()", [("f", ("self", "g"), False)]),
        ("def f():\n    def g(): ...\n    g()", [("f", ("g",), False)]),
        ("(lambda: 0)()", [("", ("<lambda:2>",), True)]),
        ("if TYPE_CHECKING: x.run()", []),
    ],
)
def test_calls(source: str, calls: list[tuple[str, tuple[str, ...], bool]]) -> None:
    """A call counts where it may run, by the chain that is called, unless the name is the function's own."""
    assert names(source).calls == calls


def test_what_calls_are_handed() -> None:
    """Names of the module and lambdas that a call is handed count, in lists too; what a builtin looks at does not."""
    found = names("def f(): ...\nx.register([f], key=lambda: 0)\nprint(f)\nlist(map(f, []))").handed
    assert found == [
        Handed(("f",), ("x", "register"), "", "", True),
        Handed(("<lambda:3>",), ("x", "register"), "key", "", True),
        Handed(("f",), ("map",), "", "", True),
    ]


@pytest.mark.parametrize(
    ("source", "act"),
    [
        ("x.attribute = 1", Act(2, "set", ("x", "attribute"), "", True)),
        ("del x.attribute", Act(2, "set", ("x", "attribute"), "", True)),
        ("x.patch()", Act(2, "call", ("x", "patch"), "", True)),
        ("y = x.make()", Act(2, "value", ("x", "make"), "", True)),
        ("@x.register\ndef f(): ...", Act(2, "decorator", ("x", "register"), "", True)),
        ("def f(): x.attribute = 1", Act(2, "set", ("x", "attribute"), "f", False)),
    ],
)
def test_acts(source: str, act: Act) -> None:
    """What is set, called or decorated with, of what the module has imported, is an act."""
    assert names(source).acts == [act]


@pytest.mark.parametrize("source", ["x.addHandler(logging.NullHandler())", "def f(x): x.attribute = 1", "own = 1"])
def test_what_is_no_act(source: str) -> None:
    """The handler that does nothing, a parameter, and a name of the module's own are none."""
    assert names(source).acts == []
