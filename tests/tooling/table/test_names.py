"""The names of modules, as text."""

from deferred_imports.tooling.table.names import lies_in, parents, with_parents


def test_the_packages_of_a_module() -> None:
    """From the outermost with the module itself, or from the innermost without it."""
    assert with_parents("a.b.c") == ["a", "a.b", "a.b.c"]
    assert parents("a.b.c") == ["a.b", "a"]
    assert parents("a") == []


def test_what_lies_in_a_package() -> None:
    """A package lies in itself; a name that only begins like it does not."""
    assert lies_in("a.b", "a")
    assert lies_in("a", "a")
    assert not lies_in("ab.c", "a")
