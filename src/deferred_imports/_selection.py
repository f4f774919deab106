"""Run time: selects entries by package, group and importer, and reads registries that have not been imported."""

import sys

from deferred_imports._entries import is_frozen, is_within, namespace_of
from deferred_imports._registries import (
    Registry,
    UnreadableRegistryError,
    declared,
    find_registries,
    known_packages,
    read_registry,
    read_unloaded,
    warn_of,
)

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name; typeguard knows a generator by this one, where it is not quoted
    from _collections_abc import Iterator

    from deferred_imports import _named

    abc, machinery, types, _entries = _named(
        "collections.abc", "importlib.machinery", "types", "deferred_imports._entries"
    )
if TYPE_CHECKING:
    import types
    from collections import abc
    from collections.abc import Iterator
    from importlib import machinery

    from deferred_imports import _entries


def select(
    packages: "tuple[str, ...]",
    group: "str | None" = None,
    importer: "str | None" = None,
    read: "abc.Callable[[machinery.ModuleSpec, types.CodeType], Registry] | None" = None,
    natives: "abc.Callable[..., abc.Iterable[_entries.DeferredImport]] | None" = None,
) -> "list[_entries.DeferredImport]":
    """Return the entries that all selectors name; without any, all entries of all registries.

    Args:
        packages: Import packages, each with all below it.
        group: What the table puts into this group.
        importer: What this module uses, and the modules of its package that it imports.
        read: Reads the registry of a package whose registry is not loaded; by default it is imported. Those of packages
            below it are only read: they are imported when an entry of theirs is resolved.
        natives: Returns what the packages, or the importer, import natively in addition: from the registries that are
            selected, their entries, and the modules that an importer reaches, if one is named.

    Raises:
        LookupError: when a selector matches nothing; it lists the known ones.
        UnreadableRegistryError: when the registry of a package that is named cannot be read.
        ValueError: when a package is no name.
    """
    importer = _true_name(importer)
    registries = _select_registries(packages, importer, read or load_registry)
    entries = [entry for registry in registries for entry in registry.entries]
    if group is not None:
        entries = _in_group(group, entries)
    reached = None
    if importer is not None:
        reached, since = _reached(importer, registries)
        entries = _used_in(reached, registries, entries, since)
    elif group is None:
        tell_what_is_new(registries)
    if natives is not None:
        entries += natives(registries, entries, reached)
    return entries


def _select_registries(
    packages: "tuple[str, ...]",
    importer: "str | None",
    read: "abc.Callable[[machinery.ModuleSpec, types.CodeType], Registry]",
) -> "list[Registry]":
    """Return the registries of packages, or those that are loaded and that of the package that an importer is in."""
    if not packages:
        registries = find_registries()
        return registries if importer is None else [*registries, *_of_importer(importer, registries, read)]
    check_names(packages)
    return _of_packages(packages, find_registries(packages), read)


def check_names(packages: "tuple[str, ...]") -> None:
    """Raise ``ValueError`` for what cannot be the name of a package."""
    for package in packages:
        if not isinstance(package, str):
            raise ValueError(f"package: expected the name of an import package, got {package!r}")  # noqa: TRY004 - as
            # for every other argument that is not what it may be


def _true_name(importer: "str | None") -> "str | None":
    """Return the name of a module by which the table knows it: what ``python -m`` runs is called ``__main__``."""
    if importer != "__main__":
        return importer
    spec = namespace_of(sys.modules.get("__main__")).get("__spec__")
    name: str = getattr(spec, "name", importer)
    return name


def _in_group(group: str, entries: "list[_entries.DeferredImport]") -> "list[_entries.DeferredImport]":
    known = {word for entry in entries for word in entry.groups}
    if group not in known:
        raise _nothing("group", group, known)
    return [entry for entry in entries if group in entry.groups]


