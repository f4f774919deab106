"""Imports that would run in the place of others once a module offers names before they are there."""

from pathlib import Path

from deferred_imports.tooling.scan.graph import Passed
from deferred_imports.tooling.scan.offers import passed_on
from deferred_imports.tooling.scan.verdicts import judge
from deferred_imports.tooling.start.launch import call, imported
from scanning import program_of

TEXTS = {"kit": "from .shapes import area\n__all__ = ['area']\n", "kit.shapes": "def area(): ...\n"}


def passed(user: str, directory: Path, reference: str = "") -> set[tuple[str, str, tuple[str, int, str]]]:
    program = program_of({**TEXTS, "user": user}, directory)
    launch = call("x", "x", reference, []) if reference else imported("user")
    found: tuple[Passed, ...] = passed_on(judge(program), program, launch)
    return {(one.edge.importer, one.edge.module, one.site) for one in found}


def test_who_takes_the_name(tmp_path: Path) -> None:
    """A statement that takes an offered name would load what holds it, unless it is deferred itself."""
    assert passed("from kit import area\narea()\n", tmp_path) == {("user", "kit.shapes", ("user", 1, "kit"))}
    assert passed("def f():\n  from kit import area\n", tmp_path) == set()
    assert passed("import kit\n", tmp_path) == set()


def test_who_reads_it(tmp_path: Path) -> None:
    """Reading it as an attribute while the module is imported loads it, too; in a function that is later."""
    assert passed("import kit\nx = kit.area\n", tmp_path) == {("user", "kit.shapes", ("user", 0, "kit.shapes"))}
    assert passed("import kit\ndef f(): return kit.area\n", tmp_path) == set()


def test_the_program_itself(tmp_path: Path) -> None:
    """A console script that names it loads it at once."""
    assert {one[0] for one in passed("", tmp_path, "kit:area")} == {"__main__"}
    assert passed("", tmp_path, "kit:other") == set()
