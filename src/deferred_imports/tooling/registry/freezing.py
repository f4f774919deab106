"""What a registry declares, as freezers take modules that they cannot see. Text out, nothing is written or run.

Most need no telling: what the registry shows to type checkers, they see as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from packaging.markers import Marker

from deferred_imports.tooling.registry.environment import find_spec
from deferred_imports.tooling.registry.render import entries_of
from deferred_imports.tooling.source.usage import Usage
from deferred_imports.tooling.table.manifest import Manifest


def modules(manifest: Manifest, usage: Usage) -> tuple[list[str], list[str]]:
    """Return the modules to freeze, the registry among them, and those that this environment does not have.

    What a marker keeps from this environment is in neither.
    """
    own = f"{manifest.package}."
    found: set[str] = {own + manifest.registry}
    absent: set[str] = set()
    for entry in entries_of(manifest, usage):
        if entry.marker is None or Marker(entry.marker).evaluate({"extra": ""}):
            for target in entry.targets:
                name = manifest.package + target.module if target.module.startswith(".") else target.module
                is_there = name.startswith(own) or find_spec(name) is not None
                (found if is_there else absent).add(name)
    return sorted(found), sorted(absent)


def _names(_: Manifest, names: Sequence[str]) -> Iterable[str]:
    return names


def _pyinstaller(manifest: Manifest, names: Sequence[str]) -> Iterable[str]:
    # https://pyinstaller.org/en/stable/hooks.html
    yield f"# hook-{manifest.package}.py, in a directory that --additional-hooks-dir names"
    yield from ["hiddenimports = [", *(f'    "{name}",' for name in names), "]"]


def _cx_freeze(_: Manifest, names: Sequence[str]) -> Iterable[str]:
    # https://cx-freeze.readthedocs.io/en/stable/setup_script.html
    yield "# in pyproject.toml"
    yield from ["[tool.cxfreeze.build_exe]", "includes = [", *(f'    "{name}",' for name in names), "]"]


def _nuitka(manifest: Manifest, names: Sequence[str]) -> Iterable[str]:
    # https://nuitka.net/user-documentation/nuitka-package-config.html
    yield "# yamllint disable"
    yield "# a file that --user-package-configuration-file names"
    yield f"- module-name: '{manifest.package}'"
    yield from ["  implicit-imports:", "    - depends:", *(f"        - '{name}'" for name in names)]


_FORMATS: dict[str, Callable[[Manifest, Sequence[str]], Iterable[str]]] = {
    "names": _names,
    "nuitka": _nuitka,
    "pyinstaller": _pyinstaller,
    "cx-freeze": _cx_freeze,
}


def freezer_lines(manifest: Manifest, names: Sequence[str], form: str) -> list[str]:
    """Return the lines that tell a freezer of these modules.

    Args:
        manifest: Whose they are.
        names: The modules.
        form: "names", "nuitka", "pyinstaller" or "cx-freeze".
    """
    return [*_FORMATS[form](manifest, names)]
