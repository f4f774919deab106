"""Golden cases: the projects that they stand for, and the comparison; `UPDATE_GOLDENS=1 pytest ...` renews them."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deferred_imports.tooling.table.manifest import Manifest, Shipped, parse_table

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CASES = Path(__file__).parent / "cases"
# What the wheel of a case ships unless its first line says `# ships: app/ app.cli`; a slash stands after packages.
_WEATHER = (
    "weather/ weather.cli weather.commands/ weather.commands.plot weather.commands.report weather.commands.summary"
)


def shipped_by(table: str) -> tuple[str, ...]:
    """Return what the wheel of a case ships, packages with a slash after them."""
    first = table.partition("\n")[0]
    return tuple((first.removeprefix("# ships:") if first.startswith("# ships:") else _WEATHER).split())


def manifest_of(table: str) -> Manifest:
    """Parse the pyproject.toml of a case."""
    names = shipped_by(table)
    packages = frozenset(name.rstrip("/") for name in names if name.endswith("/"))
    return parse_table(tomllib.loads(table), Shipped(frozenset(name.rstrip("/") for name in names), packages))


def lay_out(table: str, root: Path) -> Path:
    """Write the project of a case, with empty modules in `src`, and return its directory."""
    files = {"pyproject.toml": table}
    for name in shipped_by(table):
        place = name.replace(".", "/")
        files[f"src/{place}__init__.py" if name.endswith("/") else f"src/{place}.py"] = ""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return root


def unpack(case: Path, root: Path) -> Path:
    """Write the files of a case that holds a whole project, each after a line `== path`, and return its directory."""
    for part in re.split("(?m)^== ", case.read_text(encoding="utf-8"))[1:]:
        name, _, text = part.partition("\n")
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return root


def copy_case(case: Path, root: Path) -> Path:
    """Copy the sources of a case of `scan`, with a pyproject.toml that names `app` where it has none; return `root`."""
    if not (case / "pyproject.toml").exists():
        (root / "pyproject.toml").write_text('[project]\nname = "app"\n', encoding="utf-8")
    for path in case.rglob("*"):
        if path.is_file() and path.suffix in {".py", ".toml"}:
            copy = root / path.relative_to(case)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return root


def write_app(root: Path, files: Mapping[str, str]) -> Path:
    """Write a project with a package `app`, which these files are added to, and return its directory."""
    for name, text in {"pyproject.toml": '[project]\nname = "app"\n', "app/__init__.py": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_module(path, text)
    return root


def write_module(path: Path, text: str) -> None:
    """Write a source. Python would take the bytecode of one of the same length and second."""
    path.write_text(text, encoding="utf-8")
    for bytecode in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        bytecode.unlink()


def compare(text: str, golden: Path) -> None:
    """Fail unless the golden file says exactly this; with `UPDATE_GOLDENS` set, let it say so from now on."""
    content = text.encode("utf-8")
    if os.environ.get("UPDATE_GOLDENS"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(content)
    if not golden.is_file():
        pytest.fail(f"{golden.name} is missing; UPDATE_GOLDENS=1 writes it")
    assert content.decode("utf-8").splitlines(keepends=True) == golden.read_bytes().decode("utf-8").splitlines(
        keepends=True
    )
