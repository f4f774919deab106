"""The one reader and writer of a project's tree: `pyproject.toml` and modules in, the generated registry out.

For the command, the build hook and the checks. It tells what is there and leaves the judging to `manifest`; the hook
brings its own modules, since hatchling knows better than the tree what a wheel ships.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from packaging.utils import canonicalize_name

from deferred_imports.tooling.project.metadata import as_far_as_known
from deferred_imports.tooling.project.roots import source_roots
from deferred_imports.tooling.project.writing import write_whole
from deferred_imports.tooling.registry.code import MARKER
from deferred_imports.tooling.table.document import table_at, text_at
from deferred_imports.tooling.table.manifest import Manifest, Shipped, parse
from deferred_imports.tooling.table.problems import TABLE, ManifestError, Problem, Problems, quote
from deferred_imports.tooling.table.requirements import Requirements, read_requirements
from deferred_imports.tooling.table.wrapping import is_wrapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_SUFFIXES = frozenset({".py", ".pyx", ".pyd", ".so"})

# Folders beside the package that no backend ships by default; the list follows setuptools' FlatLayoutPackageFinder:
# https://setuptools.pypa.io/en/latest/userguide/package_discovery.html#flat-layout
_BESIDE = frozenset(
    """
    benchmark benchmarks build debian dist doc docs documentation example examples htmlcov node_modules scripts
    site-packages task tasks test tests tools venv
    """.split()
)


class UnreadableError(ManifestError):
    """A `pyproject.toml` that cannot be had: not there, not allowed, or not TOML."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__([Problem("", reason)])
        self._text = f"{shown(path)}: {reason}"

    def __str__(self) -> str:
        return self._text


@dataclass(frozen=True)
class Project:
    """A project with a valid table, and where its parts are."""

    root: Path
    document: Mapping[str, object]
    manifest: Manifest
    modules: Mapping[str, Path]
    """The files of all modules that it ships, by dotted name."""
    sure: bool = True
    """Whether all is known that it requires."""

    @property
    def package_dir(self) -> Path:
        """Where the package's `__init__.py` lies."""
        return self.modules[self.manifest.package].parent

    @property
    def registry_path(self) -> Path:
        """Where the generated file belongs in the tree."""
        return self.package_dir / f"{self.manifest.registry}.py"

    @property
    def shipped(self) -> Shipped:
        """What the wheel ships."""
        return _shipped(self.modules)

    @property
    def requirements(self) -> Requirements:
        """What the project requires; what is wrong about that, the manifest has told."""
        return read_requirements(self.document, Problems(self.document), sure=self.sure)

    @property
    def source_paths(self) -> dict[str, Path]:
        """The package's own Python files by dotted name, the registry left out."""
        package = f"{self.manifest.package}."
        return {
            name: path
            for name, path in sorted(self.modules.items())
            if f"{name}.".startswith(package) and path.suffix == ".py" and name != package + self.manifest.registry
        }

    def read_sources(self) -> dict[str, bytes]:
        """Return what is in them."""
        return {name: path.read_bytes() for name, path in self.source_paths.items()}


def find_root(start: Path) -> Path:
    """Return the nearest directory, `start` or one above it, that holds a `pyproject.toml`."""
    start = start.resolve()
    for directory in (start, *start.parents):
        if (directory / "pyproject.toml").is_file():
            return directory
    raise UnreadableError(start / "pyproject.toml", "not found, here or in any directory above")


