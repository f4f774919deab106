"""What is taken from modules of the standard library; `tests/cases/check` has what the command says of it."""

from pathlib import Path

import pytest

from deferred_imports.tooling.check.attributes import find_lacking
from deferred_imports.tooling.project.tree import load_project

TABLE = """
[project]
name = "weather"
{more}
[tool.deferred-imports.imports]
wrong = "{target}"
"""


def lacking(root: Path, target: str, more: str = "") -> list[str]:
    """Return what is said of a table with one import."""
    (root / "weather").mkdir()
    (root / "weather" / "__init__.py").touch()
    (root / "pyproject.toml").write_text(TABLE.format(target=target, more=more), encoding="utf-8")
    project = load_project(root)
    entries = project.manifest.entries
    return [item.message for item in find_lacking(project, entries, lambda _: (root / "pyproject.toml", 1))]


def test_an_attribute_that_is_not_there_is_found(tmp_path: Path) -> None:
    """Neither the attribute of an attribute, nor a module below: what Python would look for is looked for."""
    (found,) = lacking(tmp_path, "os:path.jion")
    assert found.startswith('"os" of Python 3.')
    assert found.endswith(' has no "path.jion"')


@pytest.mark.parametrize("target", ["os:path.join", "xml:dom", "xml.dom:minidom", "decimal:Decimal.from_float"])
def test_what_is_there_is_not(tmp_path: Path, target: str) -> None:
    """An attribute, one of an attribute, and a module that only importing it brings."""
    assert lacking(tmp_path, target) == []


@pytest.mark.parametrize("target", ["this:that", "antigravity:flight"])
def test_what_is_not_imported_is_not_known(tmp_path: Path, target: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Modules that greet or open a browser are not imported."""
    assert lacking(tmp_path, target) == []
    assert capfd.readouterr() == ("", "")


def test_a_python_that_the_project_excludes_says_nothing(tmp_path: Path) -> None:
    """What another Python has is not known."""
    assert lacking(tmp_path, "functools:cahce", 'requires-python = ">=4"') == []
