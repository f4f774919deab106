"""The public names: where they live, what type checkers see of them, and that nothing else is public."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import deferred_imports
from processes import RUNTIME
from worlds import World

PACKAGE = RUNTIME / "deferred_imports"


def test_every_public_name_can_be_had() -> None:
    """What `__all__` lists is there, is listed by `dir()`, and comes from the module that is named for it."""
    assert sorted(deferred_imports.__all__) == sorted(deferred_imports._HOMES)
    for name, home in deferred_imports._HOMES.items():
        assert getattr(deferred_imports, name).__module__ == f"deferred_imports.{home}"
        assert name in dir(deferred_imports)


def test_a_name_that_is_not_public_is_an_error(world: World) -> None:
    """Unknown names are told as Python tells them, and modules of the package are found by importing them."""
    assert world.error("import deferred_imports; deferred_imports.nothing") == (
        "AttributeError: module 'deferred_imports' has no attribute 'nothing'"
    )
    assert (
        world.run("from deferred_imports import machinery; print(machinery.__name__)") == "deferred_imports.machinery"
    )


def test_type_checkers_see_what_is_there() -> None:
    """The names that the door imports for type checkers are those that it serves, from the same modules."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    imported = {
        alias.name: str(node.module).removeprefix("deferred_imports.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    modules = {name for name, home in imported.items() if home == "deferred_imports"}
    assert modules == {*deferred_imports._MODULES, "_variables"}
    assert {name: home for name, home in imported.items() if name not in modules} == deferred_imports._HOMES


def test_names_are_served_once(world: World) -> None:
    """After the first access a public name is a plain attribute of the package."""
    code = "import deferred_imports as d; d.resolve_now; print('resolve_now' in vars(d), 'find_missing' in vars(d))"
    assert world.run(code) == "True False"


def test_programs_that_use_the_api_are_well_typed() -> None:
    """`api_uses.py` passes the strict mode of mypy, for the oldest Python and for the newest."""
    pytest.importorskip("mypy")
    uses = Path(__file__).with_name("api_uses.py")
    for version in ("3.10", "3.14"):
        command = [sys.executable, "-m", "mypy", "--strict", "--warn-unreachable", "--python-version", version]
        options = ["--cache-dir", "/dev/null", "--no-incremental", "--config-file="]
        done = subprocess.run([*command, *options, uses], cwd=RUNTIME, check=False, capture_output=True, text=True)
        assert (done.stdout.strip(), done.stderr) == ("Success: no issues found in 1 source file", "")
