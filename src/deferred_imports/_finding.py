"""Run time: finds modules without executing anything, not even the packages that they are in.

``importlib.util.find_spec("a.b")`` imports ``a``. Here each finder of ``sys.meta_path`` is asked for one name after the
other with the search path that the parent's spec gives (importlib's finder protocol, PEP 451 and PEP 420).
"""

import sys
from _frozen_importlib_external import PathFinder

from deferred_imports._entries import PROTOCOL

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name; typeguard knows a generator by this one, where it is not quoted
    from _collections_abc import Iterator

    from deferred_imports import _named

    abc, machinery, pkgutil, types, typing = _named(
        "collections.abc", "importlib.machinery", "pkgutil", "types", "typing"
    )
if TYPE_CHECKING:
    import pkgutil
    import types
    import typing
    from collections import abc
    from collections.abc import Iterator
    from importlib import machinery

_ModuleSpec = type(sys.__spec__)  # importing importlib.machinery would cost more than this whole module


def is_searchable(place: str) -> bool:
    """Tell whether an entry of ``sys.path`` is a directory or an archive: whoever opens a pipe may wait for ever."""
    import os

    return os.path.isdir(place or ".") or os.path.isfile(place)


class Known:
    """What one caller has found: who asks for many modules need not have each of their packages read for each.

    Attributes:
        specs: The specs that were found, or None, by name.
        finders: The finders by place on the path; the import system's own cache is not ours to fill.
        unsure: The names that were not found, and may be there all the same: only importing would tell.
    """

    __slots__ = ("finders", "specs", "unsure")

    def __init__(self) -> None:
        self.specs: dict[str, machinery.ModuleSpec | None] = {}
        self.finders: dict[str, typing.Any] = {}
        self.unsure: set[str] = set()


def find_spec(name: str, known: "Known | None" = None) -> "machinery.ModuleSpec | None":
    """Return the spec that importing a module would use, or None when there is none; execute nothing.

    Args:
        name: The absolute name of the module.
        known: What the caller has found before; it becomes more.
    """
    known = known or Known()
    path: abc.Sequence[str] | None = None
    spec: machinery.ModuleSpec | None = None
    prefix = ""
    for part in name.split("."):
        parent, prefix = prefix, f"{prefix}.{part}".lstrip(".")
        if parent and path is None:
            return _in_no_package(name, parent, known)
        if prefix in sys.modules:
            module = sys.modules.get(prefix)
            if module is None:  # that forbids the import
                return None
            spec, path = _spec_of(prefix, module), _attribute(module, "__path__")
        else:
            if prefix not in known.specs:
                known.specs[prefix] = _ask_finders(prefix, path, known)
            spec = known.specs[prefix]
            if spec is None:
                if prefix in known.unsure or (parent and _changes_its_path(parent, known)):
                    known.unsure.add(name)
                return None
            path = spec.submodule_search_locations
    return spec


def _in_no_package(name: str, parent: str, known: Known) -> "machinery.ModuleSpec | None":
    """Return the spec of what is below a module that is no package: it may have put that into ``sys.modules``."""
    if sys.modules.get(name) is not None:  # as os does with os.path
        return _spec_of(name, sys.modules[name])
    if parent not in sys.modules:  # as six does with six.moves, once it is executed
        known.unsure.add(name)
    return None


def _changes_its_path(package: str, known: Known) -> bool:
    """Tell whether a package that is not loaded says itself where its modules are (``pkgutil.extend_path``)."""
    spec = known.specs.get(package)
    code = None if package in sys.modules else code_of(spec)
    return code is not None and "__path__" in code.co_names


def find_registry(package: str) -> "tuple[machinery.ModuleSpec, types.CodeType] | None":
    """Return the spec and the code of the registry that a package ships, or None when it ships none; execute nothing.

    Args:
        package: The absolute name of the package.
    """
    known = Known()
    found = _registry_in(package, ("_deferred",), known)
    if found is None:  # the table may give it another name
        parent = find_spec(package, known)
        places = [*(parent.submodule_search_locations or ())] if parent is not None else []
        found = _registry_in(package, _modules_in(places), known)
    return found


def find_registries_below(package: str) -> Iterator["tuple[machinery.ModuleSpec, types.CodeType]"]:
    """Yield what `find_registry` returns for the packages within a package, where registries have the usual name.

    Links are not followed. Directories that are no packages are looked into, but not what lies deeper in them: that may
    be any amount of data. Only in a namespace (PEP 420) packages can lie deeper.
    """
    known = Known()
    spec = find_spec(package, known)
    if spec is not None:
        for name, found in _packages_below(package, spec, known):
            registry = _registry_in(name, ("_deferred",), known) if _has_registry(found) else None
            if registry is not None:
                yield registry


def _packages_below(
    package: str, spec: "machinery.ModuleSpec", known: Known, namespaces: int = 99
) -> Iterator["tuple[str, machinery.ModuleSpec]"]:
    """Yield the name and the spec of each package in a package; below so many namespaces that follow one another."""
    if spec.origin is not None:
        namespaces = 1
    for child in sorted({*_packages_in([*(spec.submodule_search_locations or ())])}):
        name = f"{package}.{child}"
        found = find_spec(name, known)
        if found is not None and (namespaces or found.origin is not None):
            yield name, found
            yield from _packages_below(name, found, known, namespaces - 1)


