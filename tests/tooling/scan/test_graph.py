"""The graph of a start: what is reached, and what each module dominates."""

from deferred_imports.tooling.scan.graph import Deferrable, Graph, Passed
from deferred_imports.tooling.start.timing import Cost, Edge, Startup


def startup(*pairs: tuple[str, str], alone: tuple[str, ...] = ()) -> Startup:
    edges = tuple(
        Edge(one, one, f"{one}.py", number, body=True, module=other) for number, (one, other) in enumerate(pairs)
    )
    loaded = tuple(dict.fromkeys([*(other for _, other in pairs), *alone]))
    costs = {name: Cost(1, 1) for name in loaded}
    return Startup(frozenset(), loaded, costs, edges, frozenset(), None, {})


def test_dominators() -> None:
    """A module dominates what every way to leads through it, in circles too."""
    graph = Graph(startup(("__main__", "a"), ("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "e"), ("e", "d")))
    assert graph.dominated_by("a") == ("a", "b", "c", "d", "e")
    assert graph.dominated_by("b") == ("b",)
    assert graph.dominated_by("d") == ("d", "e")
    assert graph.dominated_by("none") == ()


def test_what_nobody_imports_is_a_root() -> None:
    """What was loaded in a way that nobody saw stays, and so does what it imports."""
    graph = Graph(startup(("__main__", "a"), ("loaded", "b"), alone=("loaded",)))
    assert set(graph.reached(())) == {"__main__", "a", "loaded", "b"}
    assert graph.saved_by("b", Deferrable([("loaded", 1, "b")])) == ("b",)
    assert graph.saved_by("loaded", Deferrable([])) == ()


def test_an_import_that_stays_keeps_its_module() -> None:
    """A module is saved only where all its imports can be deferred, those aside that it leads to itself."""
    graph = Graph(startup(("__main__", "a"), ("a", "b"), ("a", "c"), ("c", "b"), ("b", "c")))
    assert graph.saved_by("b", Deferrable([("a", 1, "b")])) == ()
    assert graph.saved_by("b", Deferrable([("a", 1, "b"), ("c", 3, "b")])) == ("b",)


def test_what_is_passed_on() -> None:
    """An import that would run in the place of another counts until the statement that takes the name is deferred."""
    edge = Edge("a", "a", "", 7, body=True, module="c")
    graph = Graph(startup(("__main__", "a"), ("a", "b"), ("b", "c")), [Passed(edge, ("a", 7, "b"))])
    assert graph.without([("b", 2, "c")]) == ()
    assert graph.without([("b", 2, "c"), ("a", 7, "b")]) == ("c",)
    assert graph.rest([("b", 2, "c")]).dominated_by("c") == ("c",)
