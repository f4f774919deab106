"""Finding a package to scan, in a tree or among what is installed, and what starts it. Nothing of it is run."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

from deferred_imports.tooling.project.modules import find_modules, modules_of
from deferred_imports.tooling.project.paths import shown
from deferred_imports.tooling.project.pyproject import has_setup, read_toml
from deferred_imports.tooling.project.scripts import attribute_of, console_scripts, module_of, references
from deferred_imports.tooling.registry.distributions import projects_by_top
from deferred_imports.tooling.registry.environment import here
from deferred_imports.tooling.start.copies import Copy, copy_with, generated_module
from deferred_imports.tooling.start.launch import Launch, call, imported, parse_launch
from deferred_imports.tooling.table.document import table_at, text_at
from deferred_imports.tooling.table.names import lies_in
from deferred_imports.tooling.table.problems import RefusalError
from deferred_imports.tooling.table.stdlib import STANDARD_LIBRARY

NOT_INSTALLED = "not installed"
"""Whose a module is that no distribution of this environment brings."""


class ScanError(RefusalError):
    """A package that cannot be scanned; its text says why."""


@dataclass(frozen=True)
class Package:
    """A package to scan, or several that are one program.

    Attributes:
        names: Their import names.
        copy: Which copy of it is read and run.
        files: Its modules.
        scripts: The console scripts of its distribution, by name.
        entry_points: What its entry points, scripts among them, refer to.
        minimum: The oldest Python that it is for, if that is known.
        keep: What its table says is to be kept where it is.
        registry: The module that builds generate by its table, whether it is there or not; empty without a table.
    """

    names: tuple[str, ...]
    copy: Copy
    files: Mapping[str, Path]
    scripts: Mapping[str, str]
    entry_points: tuple[str, ...]
    minimum: tuple[int, int] | None
    keep: tuple[str, ...] = ()
    registry: str = ""

    @property
    def references(self) -> Iterator[tuple[str, str]]:
        """What its entry points take: modules, each with a name there."""
        for value in self.entry_points:
            yield module_of(value), attribute_of(value).partition(".")[0]


def locate(names: Sequence[str], root: Path | None) -> Package:
    """Find packages: in the tree below `root`, or among what is installed.

    Args:
        names: Their import names; by default what the table names, or the one package of the tree, with those that
            its console scripts are in.
        root: The directory with a `pyproject.toml` or, for setuptools, a `setup.py`, if there is one.

    Raises:
        ScanError: when one is not there, or when there are several to choose from.
    """
    document: Mapping[str, object] = {}
    modules: Mapping[str, Path] = {}
    if root is not None:
        path = root / "pyproject.toml"
        document = read_toml(path) if path.is_file() or not has_setup(root) else {}
        modules = find_modules(root, document)
        names = names or _default(root, document, modules)
    if not names:
        raise ScanError(
            "expected a project or a package, got no pyproject.toml here or above; name an installed package"
        )
    main = _main(document, modules)
    registry = generated_module(document, main)
    copy = copy_with(document, modules, main)
    found = [
        _in_tree(name, modules, document, copy, registry) if name in modules else _installed(name) for name in names
    ]
    return found[0] if len(found) == 1 else _together(found)


def _default(root: Path, document: Mapping[str, object], modules: Mapping[str, Path]) -> list[str]:
    tops = _tops_of(modules)
    first = _main(document, modules)
    if first not in modules:
        if tops:
            raise ScanError(f"expected one package, got {', '.join(tops)} in {shown(root)}; name those to scan")
        raise ScanError(
            f"expected a package in {shown(root)}, got no directory with an __init__.py; name an installed one"
        )
    started = {module_of(reference) for reference in console_scripts(document).values()}
    return [first, *(top for top in tops if top != first and any(lies_in(module, top) for module in started))]


def _main(document: Mapping[str, object], modules: Mapping[str, Path]) -> str:
    """Return the package that the project is about, or nothing."""
    first = text_at(document, "tool", "deferred-imports", "package")
    return first or _chosen(_tops_of(modules), text_at(document, "project", "name")) or ""


def _together(packages: Sequence[Package]) -> Package:
    """Return several packages as one."""
    minimums = [package.minimum for package in packages if package.minimum is not None]
    return Package(
        names=tuple(name for package in packages for name in package.names),
        copy=packages[0].copy,
        files={name: path for package in packages for name, path in package.files.items()},
        scripts={name: value for package in packages for name, value in package.scripts.items()},
        entry_points=tuple(dict.fromkeys(value for package in packages for value in package.entry_points)),
        minimum=min(minimums, default=None),
        keep=tuple(dict.fromkeys(text for package in packages for text in package.keep)),
        registry=packages[0].registry,
    )


def launch_of(package: Package, startup: str | None) -> Launch:
    """Return what to start: what the user named, else the package's console script with `--help`, else the package.

    Raises:
        UnknownProgramError: when the user names what cannot be started.
    """
    if startup is not None:
        return parse_launch(startup, package.scripts, package.copy.places)
    name = next((name for name in (*package.names, *sorted(package.scripts)) if name in package.scripts), None)
    return call(f"{name} --help", name, package.scripts[name], ["--help"]) if name else imported(package.names[0])


def owner_of(package: Package) -> Callable[[str], str]:
    """Return what tells whose a module is: the package's own, the standard library's, or a distribution's."""
    known = projects_by_top()
    own = {name.partition(".")[0]: name for name in package.names}

    def owner(module: str) -> str:
        top = module.partition(".")[0]
        if top in own:
            return own[top]
        if top in STANDARD_LIBRARY:
            return "standard library"
        return ", ".join(sorted(one.name for one in known.get(top, ()))) or NOT_INSTALLED

    return owner