def _has_registry(spec: "machinery.ModuleSpec") -> bool:
    """Tell whether a package may have a registry of the usual name, without a finder, which might look at all of it."""
    places = [*(spec.submodule_search_locations or ())]
    files = [file for place in places for file in _files_in(place) or ("_deferred",)]  # an archive may have it
    return any(file.partition(".")[0] == "_deferred" for file in files)


def code_of(spec: "machinery.ModuleSpec | None") -> "types.CodeType | None":
    """Return the code of a module, from where its spec says; it is not executed."""
    try:
        code: types.CodeType | None = spec.loader.get_code(spec.name)  # type: ignore[union-attr]  # what it is not, is caught
    except Exception:  # noqa: BLE001 - no such method, a file that may not be read, what is no Python: nothing to see
        return None
    return code


def _registry_in(
    package: str, names: "abc.Iterable[str]", known: Known
) -> "tuple[machinery.ModuleSpec, types.CodeType] | None":
    for name in names:
        spec = find_spec(f"{package}.{name}", known)
        code = code_of(spec)
        if spec is not None and code is not None and PROTOCOL in code.co_names:  # somebody's own is nothing to execute
            return spec, code
    return None


def _modules_in(places: "abc.Sequence[str]") -> Iterator[str]:
    """Yield the names of modules that may be a generated registry: by their first line, or where there is none, all."""
    import os

    for place in places:
        for file in _files_in(place):
            if file.endswith(".py"):
                try:
                    with open(os.path.join(place, file), "rb") as source:
                        is_ours = source.readline().startswith(b"# Generated by deferred-imports")
                except OSError:  # a link that leads nowhere, a directory, a file that may not be read
                    continue
                if is_ours:
                    yield file[: -len(".py")]
            elif file.endswith(".pyc"):
                yield file[: -len(".pyc")]
        if not os.path.isdir(place):  # an archive
            yield from [module.name for module in _in_archive(place) if not module.ispkg]


def _packages_in(places: "abc.Sequence[str]") -> Iterator[str]:
    import os

    for place in places:
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if (
                        entry.name.isidentifier()
                        and entry.name != "__pycache__"
                        and entry.is_dir(follow_symlinks=False)
                    ):
                        yield entry.name
        except OSError:  # an archive, or a directory that may not be read
            yield from [module.name for module in _in_archive(place) if module.ispkg]


def _in_archive(place: str) -> "abc.Iterable[pkgutil.ModuleInfo]":
    import pkgutil

    return pkgutil.iter_modules([place])


def _files_in(place: str) -> "list[str]":
    import os

    try:
        return sorted(os.listdir(place))
    except OSError:
        return []


def _spec_of(name: str, module: "types.ModuleType") -> "machinery.ModuleSpec":
    return _attribute(module, "__spec__") or _ModuleSpec(name, None)


def _attribute(module: "types.ModuleType", name: str) -> "typing.Any":
    """Return an attribute of a module that must not load itself because of that."""
    try:
        return object.__getattribute__(module, name)
    except AttributeError:
        return None


def _ask_finders(name: str, path: "abc.Sequence[str] | None", known: Known) -> "machinery.ModuleSpec | None":
    for finder in sys.meta_path.copy():
        spec = None
        if finder is PathFinder:
            spec = _find_on_path(name, sys.path if path is None else path, known)
        else:
            try:
                spec = finder.find_spec(name, path)
            except Exception:  # noqa: BLE001 - other people's finders; one that is of before PEP 451, too
                known.unsure.add(name)
        if spec is not None:
            return spec
    return None


def _find_on_path(name: str, path: "abc.Iterable[str]", known: Known) -> "machinery.ModuleSpec | None":
    """Do what ``PathFinder`` does, but for namespace packages whose parent is not imported, too."""
    portions: list[str] = []
    for place in path:
        finder = _finder_for(place, known)
        spec: machinery.ModuleSpec | None = None if finder is None else finder.find_spec(name)
        if spec is None:
            continue
        if spec.loader is not None:
            return spec
        portions += spec.submodule_search_locations or []
    if not portions:
        return None
    spec = _ModuleSpec(name, None)
    spec.submodule_search_locations = portions
    return spec


def _finder_for(place: object, known: Known) -> "typing.Any":
    """Return the finder for a place on the path, from the cache that the import system shares or made anew."""
    if not isinstance(place, str):
        return None
    if place == "":
        import os

        try:
            place = os.getcwd()
        except OSError:
            return None
    if place in sys.path_importer_cache:
        return sys.path_importer_cache[place]
    if place not in known.finders:
        known.finders[place] = _make_finder(place)
    return known.finders[place]


def _make_finder(place: str) -> "typing.Any":
    for hook in sys.path_hooks:
        try:
            return hook(place)
        except ImportError:
            continue
    return None
