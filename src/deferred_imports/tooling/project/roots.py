"""Where a project's packages lie, as its build backend is configured: directories that are no part of their names."""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path

from deferred_imports.tooling.table.document import table_at, text_at


def source_roots(root: Path, document: Mapping[str, object]) -> list[Path]:
    """Return the directories that a backend takes packages from, as far as its settings name some."""
    found = dict.fromkeys(place for place in _named(root, document) if place)
    return [root / place for place in found if (root / place).is_dir()]


def _named(root: Path, document: Mapping[str, object]) -> Iterator[str]:
    yield from _setuptools(root, document)
    yield text_at(document, "tool", "maturin", "python-source")
    yield text_at(document, "tool", "pdm", "build", "package-dir")
    if "uv" in table_at(document, "tool"):
        yield text_at(document, "tool", "uv", "build-backend", "module-root")
    for package in _items(table_at(document, "tool", "poetry").get("packages")):
        yield text_at(package, "from")
    for table in (("scikit-build", "wheel"), ("hatch", "build", "targets", "wheel")):
        packages = table_at(document, "tool", *table).get("packages")
        for place in packages.values() if isinstance(packages, Mapping) else _items(packages):
            yield str(place).rpartition("/")[0]


def _setuptools(root: Path, document: Mapping[str, object]) -> Iterator[str]:
    """Yield what https://setuptools.pypa.io/en/latest/userguide/package_discovery.html describes."""
    table = table_at(document, "tool", "setuptools")
    yield text_at(table, "package-dir", "")
    yield from map(str, _items(table_at(table, "packages", "find").get("where")))
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(root / "setup.cfg", encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return
    yield parser.get("options.packages.find", "where", fallback="")
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        package, equals, place = line.partition("=")
        if equals and not package.strip():
            yield place.strip()


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