def _tops_of(modules: Mapping[str, Path]) -> list[str]:
    return _tops(module for module, path in modules.items() if path.stem == "__init__")


def _tops(packages: Iterable[str]) -> list[str]:
    """Return the packages that are in no other; a namespace package (PEP 420) is not among them."""
    tops: list[str] = []
    for package in sorted(packages, key=lambda package: package.split(".")):
        if not tops or not package.startswith(f"{tops[-1]}."):
            tops.append(package)
    return tops


def _chosen(tops: list[str], project: str) -> str | None:
    if len(tops) == 1:
        return tops[0]
    return next((top for top in tops if _normal(top) == _normal(project)), None)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def _in_tree(
    name: str, modules: Mapping[str, Path], document: Mapping[str, object], copy: Copy, registry: str
) -> Package:
    files = _below(name, modules)
    scripts = console_scripts(document)
    requires = text_at(document, "project", "requires-python")
    installed = _installed_points(name)
    return Package(
        names=(name,),
        copy=copy,
        files=files,
        scripts=scripts or _scripts(installed),
        entry_points=(*references(document), *_values(installed)),
        minimum=_minimum(requires),
        keep=kept_by_table(document),
        registry=registry,
    )


def _installed(name: str) -> Package:
    top = name.partition(".")[0]
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        remedy = "install it there, or name another with --python"
        raise ScanError(f'"{name}" is neither in the tree nor installed in {here()}; {remedy}')
    places = [Path(place) for place in spec.submodule_search_locations or ()]
    files = [(Path(top, *path.relative_to(place).parts), path) for place in places for path in _walk(place)]
    if not places and spec.origin and spec.origin.endswith(".py"):
        files = [(Path(f"{top}.py"), Path(spec.origin))]
    found = _below(name, modules_of(files))
    if not found:
        raise ScanError(f'"{name}" has no sources to read: expected files that end in .py, got none')
    points = _installed_points(top)
    return Package((name,), Copy(in_tree=False), found, _scripts(points), _values(points), _installed_minimum(top))


def kept_by_table(document: Mapping[str, object]) -> tuple[str, ...]:
    """Return what the table says is to be kept where it is."""
    found = table_at(document, "tool", "deferred-imports", "scan").get("keep")
    return tuple(text for text in found if isinstance(text, str)) if isinstance(found, list) else ()


def _below(name: str, modules: Mapping[str, Path]) -> dict[str, Path]:
    return {module: path for module, path in sorted(modules.items()) if lies_in(module, name) and path.suffix == ".py"}


def _walk(top: Path) -> Iterator[Path]:
    for directory, folders, files in os.walk(top):
        folders[:] = sorted(folder for folder in folders if folder != "__pycache__")
        paths = (Path(directory, file) for file in sorted(files))
        yield from (path for path in paths if path.is_file())  # whoever opens a pipe may wait for ever


def _installed_points(top: str) -> list[EntryPoint]:
    return [point for one in projects_by_top().get(top, ()) for point in one.entry_points]


def _scripts(points: Iterable[EntryPoint]) -> dict[str, str]:
    return {point.name: point.value for point in points if point.group == "console_scripts"}


def _values(points: Iterable[EntryPoint]) -> tuple[str, ...]:
    return tuple(point.value for point in points)


def _installed_minimum(top: str) -> tuple[int, int] | None:
    return next((_minimum(one.requires_python) for one in projects_by_top().get(top, ())), None)


def _minimum(requires: str) -> tuple[int, int] | None:
    found = re.search(r"(?:>=|~=|==|\^)\s*(\d+)\.(\d+)", requires)
    return (int(found[1]), int(found[2])) if found else None