def _used_in(
    modules: "set[str]",
    registries: "list[Registry]",
    entries: "list[_entries.DeferredImport]",
    since: "set[tuple[str, str]]",
) -> "list[_entries.DeferredImport]":
    """Return the entries that modules use, those among them that they use since their registry was made."""
    wanted = {
        (registry.module.__name__, key)
        for registry in registries
        for module in modules.intersection(registry.uses)
        for key in registry.uses[module]
    } | since
    return [entry for entry in entries if (entry.registry, entry.key) in wanted]


def tell_what_is_new(registries: "list[Registry]") -> None:
    """Warn of what registries in a source tree lack, since they are older than the sources beside them."""
    for registry in registries:
        if registry.discovers:
            from deferred_imports._trees import tell_what_is_new

            tell_what_is_new(registry)


def load_registry(spec: "machinery.ModuleSpec", _: "types.CodeType") -> Registry:
    """Import a registry, where nothing has done so: all imports of its package were found inside functions, say."""
    name = spec.name
    __import__(name)
    return read_registry(name, sys.modules[name], namespace_of(sys.modules[name]))


def peek_registry(spec: "machinery.ModuleSpec", code: "types.CodeType") -> Registry:
    """Read a registry from its file, and import nothing."""
    module = type(sys)(spec.name)
    module.__package__, module.__file__, module.__spec__ = spec.parent, spec.origin, spec
    return read_unloaded(module, code)


def _of_packages(
    packages: "tuple[str, ...]",
    registries: "list[Registry]",
    read: "abc.Callable[[machinery.ModuleSpec, types.CodeType], Registry]",
) -> "list[Registry]":
    """Return the registries of packages and of all below them, each once."""
    chosen: dict[int, Registry] = {}
    for package in packages:
        matching = [registry for registry in registries if is_within(registry.package, package)]
        if not any(registry.package == package and registry is not declared.get(package) for registry in matching):
            matching += _registry_of(package, read)
        matching += _unloaded_below(package)
        if not matching:
            raise no_registry(package)
        chosen.update((id(registry), registry) for registry in matching)
    return list(chosen.values())


def _registry_of(
    package: str, read: "abc.Callable[[machinery.ModuleSpec, types.CodeType], Registry]"
) -> "list[Registry]":
    """Return the registry of a package; where that is compiled, nobody can read it, and importing it has to do."""
    from deferred_imports._finding import find_registry, find_spec

    found = find_registry(package)
    if found is not None:
        return [read(*found)]
    if read is not load_registry or not _is_compiled(package):
        return []
    __import__(package)
    if find_spec(f"{package}._deferred") is not None:  # one of another name shows itself only if the package imports it
        __import__(f"{package}._deferred")
    return [registry for registry in find_registries((package,)) if registry.package == package and registry.data]


def _is_compiled(package: str) -> bool:
    """Tell whether a package is one of a frozen program in which no code of it can be read, as Nuitka makes them."""
    from deferred_imports._finding import code_of, find_spec

    spec = find_spec(package) if is_frozen() else None
    return spec is not None and spec.submodule_search_locations is not None and code_of(spec) is None


def _unloaded_below(package: str) -> Iterator["Registry"]:
    """Yield the registries of packages within a package that nothing has imported yet."""
    from deferred_imports._finding import find_registries_below

    for spec, code in find_registries_below(package):
        if spec.name not in sys.modules:
            try:
                yield peek_registry(spec, code)
            except UnreadableRegistryError as error:
                warn_of(error)


def _of_importer(
    importer: str,
    registries: "list[Registry]",
    read: "abc.Callable[[machinery.ModuleSpec, types.CodeType], Registry]",
) -> "abc.Iterable[Registry]":
    """Return the registry of the package that a module is in, unless it is loaded."""
    if not any(is_within(importer, registry.package) for registry in registries if registry.data):
        parts = importer.split(".")
        for end in range(len(parts), 0, -1):
            found = _registry_of(".".join(parts[:end]), read)
            if found:
                return found
    return ()


