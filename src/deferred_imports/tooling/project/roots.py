"""Where a project's packages lie, as its build backend is configured: directories, and their names in a wheel."""

from __future__ import annotations

import ast
import configparser
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from deferred_imports.tooling.project.paths import content_of
from deferred_imports.tooling.table.document import table_at, text_at


def source_roots(root: Path, document: Mapping[str, object]) -> dict[Path, str]:
    """Return the directories that a backend takes packages from, as far as its settings name some.

    Each with the dotted name below which its modules are imported: of a source root that is empty.
    """
    return {
        root / os.path.normpath(place): name.strip("/.").replace("/", ".")
        for place, name in _named(root, document)
        if os.path.normpath(place) != "." and (root / place).is_dir()
    }


def _named(root: Path, document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield directories, and what each is called in a wheel."""
    yield from _setuptools(root, document)
    yield text_at(document, "tool", "maturin", "python-source"), ""
    yield text_at(document, "tool", "pdm", "build", "package-dir"), ""
    yield text_at(document, "tool", "uv", "build-backend", "module-root"), ""
    for package in _items(table_at(document, "tool", "poetry").get("packages")):
        yield from _poetry(text_at(package, "include"), text_at(package, "from"), text_at(package, "to"))
    for table in (("scikit-build", "wheel"), ("hatch", "build"), ("hatch", "build", "targets", "wheel")):
        settings = table_at(document, "tool", *table)
        yield from _renamed(settings.get("packages"))
        sources = settings.get("sources")
        if isinstance(sources, Mapping):
            yield from ((place, str(name)) for place, name in sources.items())
        else:
            yield from ((str(place), "") for place in _items(sources))


def _poetry(include: str, place: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield what https://python-poetry.org/docs/pyproject/#packages describes."""
    if place:
        yield place, name
    elif name:
        yield include, f"{name}/{include}"


def _renamed(packages: object) -> Iterator[tuple[str, str]]:
    """Yield what hatchling and scikit-build-core take for packages: paths, or names in the wheel with their paths."""
    if isinstance(packages, Mapping):
        yield from ((str(place), name) for name, place in packages.items())
    else:
        yield from ((str(place).rpartition("/")[0], "") for place in _items(packages))


def _setuptools(root: Path, document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield what https://setuptools.pypa.io/en/latest/userguide/package_discovery.html describes."""
    table = table_at(document, "tool", "setuptools")
    yield from ((str(place), package) for package, place in table_at(table, "package-dir").items())
    yield from ((str(place), "") for place in _items(table_at(table, "packages", "find").get("where")))
    yield from _setup_cfg(root)
    yield from _setup_py(root)


def _setup_cfg(root: Path) -> Iterator[tuple[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(content_of(root / "setup.cfg").decode("utf-8"))
    except (configparser.Error, OSError, UnicodeDecodeError):
        return
    yield parser.get("options.packages.find", "where", fallback=""), ""
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        package, equals, place = line.partition("=")
        if equals:
            yield place.strip(), package.strip()


def _setup_py(root: Path) -> Iterator[tuple[str, str]]:
    """Yield what setup.py says by literals: `package_dir={"": "lib"}`, `find_packages("lib")`; it is not run."""
    try:
        tree = ast.parse(content_of(root / "setup.py"))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if name in {"find_packages", "find_namespace_packages"}:
            where = node.args[0] if node.args else given.get("where")
            if isinstance(where, ast.Constant):
                yield str(where.value), ""
        elif name == "setup" and isinstance(given.get("package_dir"), ast.Dict):
            try:
                places: dict[object, object] = ast.literal_eval(given["package_dir"])
            except (ValueError, TypeError, RecursionError):
                continue
            yield from ((str(place), str(package)) for package, place in places.items())


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
