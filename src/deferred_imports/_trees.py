"""Run time: what modules of a source tree use since their registry was made, as in an editable install.

What is installed was made in one go, and nothing here looks at it. Only syntax is read, of files that are newer than
the registry beside them or that it does not know; what a registry cannot know is reported once, with the remedy.
"""

import os
import sys

from deferred_imports._entries import namespace_of

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name; typeguard knows a generator by this one, where it is not quoted
    from _collections_abc import Iterator

    from deferred_imports import _named

    _registries, _syntax = _named("deferred_imports._registries", "deferred_imports._syntax")
if TYPE_CHECKING:
    from collections.abc import Iterator

    from deferred_imports import _registries, _syntax

_INSTALLED = ("site-packages", "dist-packages")
_looked_through: "set[tuple[str, int]]" = set()
_warned: "set[tuple[str, str]]" = set()


def is_in_tree(registry: "_registries.Registry") -> bool:
    """Tell whether a registry lies among sources that may be edited."""
    file = _file_of(registry)
    return os.path.isfile(file) and not _is_installed(file)


def source_of(registry: "_registries.Registry", module: str) -> "str | None":
    """Return the path of a module's source in the package of a registry, if there is one."""
    below = f"{module}.".partition(f"{registry.package}.")
    if below[0] or not below[1]:
        return None
    path = os.path.join(os.path.dirname(_file_of(registry)), *filter(None, below[2].split(".")))
    return next(filter(os.path.isfile, (os.path.join(path, "__init__.py"), f"{path}.py")), None)


def found_since(registry: "_registries.Registry", module: str) -> "tuple[set[str], set[str]]":
    """Return the keys that a module uses, and the modules of its package that it imports, if it is newer.

    Args:
        registry: A registry in a tree.
        module: The absolute name of a module.
    """
    source = source_of(registry, module)
    if source is None or not _is_newer(registry, module, source):
        return set(), set()
    reading = _read(registry, module, source)
    if reading is None:
        return set(), set()
    _warn_of_unknown(registry, module, reading)
    return reading.keys, {found for found in reading.modules if source_of(registry, found)}


def tell_what_is_new(registry: "_registries.Registry") -> None:
    """Warn of imports in functions that a registry would have, were it made now; it is looked through once."""
    if (registry.package, id(registry.data)) in _looked_through:
        return
    _looked_through.add((registry.package, id(registry.data)))
    if not is_in_tree(registry):
        return
    for module, source in _sources_below(registry.package, os.path.dirname(_file_of(registry))):
        if _is_newer(registry, module, source) and _may_be_unknown(registry, source):
            reading = _read(registry, module, source)
            if reading is not None:
                _warn_of_unknown(registry, module, reading)


def import_unreached(seen: "set[str]") -> None:
    """Import the registries of packages in source trees that are loaded and have not imported theirs.

    Wheels of such packages get a line that does it; the tree, and so an editable install, has none.

    Args:
        seen: The packages that have been looked at; those that are looked at now are added.
    """
    from deferred_imports._finding import find_registry

    for package, module in sys.modules.copy().items():
        place, name = os.path.split(str(namespace_of(module).get("__file__") or ""))
        if name != "__init__.py" or package in seen or package.partition(".")[0] in sys.stdlib_module_names:
            continue
        seen.add(package)
        found = None if _is_installed(place) else find_registry(package)
        if found is not None and found[0].name not in sys.modules:
            __import__(found[0].name)


def _is_installed(place: str) -> bool:
    return any(part in _INSTALLED for part in place.replace("\\", "/").split("/"))


def _is_newer(registry: "_registries.Registry", module: str, source: str) -> bool:
    """Tell whether a registry may have been made without a module as it is now."""
    if module not in registry.graph:  # one that has been moved there keeps its time
        return module != registry.module.__name__
    return os.stat(source).st_mtime_ns > os.stat(_file_of(registry)).st_mtime_ns


def _sources_below(package: str, directory: str) -> Iterator[tuple[str, str]]:
    """Yield the modules of a package, by name and path; folders that cannot be read are passed over."""
    for place, folders, files in os.walk(directory):
        folders[:] = sorted(filter(str.isidentifier, folders))
        below = os.path.relpath(place, directory).replace(os.sep, ".")
        prefix = package if below == "." else f"{package}.{below}"
        for file in sorted(files):
            name, suffix = os.path.splitext(file)
            if suffix == ".py" and name.isidentifier() and os.path.isfile(os.path.join(place, file)):
                yield prefix if name == "__init__" else f"{prefix}.{name}", os.path.join(place, file)


def _may_be_unknown(registry: "_registries.Registry", source: str) -> bool:
    """Tell whether a line of a file, however it is meant, imports in some block what a registry does not know.

    A tree may have been checked out in any order. To parse all of it would take longer than many a start.
    """
    targets = {target for entry in registry.entries for target in entry.targets}
    try:
        with open(source, encoding="utf-8", errors="replace") as file:
            rows = [line.split() for line in file if line[:1].isspace() and "import" in line]
    except OSError:
        return False
    return not all(_is_known(row, targets) for row in rows)


def _is_known(words: "list[str]", targets: "set[str]") -> bool:
    """Tell whether a line is a plain import of targets alone."""
    module, names = "".join(words[1:2]), [word.strip(",") for word in words[3:]]
    if words[0] == "import":
        return len(words) == 2 and module in targets
    if words[0] != "from" or words[2:3] != ["import"]:
        return False
    return module in targets or all(f"{module}:{name}" in targets or f"{module}.{name}" in targets for name in names)


def _read(registry: "_registries.Registry", module: str, source: str) -> "_syntax.Reading | None":
    from deferred_imports._syntax import Reading

    try:
        with open(source, "rb") as file:
            text = file.read()
        package = module if os.path.basename(source) == "__init__.py" else module.rpartition(".")[0]
        return Reading(text, package, registry)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):  # importing it says so
        return None


def _warn_of_unknown(registry: "_registries.Registry", module: str, reading: "_syntax.Reading") -> None:
    for base, whole in reading.unknown if registry.discovers else ():
        is_module = source_of(registry, whole) is not None
        if is_module and _may_hide(registry, base, whole[len(base) + 1 :]):
            continue
        imported = whole if is_module else base
        if (module, imported) not in _warned and not _is_there(registry, imported):
            import warnings

            _warned.add((module, imported))
            warnings.warn(
                f'"{module}" imports "{imported}" in a function, which the registry of {registry.package} does not '
                f'know: it is older; run "deferred-imports generate", or install {registry.data["project"]} again',
                RuntimeWarning,
                stacklevel=2,
            )


def _may_hide(registry: "_registries.Registry", package: str, name: str) -> bool:
    """Tell whether a package has a name of its own that comes before its module of that name."""
    if package in sys.modules:
        return name in namespace_of(sys.modules[package])
    try:
        with open(source_of(registry, package) or "", encoding="utf-8", errors="replace") as file:
            return bool(name) and name in file.read()
    except OSError:
        return False


def _is_there(registry: "_registries.Registry", imported: str) -> bool:
    """Tell whether a module is loaded, or will be for something else that is taken from it."""
    from deferred_imports._finding import find_spec

    if imported == registry.package or imported in sys.modules:
        return True
    if all(imported != target.partition(":")[0] for entry in registry.entries for target in entry.targets):
        return False
    spec = find_spec(imported)
    return spec is None or spec.submodule_search_locations is None


def _file_of(registry: "_registries.Registry") -> str:
    return str(namespace_of(registry.module).get("__file__") or "")
