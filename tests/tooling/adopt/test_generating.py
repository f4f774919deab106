"""The table and the registry that a copy of the project gets."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling.adopt.frontier import Name
from deferred_imports.tooling.adopt.generating import used, with_registry, write_registry_into
from deferred_imports.tooling.adopt.package import AdoptedPackage, read_package
from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.adopt.target import AdoptedProject, TargetError, find_target


def read(target: AdoptedProject) -> AdoptedPackage:
    """Read the package of a project."""
    return read_package(target.root, target.files, target.entry_points)


def test_names_get_entries(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """The copy gets a table with what moves and a registry made of it; the project keeps what it had."""
    root = make_project()
    target = find_target(root)
    scratch = Scratch(target, tmp_path / "copy")
    package = with_registry(target, read(target), "names", scratch.root)
    assert package.registering is not None
    assert "xml.dom.minidom" in {text.replace(":", ".") for text in package.registering.targets.values()}
    assert "[tool.deferred-imports.imports]" in (scratch.root / "pyproject.toml").read_text("utf-8")
    assert (scratch.root / "src/weather/_deferred.py").is_file()
    assert "deferred-imports" not in (root / "pyproject.toml").read_text("utf-8")


def test_only_what_is_used_stays(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """Without names nothing is left of the table, and the copy's pyproject.toml is the project's."""
    root = make_project()
    target = find_target(root)
    scratch = Scratch(target, tmp_path / "copy")
    package = with_registry(target, read(target), "names", scratch.root)
    assert package.registering is not None
    one = used(package.registering, frozenset({Name("weather.report", "html")}))
    assert list(one.targets.values()) == ["html"]
    write_registry_into(scratch.root, target, used(package.registering, frozenset()))
    assert (scratch.root / "pyproject.toml").read_bytes() == (root / "pyproject.toml").read_bytes()


def test_a_project_without_a_table_to_be(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """Without a pyproject.toml there is no place for the table, and the error says so."""
    root = make_project()
    (root / "pyproject.toml").unlink()
    target = find_target(root)
    scratch = Scratch(target, tmp_path / "copy")
    with pytest.raises(TargetError, match=r"^--form names takes a pyproject\.toml, which holds the table$"):
        with_registry(target, read(target), "names", scratch.root)


@pytest.mark.skipif(sys.version_info >= (3, 15), reason="this Python can try it")
def test_native_takes_a_python_that_obeys(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """On an older Python the form could not be proven; the error says which it takes and which this is."""
    target = find_target(make_project())
    with pytest.raises(TargetError, match=r"^--form native takes Python 3\.15, which --python names; this is 3\.\d+$"):
        with_registry(target, read(target), "native", tmp_path)
