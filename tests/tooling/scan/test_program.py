"""Modules joined to a program: who offers what, who takes what from whom, who relies on whose import."""

from pathlib import Path

from deferred_imports.tooling.scan.program import Offer, imports_of
from scanning import modules_of, program_of

TEXTS = {
    "kit": "from .shapes import area\n__all__ = ['area'] + ['more']\n",
    "kit.shapes": "def area(): ...\ndef volume(): ...\n",
    "kit.all": "from . import shapes\n__all__ = [*dir(shapes)]\n",
    "kit.star": "from kit import *\n",
    "kit.user": "import kit\nfrom kit import area\nx = kit.shapes.volume\n",
}


def test_offers(tmp_path: Path) -> None:
    """`__all__` offers names, or what only running tells."""
    offers = program_of(TEXTS, tmp_path).offers
    assert offers["kit"] == Offer(frozenset({"area", "more"}), computed=False)
    assert offers["kit.all"].computed
    assert offers["kit.user"] == Offer(frozenset(), computed=False)


def test_takers(tmp_path: Path) -> None:
    """A name has takers where others import it, by a star too, or read it."""
    takers = program_of(TEXTS, tmp_path).takers
    assert takers["kit", "area"] == {"kit.user", "kit.star"}
    assert takers["kit.shapes", "area"] == {"kit"}
    assert takers["kit.shapes", "volume"] == {"kit.user"}
    assert ("kit", "shapes") not in takers  # a module


def test_borrowers(tmp_path: Path) -> None:
    """Who reads a module as an attribute of its package, and does not import it, borrows it."""
    assert program_of(TEXTS, tmp_path).borrowers == {"kit.shapes": {"kit.user"}}


def test_what_a_statement_imports() -> None:
    """Of `from a import b` that is the module `a.b` where there is one, else the name `b` of `a`."""
    statement = modules_of({"app": "from kit import shapes, area as a\n"})["app"].facts.statements[0]
    assert list(imports_of(statement, frozenset({"kit", "kit.shapes"}))) == [
        ("kit.shapes", None, "shapes"),
        ("kit", "area", "a"),
    ]


def test_what_runs(tmp_path: Path) -> None:
    """The functions that run while the modules are imported are known."""
    program = program_of({"app": "def f(): ...\ndef g(): ...\nf()\n"}, tmp_path)
    assert {one.name for one in program.ran} == {"f"}
