"""Uses of names, as values; `test_scopes` has how they are found."""

import ast

from deferred_imports.tooling.adopt.uses import NameScope, PlacedUses


def test_functions_see_no_class() -> None:
    """The scope of a class is one that functions in it do not see; that of a function they do."""
    module = ast.parse("class A: pass\ndef f(): pass\n")
    top = NameScope(module, None)
    a, f = (NameScope(node, top) for node in module.body)
    assert (top.is_class, a.is_class, f.is_class) == (False, True, False)
    assert not top.bound
    assert a.parent is f.parent is top


def test_no_two_results_share_anything() -> None:
    """What is found of one module is not found of the next."""
    one, other = PlacedUses(), PlacedUses()
    one.bound["a"] = 1
    assert other == PlacedUses()
