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


def test_several_packages_take_a_name(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """Which of several packages has the registry only the table can say; the error asks for that."""
    root, manifest = make_project(), Path("pyproject.toml")
    (root / "src/climate").mkdir()
    (root / "src/climate/__init__.py").write_text("import csv\n\n\ndef use():\n    return csv\n", "utf-8")
    target = find_target(root)
    assert {"climate", "weather"} <= target.files.keys()
    scratch = Scratch(target, tmp_path / "copy")
    wanted = r"^--form names takes one package that has the registry; name it in \[tool\.deferred-imports\]$"
    with pytest.raises(TargetError, match=wanted):
        with_registry(target, read(target), "names", scratch.root)
    manifest.write_text(manifest.read_text("utf-8") + '[tool.deferred-imports]\npackage = "climate"\n', "utf-8")
    target = find_target(root)
    package = with_registry(target, read(target), "names", Scratch(target, tmp_path / "other").root)
    assert package.registering is not None
    assert {name.module for name in package.registering.entries} == {"climate"}


def test_a_table_that_is_not_valid(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """A mistake in what stands there already is told as any verb tells it; nothing is left out to get around it."""
    root = make_project()
    manifest = root / "pyproject.toml"
    manifest.write_text(f"{manifest.read_text('utf-8')}\n[tool.deferred-imports]\ndiscovr = true\n", "utf-8")
    target = find_target(root)
    scratch = Scratch(target, tmp_path / "copy")
    with pytest.raises(TargetError, match=r"^--form names takes a table that is valid: ") as caught:
        with_registry(target, read(target), "names", scratch.root)
    assert 'discovr: unknown key; did you mean "discover"?' in str(caught.value)


def test_an_entry_that_is_not_valid_is_left_out(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """What no requirement covers gets no entry, and all else does."""
    text = "import json\n\nimport unheard_of\n\n\ndef use():\n    return unheard_of, json\n"
    target = find_target(make_project(src__weather__other=text))
    package = with_registry(target, read(target), "names", Scratch(target, tmp_path / "copy").root)
    assert package.registering is not None
    assert "unheard_of" not in package.registering.targets
    assert Name("weather.other", "json") in package.registering.entries
