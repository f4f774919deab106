"""What a module binds by its own statements, and where its imports stand."""

import ast

from deferred_imports.tooling.source.collecting import collect
from deferred_imports.tooling.source.mentions import Mention, Names

SOURCE = """\
import a.b
from c import d as d
if a:
    import e
try:
    import f
except ImportError:
    f = None
class C:
    import inner
app = a.make()(1)
def g():
    import deep
with a:
    from c import h
def d(): ...
"""


def test_where_imports_stand() -> None:
    """Blocks and conditions around imports at the top are noted by line; functions are no part of the top."""
    found = Names()
    bound = collect(ast.parse(SOURCE).body, found)

    assert bound.imported == {"a", "d", "e", "f", "h"}
    assert bound.names == {*bound.imported, "C", "g"}
    assert bound.scope.bound == {"d": {("c", "d")}, "h": {("c", "h")}}
    assert found.blocks == {6: "try", 10: "class", 15: "with"}
    assert found.conditions == {4: 3}
    assert found.renamed == {(2, "d")}
    assert sorted(found.ends) == [1, 2, 4, 6, 10, 15]


def test_what_names_are_made_from_and_bound_again() -> None:
    """An assignment keeps the chain that its value hangs on; a definition binds an imported name again."""
    found = Names()
    collect(ast.parse(SOURCE).body, found)

    assert found.assigned == {"app": ("a", "make")}
    assert found.mentions == [Mention(16, ("d",), "rebound")]
