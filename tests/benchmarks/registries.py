"""Packages that benchmarks import, with the registry that a build would give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from deferred_imports.tooling.registry.render import registry_text
from deferred_imports.tooling.table.manifest import Shipped, parse_table


def registry_of(package: str, imports: Mapping[str, str], modules: Iterable[str] = ()) -> str:
    """Return the text of a package's registry.

    Args:
        package: The package, which is also the name of its project.
        imports: What it declares, by name.
        modules: Those of its own that are among them.
    """
    tops = {target.partition(".")[0].partition(":")[0] for target in imports.values()} - {""}
    document = {
        "project": {"name": package, "dependencies": sorted(tops)},
        "tool": {"deferred-imports": {"imports": imports}},
    }
    shipped = frozenset({package, *(f"{package}.{module}" for module in modules)})
    return registry_text(parse_table(document, Shipped(shipped, frozenset({package}))))


def write_package(package: Path, imports: Mapping[str, str], modules: Iterable[str] = (), init: str = "") -> None:
    """Write a package with its registry, and with this ``__init__.py``."""
    package.mkdir()
    (package / "__init__.py").write_text(init, encoding="utf-8")
    (package / "_deferred.py").write_text(registry_of(package.name, imports, modules), encoding="utf-8")
