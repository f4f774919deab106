"""Run time: selects entries by package, group and importer, and gets at registries that nobody has imported."""

import sys

from deferred_imports._registries import Registry, declared, find_registries, is_within, namespace_of, read_registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deferred_imports._registries import DeferredImport

    # From the registries that are selected, their entries, and the modules that an importer reaches, if one is named.
    Natives = Callable[[list[Registry], list[DeferredImport], "set[str] | None"], Iterable[DeferredImport]]


def select(
    packages: "tuple[str, ...]",
    group: "str | None" = None,
    importer: "str | None" = None,
    read: "Callable[[str], Iterable[Registry]] | None" = None,
    natives: "Natives | None" = None,
) -> "list[DeferredImport]":
    """Return the entries that all selectors name; without any, all entries of all registries.

    Args:
        packages: Import packages, each with all below it.
        group: What the table puts into this group.
        importer: What this module uses, and the modules of its package that it imports.
        read: Reads the registry of a package whose registry is not loaded; by default it is imported.
        natives: Returns what the packages, or the importer, import natively in addition.

    Raises:
        LookupError: when a selector matches nothing; it lists what there is.
    """
    registries = find_registries()
    if packages:
        registries = _of_packages(packages, registries, read or load_registries)
    elif importer is not None:
        registries += _of_importer(importer, registries, read or load_registries)
    entries = [entry for registry in registries for entry in registry.entries]
    if group is not None:
        known = {word for entry in entries for word in entry.groups}
        if group not in known:
            raise _nothing("group", group, known)
        entries = [entry for entry in entries if group in entry.groups]
    reached = None
    if importer is not None:
        reached = _reached(importer, registries)
        wanted = {
            (registry.module.__name__, key)
            for registry in registries
            for module in reached.intersection(registry.uses)
            for key in registry.uses[module]
        }
        entries = [entry for entry in entries if (entry.registry, entry.key) in wanted]
    if natives is not None:
        entries += natives(registries, entries, reached)
    return entries


def load_registries(package: str) -> "list[Registry]":
    """Import the registry of a package that nobody has imported, as where all imports were found inside functions."""
    from deferred_imports._finding import find_registry

    found = find_registry(package)
    if found is None:
        return []
    name = found[0].name
    __import__(name)
    return [read_registry(name, sys.modules[name], namespace_of(sys.modules[name]))]


def peek_registries(package: str) -> "list[Registry]":
    """Read the registry of a package from its file; neither is imported."""
    from deferred_imports._finding import find_registry

    found = find_registry(package)
    if found is None:
        return []
    spec, code = found
    module = type(sys)(spec.name)
    module.__package__, module.__file__, module.__spec__ = package, spec.origin, spec
    exec(code, module.__dict__)  # noqa: S102 - data, and functions that nobody calls
    return [Registry(module, module.__dict__)]


def _of_packages(
    packages: "tuple[str, ...]", registries: "list[Registry]", read: "Callable[[str], Iterable[Registry]]"
) -> "list[Registry]":
    """Return the registries of packages and of all below them, each once."""
    chosen: dict[int, Registry] = {}
    for package in packages:
        matching = [registry for registry in registries if is_within(registry.package, package)]
        if not any(registry.package == package and registry is not declared.get(package) for registry in matching):
            matching += read(package)
        if not matching:
            raise _no_registry(package, {registry.package for registry in registries})
        chosen.update((id(registry), registry) for registry in matching)
    return list(chosen.values())


def _of_importer(
    importer: str, registries: "list[Registry]", read: "Callable[[str], Iterable[Registry]]"
) -> "Iterable[Registry]":
    """Return the registry of the package that a module is in, unless it is loaded."""
    if not any(is_within(importer, registry.package) for registry in registries if registry.data):
        parts = importer.split(".")
        for end in range(len(parts), 0, -1):
            found = read(".".join(parts[:end]))
            if found:
                return found
    return ()


def _reached(importer: str, registries: "list[Registry]") -> "set[str]":
    """Return a module, the modules of its package that it imports, those that they import, and so on."""
    known = {module for registry in registries for module in (*registry.uses, *registry.graph)}
    if importer not in known:
        raise _nothing("importer", importer, known)
    graphs = [registry.graph for registry in registries if registry.graph]
    reached: set[str] = set()
    waiting = {importer}
    while waiting:
        module = waiting.pop()
        reached.add(module)
        # What has been declared at run time is on the map of the package's registry, too.
        waiting.update(other for graph in graphs for other in graph.get(module, ()) if other not in reached)
    return reached


def _no_registry(package: str, known: "set[str]") -> LookupError:
    """Return the error for a package without a registry, which tells whether there is such a package."""
    from deferred_imports._finding import find_spec

    error = _nothing("package", package, known)
    if find_spec(package) is None:
        return error
    why = "it defers nothing, it was built without hooks (HATCH_BUILD_NO_HOOKS=1), or the file has been deleted"
    remedy = 'install it again, or run "deferred-imports generate" in its source tree'
    return LookupError(f"{str(error).partition('; did')[0]}, which has no registry: {why}; {remedy}")


def _nothing(selector: str, word: str, known: "set[str]") -> LookupError:
    """Return the error for a selector that matches nothing."""
    if not known:
        return LookupError(f'{selector}: expected one with deferred imports, of which there is none, got "{word}"')
    from difflib import get_close_matches

    there = ", ".join(f'"{name}"' for name in sorted(known))
    near = "".join(f'; did you mean "{name}"?' for name in get_close_matches(word, sorted(known), 1))
    return LookupError(f'{selector}: expected {"one of " if len(known) > 1 else ""}{there}, got "{word}"{near}')
