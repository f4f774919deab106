"""What expressions read from names that imports may have bound."""

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
        ("unknown.np", []),
    ],
)
def test_what_is_read(source: str, chains: list[tuple[str, ...]]) -> None:
    """A chain counts where Python would find its name in a scope in which an import may have bound it."""
    assert [read.chain for read in read_source(f"import d\n{source}", "app", is_package=True).reads] == chains


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
