"""The modules that a project ships, as far as its tree tells: dotted names, each with its file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath

from packaging.utils import canonicalize_name

from deferred_imports.tooling.project.roots import source_roots
from deferred_imports.tooling.table.document import text_at
from deferred_imports.tooling.table.problems import TABLE, ManifestError, Problem, quote

_SUFFIXES = frozenset({".py", ".pyx", ".pyd", ".so"})

# Folders beside the package that no backend ships by default; the list follows setuptools' FlatLayoutPackageFinder:
# https://setuptools.pypa.io/en/latest/userguide/package_discovery.html#flat-layout
_BESIDE = frozenset(
    """
    benchmark benchmarks build debian dist doc docs documentation example examples htmlcov node_modules scripts
    site-packages task tasks test tests tools venv
    """.split()
)

# Files in the root that no backend takes for a module by default; the list follows setuptools' FlatLayoutModuleFinder.
_SCRIPTS = frozenset(
    """
    SConstruct benchmark benchmarks build conanfile conftest dodo example examples fabfile hatch_build noxfile setup
    tasks test tests toxfile wscript
    """.split()
)


def modules_of(files: Iterable[tuple[PurePath, Path]]) -> dict[str, Path]:
    """Map dotted names to files, given where each lies below a source root (or in a wheel), and where on the disk."""
    modules: dict[str, Path] = {}
    # The package wins, as with Python. Then the source, although Python prefers an extension module (source before
    # bytecode): beside one that mypyc or Cython has compiled, the source says what that imports.
    for place, path in sorted(files, key=lambda file: (file[0].name.startswith("__init__."), file[0].suffix == ".py")):
        stem = place.name.partition(".")[0]
        parts = place.parts[:-1] if stem == "__init__" else (*place.parts[:-1], stem)
        if place.suffix in _SUFFIXES and parts and all(part.isidentifier() for part in parts):
            modules[".".join(parts)] = path
    return modules


def find_modules(root: Path, document: Mapping[str, object]) -> dict[str, Path]:
    """Map the modules that the project presumably ships to their files, whatever its backend.

    The backend's configured places come first, then the usual places: what lies in `src`, else what lies in the root
    and is not known to stay at home. A package that the table names is searched in all of it, the shallowest first.

    Raises:
        ManifestError: when nothing tells whether a folder is part of the package's name.
    """
    package = text_at(document, *TABLE, "package")
    told: dict[str, Path] = {}
    for place, name in sorted(source_roots(root, document).items(), key=lambda item: len(item[0].parts)):
        here = modules_below(place, within=root, name=name)
        files = set(here.values())  # of two directories the inner one says what its modules are called
        told = {module: path for module, path in told.items() if path not in files} | here
    if package in told or (not package and any(path.name == "__init__.py" for path in told.values())):
        return told
    top = [package.partition(".")[0]] if package else [folder.name for folder in _folders(root) if folder.name != "src"]
    places = (modules_below(root / "src", within=root), modules_below(root, top))
    for modules in places:
        if package in modules or (not package and any(path.name == "__init__.py" for path in modules.values())):
            if not package and modules is places[1]:
                _refuse_guess(modules, document)
            return modules
    elsewhere = _search(root, package.split(".")) if package else None
    found = {**told, **places[1], **places[0]}
    return modules_below(elsewhere, top, within=root) if elsewhere else found or _single_modules(root, document)


def _single_modules(root: Path, document: Mapping[str, object]) -> dict[str, Path]:
    """Map the single-file modules in the root: the one that the project is called like, or all that may be one."""
    files = [path for path in root.glob("*.py") if path.stem not in _SCRIPTS and path.is_file()]
    own = canonicalize_name(text_at(document, "project", "name"))
    files = [path for path in files if canonicalize_name(path.stem) == own] or files
    return modules_of((path.relative_to(root), path) for path in files)


def _refuse_guess(modules: Mapping[str, Path], document: Mapping[str, object]) -> None:
    """Raise when the packages in the root lie in a folder that may be part of their names, or not."""
    packages = [name for name, path in modules.items() if path.name == "__init__.py"]
    if any("." not in name for name in packages):
        return
    own = canonicalize_name(text_at(document, "project", "name"))
    for name in sorted(packages, key=lambda name: name.count(".")):
        folder, _, rest = name.partition(".")
        if not own.startswith(canonicalize_name(folder)) or own == canonicalize_name(rest.partition(".")[0]):
            message = f"expected the name of the package in {quote(name.replace('.', '/'))}, got none"
            raise ManifestError([Problem("package", f"{message}; write package = {quote(rest)}, or {quote(name)}")])


def modules_below(
    place: Path, names: Iterable[str] | None = None, within: Path | None = None, name: str = ""
) -> dict[str, Path]:
    """Map the modules below a source root, or below some of its folders.

    Args:
        place: The source root.
        names: Its folders; by default all.
        within: What links are not followed out of, unless they lead to a package; by default the source root.
        name: The dotted name of the source root; by default it is no package.
    """
    tops = [place] if names is None else [place / folder for folder in names]
    inside = os.path.realpath(within or place)
    files = (file for top in tops if _is_walked(str(top), inside) for file in _files_below(top, inside))
    return modules_of((PurePath(*filter(None, name.split(".")), path.relative_to(place)), path) for path in files)


def _files_below(top: Path, inside: str) -> Iterator[Path]:
    """Walk a package through symbolic links, but never twice into one directory, and past what cannot be read.

    Nor out of the project: a link to the data of a machine would have all of that walked.
    """
    seen = set()
    for directory, folders, files in os.walk(top, followlinks=True):
        if (identity := os.path.realpath(directory)) in seen:
            folders.clear()
            continue
        seen.add(identity)
        folders[:] = sorted(
            name
            for name in folders
            if name.isidentifier() and name != "__pycache__" and _is_walked(os.path.join(directory, name), inside)
        )
        for name in sorted(files):
            if os.path.isfile(path := os.path.join(directory, name)):
                yield Path(path)


def _is_walked(folder: str, inside: str) -> bool:
    """Tell whether a folder is no link, or one that leads to a place inside of another, or to a package."""
    if not os.path.islink(folder) or f"{os.path.realpath(folder)}{os.sep}".startswith(f"{inside}{os.sep}"):
        return True
    return os.path.isfile(os.path.join(folder, "__init__.py"))


def _search(root: Path, parts: list[str]) -> Path | None:
    """Return the source root nearest to `root` that holds the package, the first by name among equals."""
    level = [root]
    while level:
        for place in level:
            if os.path.isfile(place.joinpath(*parts, "__init__.py")):
                return place
        level = [folder for place in level for folder in _folders(place) if not os.path.islink(folder)]
    return None


def _folders(place: Path) -> list[Path]:
    """Return the folders that may hold shipped code: not hidden ones, environments, tests or documentation."""
    try:
        names = sorted(os.listdir(place))
    except OSError:
        return []
    return [
        place / name
        for name in names
        if not (name.startswith((".", "_")) or name in _BESIDE or os.path.exists(place / name / "pyvenv.cfg"))
        and os.path.isdir(place / name)
    ]