def read(path: Path) -> dict[str, object]:
    """Return a TOML file as plain values."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(path, f"cannot be read: {error.strerror}") from error
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line, column = data.count(b"\n", 0, error.start) + 1, error.start - data.rfind(b"\n", 0, error.start)
        raise UnreadableError(path, f"not UTF-8, as TOML must be (at line {line}, column {column})") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableError(path, f"not valid TOML: {error}") from error
    except ValueError as error:  # Python's limit of digits
        raise UnreadableError(path, "cannot be read: a number in it has thousands of digits") from error
    except RecursionError as error:
        raise UnreadableError(path, "cannot be read: its arrays or tables are nested too deeply") from error


def load(root: Path) -> Project:
    """Return the project whose `pyproject.toml` lies in `root`, with the modules that its tree holds."""
    document = with_hatch_file(root, read(root / "pyproject.toml"))
    return assemble(root, document, find_modules(root, document))


def with_hatch_file(root: Path, document: Mapping[str, object]) -> Mapping[str, object]:
    """Return the document with what hatch.toml says in [tool.hatch], over which it takes precedence."""
    path = root / "hatch.toml"
    if not path.is_file():
        return document
    hatch = {**table_at(document, "tool", "hatch"), **read(path)}
    return {**document, "tool": {**table_at(document, "tool"), "hatch": hatch}}


def assemble(root: Path, document: Mapping[str, object], modules: Mapping[str, Path]) -> Project:
    """Return the project that ships `modules`; what its document leaves to the backend is filled in.

    Raises:
        ManifestError: with every problem of the table.
    """
    filled, sure = as_far_as_known(root, document)
    return Project(root, filled, parse(filled, _shipped(modules), sure=sure), modules, sure)


def modules_of(files: Iterable[tuple[PurePath, Path]]) -> dict[str, Path]:
    """Map dotted names to files, given where each lies below a source root (or in a wheel), and where on the disk."""
    modules: dict[str, Path] = {}
    # What Python would import wins: the package, then the source, then the compiled.
    for place, path in sorted(files, key=lambda file: (file[0].name.startswith("__init__."), file[0].suffix == ".py")):
        stem = place.name.partition(".")[0]
        parts = place.parts[:-1] if stem == "__init__" else (*place.parts[:-1], stem)
        if place.suffix in _SUFFIXES and parts and all(part.isidentifier() for part in parts):
            modules[".".join(parts)] = path
    return modules


def find_modules(root: Path, document: Mapping[str, object]) -> dict[str, Path]:
    """Map the modules that the project presumably ships to their files, whatever its backend.

    Where the backend is told to look comes first, then the usual places: what lies in `src`, else what lies in the root
    and is not known to stay at home. A package that the table names is searched in all of it, the shallowest first.

    Raises:
        ManifestError: when nothing tells whether a folder is part of the package's name.
    """
    package = text_at(document, *TABLE, "package")
    told: dict[str, Path] = {}
    for place in source_roots(root, document):
        told |= modules_below(place, within=root)
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
    return modules_below(elsewhere, top, within=root) if elsewhere else {**places[1], **places[0]}


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


def modules_below(place: Path, names: Iterable[str] | None = None, within: Path | None = None) -> dict[str, Path]:
    """Map the modules below a source root, or below some of its folders.

    Args:
        place: The source root.
        names: Its folders; by default all.
        within: What links are not followed out of, unless they lead to a package; by default the source root.
    """
    tops = [place] if names is None else [place / name for name in names]
    inside = os.path.realpath(within or place)
    files = (file for top in tops if _is_walked(str(top), inside) for file in _files_below(top, inside))
    return modules_of((path.relative_to(place), path) for path in files)


def has_hook(document: Mapping[str, object]) -> bool:
    """Tell whether a `pyproject.toml` configures the build hook, for all targets or for wheels."""
    build = ("tool", "hatch", "build")
    tables = (table_at(document, *build, "hooks"), table_at(document, *build, "targets", "wheel", "hooks"))
    return any(TABLE[1] in table for table in tables)


def is_baked(document: Mapping[str, object]) -> bool:
    """Tell whether the project's builds put the registry into its wheels: by the hook, or by our backend."""
    return has_hook(document) or is_wrapping(document)


def refuse_foreign(path: Path) -> None:
    """Raise when something that is not ours stands where the registry belongs."""
    if path.is_symlink():
        found = "is a symbolic link; remove it"
    elif (path.with_suffix("") / "__init__.py").exists():  # which Python would import instead
        path, found = path.with_suffix(""), "is a package; rename it"
    elif not path.exists() or (path.is_file() and is_generated(path.read_bytes())):
        return
    elif path.is_file():
        found = "was not generated by deferred-imports and is not overwritten; rename it"
    else:
        found = "is not a file; remove it"
    raise ManifestError([Problem("registry", f"{quote(shown(path))} {found}, or set registry to another name")])


def shown(path: Path) -> str:
    """Return a path as messages show it: relative to where the user stands, if below it."""
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def is_generated(content: bytes) -> bool:
    """Tell whether a file with this content is ours to overwrite or remove."""
    return content.startswith(MARKER.encode("ascii"))


def read_registry(path: Path) -> str | None:
    """Return what the generated file says now, line endings as they are, or None where there is none.

    Raises:
        ManifestError: when the file there is not ours.
    """
    refuse_foreign(path)
    return path.read_bytes().decode("utf-8", "backslashreplace") if path.exists() else None


def write_registry(path: Path, text: str) -> bool:
    """Write the generated file if its content changes, and tell whether it did.

    Readers see the old file or the new one, whole. A file that is up to date is not touched, so that a tree that
    cannot be written to will do.

    Raises:
        ManifestError: when the file there is not ours.
        OSError: when it cannot be written.
    """
    content = text.encode("utf-8")
    if path.is_file() and path.read_bytes() == content:
        return False
    refuse_foreign(path)
    write_whole(path, content)
    return True


def _shipped(modules: Mapping[str, Path]) -> Shipped:
    packages = (name for name, path in modules.items() if path.name.startswith("__init__."))
    return Shipped(modules=frozenset(modules), packages=frozenset(packages))


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
