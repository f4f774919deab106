"""What is kept of a plan without its syntax."""

from deferred_imports.tooling.adopt.moves import Kept, Wanted
from deferred_imports.tooling.adopt.outline import NameOrigin
from deferred_imports.tooling.adopt.plan import make_plan

SOURCE = b"""import csv  # deferred-imports: keep
from html import escape as quote

import os.path


def use(value: quote):
    return csv, quote, os.path
"""


def test_what_moves() -> None:
    """Each name has what binds it, where it goes, and its form."""
    wanted = Wanted(patched=frozenset({"quote"}), submodules=frozenset({"quote"}), registered=True)
    outline = make_plan(SOURCE, "app.cli", is_package=False, wanted=wanted).outline()
    move = outline.moves["quote"]
    assert move.members == (NameOrigin("html", "html.escape", "escape", "quote", True, 2),)
    assert (move.functions, move.typing, move.offered, move.hidden) == (("use",), True, True, True)
    assert move.form == "functions, typing, offered"
    assert outline.moves["os"].members == (NameOrigin("os.path", "os.path", "os.path", None, False, 4),)
    assert [(kept.name, kept.reason) for kept in outline.kept] == [("csv", "kept")]
    assert (outline.useless, outline.attaches) == ((), False)


def test_what_only_a_registry_could_serve() -> None:
    """A name that a submodule has, too, stays without one: the submodule would take its place."""
    wanted = Wanted(patched=frozenset({"quote"}), submodules=frozenset({"quote"}))
    outline = make_plan(SOURCE, "app.cli", is_package=False, wanted=wanted).outline()
    assert {kept.name: str(kept) for kept in outline.kept}["quote"] == "a submodule has this name, too"


def test_what_has_to_stay_all_the_same() -> None:
    """A name that could move stays, sorted among the others; one that could not has its reason already."""
    outline = make_plan(SOURCE, "app.cli", is_package=False).outline()
    found = outline.keeping(Kept(name, line, "registers", " it", ()) for name, line in (("quote", 2), ("csv", 1)))
    assert found.moves.keys() == {"os"}
    assert [(kept.name, kept.reason) for kept in found.kept] == [("csv", "kept"), ("quote", "registers")]
    assert outline.keeping([]) is outline
