"""What expressions read from names that imports may have bound."""

import sys

import pytest

from deferred_imports.tooling.source.imports import read_source


@pytest.mark.parametrize(
    ("source", "chains"),
    [
        ("d.np.zeros", [("d", "np", "zeros")]),
        ("getattr(d, 'np')", [("d", "np")]),
        ("d.np(1).T", [("d", "np")]),
        ("f = lambda: d.np", [("d", "np")]),
        ("f = lambda d: d.np", []),  # its own parameter
        ("[d.np for d in x]", []),
        ("def f(d): return d.np", []),
        ("def f():\n    d = 1\n    return d.np", []),
        ("def f():\n    import other as d\n    return d.np", [("d", "np")]),  # which an import binds as well
        ("class A:\n    d = 1\n    def f(self): return d.np", [("d", "np")]),  # a class is no scope of its methods
        ("alias = d\nalias.np", [("alias", "np")]),
        ("[d for d in d.np]", [("d", "np")]),  # the first iterable belongs to the scope around it, and is read at once
        ("[x for x in y for d in d.np]", []),
        ("def f():\n    for d in []:\n        d.np", []),
        ("def f():\n    with x as d:\n        d.np", []),
        ("def f():\n    if (d := {}):\n        d.np", []),
        ("def f():\n    d = other()\n    return d.np", []),
        ("def f():\n    d = 1\n    def g():\n        nonlocal d\n        return d.np", []),
        ("def f(x):\n    match x:\n        case {'a': d}:\n            return d.np", []),
        ("class A:\n    d = {}\n    e = d.np", []),
        ("def f():\n    global e\n    e = d\ndef g(): return e.np", [("e", "np")]),
        ("unknown.np", []),
    ],
)
def test_what_is_read(source: str, chains: list[tuple[str, ...]]) -> None:
    """A chain counts where Python would find its name in a scope in which an import may have bound it."""
    assert [read.chain for read in read_source(f"import d\n{source}", "app", is_package=True).reads] == chains


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 has brought type parameters (PEP 695)")
@pytest.mark.parametrize(
    ("source", "chains"),
    [
        ("class A[d](list[d.np]):\n    x: d.np", []),
        ("def f[d: d.np](x: d.np) -> d.np: return d.np", []),
        ("def f[T](x=d.np): pass", [("d", "np")]),  # evaluated in the scope around it
        ("type X[d] = d.np", []),
        ("type X = d.np", [("d", "np")]),
        ("class A:\n    d = {}\n    type X = d.np", []),  # an annotation scope sees the class
        ("class A:\n    d = {}\n    def f[T](self): return d.np", [("d", "np")]),
    ],
)
def test_type_parameters(source: str, chains: list[tuple[str, ...]]) -> None:
    """Type parameters and aliases have a scope of their own, which is read on demand, and sees a class around it."""
    found = read_source(f"import d\n{source}", "app", is_package=True).reads
    assert [read.chain for read in found] == chains
    assert {read.when for read in found} <= {"call", "import" if "=d" in source else "call"}


def test_what_a_name_stands_for() -> None:
    """One name stands for different modules in different functions: each scope has its own imports and aliases."""
    source = """
def f():
    from . import _deferred as d
    return d.np
def g():
    import json as d
    return d.dumps
def h():
    d = other
    return d.np
def i(d):
    return d.np
import other
"""
    found = read_source(source, "app", is_package=True).reads
    assert [(read.line, *read.bound, *read.aliases) for read in found] == [
        (4, ("app", "_deferred")),
        (7, ("json", None)),
        (10, ("other",)),
    ]


def test_when_it_is_read() -> None:
    """A read runs when what is around it runs: decorators with the module, the bodies of functions when called."""
    source = "import d\n@d.decorate\ndef f(a=d.default):\n    return d.inner\nif TYPE_CHECKING:\n    d.typed"
    found = read_source(source, "app", is_package=True).reads
    assert {read.chain[1]: read.when for read in found} == {
        "decorate": "import",
        "default": "import",
        "inner": "call",
        "typed": "typing",
    }


def test_aliases_of_aliases() -> None:
    """A name that leads to an import by many others counts as well, in whatever order they are assigned."""
    source = "\n".join(["import d", *(f"x{number} = x{number - 1}.a" for number in range(9, 0, -1)), "x0 = d", "x9.np"])
    facts = read_source(f"{source}\ny1 = y0\ny1.np", "app", is_package=True)
    assert ("x9", "np") in [read.chain for read in facts.reads]
    assert set(facts.aliases) == {f"x{number}" for number in range(10)}