def _reached(importer: str, registries: "list[Registry]") -> "tuple[set[str], set[tuple[str, str]]]":
    """Return a module, the modules of its package that it imports, those that they import, and so on.

    In a source tree also which entries they use since the registry was made.
    """
    from deferred_imports._trees import found_since, is_in_tree, source_of

    known = {module for registry in registries for module in (*registry.uses, *registry.graph)}
    trees = [registry for registry in registries if is_in_tree(registry)]
    if importer not in known and not any(source_of(registry, importer) for registry in trees):
        raise _nothing("importer", importer, known)
    since: set[tuple[str, str]] = set()
    graphs = [registry.graph for registry in registries if registry.graph]
    reached: set[str] = set()
    waiting = {importer}
    while waiting:
        module = waiting.pop()
        reached.add(module)
        # What has been declared at run time is on the map of the package's registry, too.
        waiting.update(other for graph in graphs for other in graph.get(module, ()) if other not in reached)
        for registry in trees:
            keys, modules = found_since(registry, module)
            since.update((registry.module.__name__, key) for key in keys)
            waiting.update(modules - reached)
    return reached, since


def no_registry(package: str) -> LookupError:
    """Return the error for a package without a registry, which tells whether there is such a package."""
    from deferred_imports._finding import find_spec

    known = known_packages()
    if find_spec(package) is None:
        return _nothing("package", package, {*known}, meant_by(package))
    error = _nothing("package", package, {*known})
    if _is_compiled(package):
        text = "which is compiled: it tells what it defers once it has been imported"
        return LookupError(f"{str(error).partition(';')[0]}, {text}")
    why = "it defers nothing, it was built without hooks (HATCH_BUILD_NO_HOOKS=1), or the file has been deleted"
    remedy = 'install it again, or run "deferred-imports generate" in its source tree'
    return LookupError(f"{str(error).partition(';')[0]}, which has no registry: {why}; {remedy}")


def meant_by(name: str) -> "str | None":
    """Return the package that the name of a distribution stands for, or None when that is unknown."""
    from deferred_imports._finding import find_spec

    normal = name.replace("-", "_").replace(".", "_").lower()
    for package, project in known_packages().items():
        if normal == project.replace("-", "_").replace(".", "_").lower():
            return package
    candidates = [name.replace("-", "_"), name.replace("-", "."), normal]
    found = next((found for found in candidates if found != name and _is_name(found) and find_spec(found)), None)
    return found or _recorded_by(name)


def _recorded_by(name: str) -> "str | None":
    """Return the package of an installed distribution that defers imports, as its dist-info records it."""
    import json
    from importlib import metadata

    from deferred_imports._cpython import place_of
    from deferred_imports._finding import is_searchable

    record = "deferred-imports.json"
    try:
        found = next(iter(metadata.distributions(name=name, path=[*filter(is_searchable, sys.path)])))
        place = place_of(found)
        text = found.read_text(record) if place is None or (place / record).is_file() else None
        package: str = json.loads(text or "")["package"]
    except Exception:  # noqa: BLE001 - not installed, or without such a record: then nothing is known
        return None
    return package


def _is_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _nothing(selector: str, word: str, known: "set[str]", meant: "str | None" = None) -> LookupError:
    """Return the error for a selector that matches nothing."""
    if not known and meant is None:
        return LookupError(f'{selector}: expected one with deferred imports, got "{word}"; there is none')
    there = ", ".join(f'"{name}"' for name in sorted(known)) or "one with deferred imports"
    if meant is None:
        from difflib import get_close_matches

        meant = next(iter(get_close_matches(word, sorted(known), 1)), None)
    near = "" if meant is None else f'; did you mean "{meant}"?'
    return LookupError(f'{selector}: expected {"one of " if len(known) > 1 else ""}{there}, got "{word}"{near}')
