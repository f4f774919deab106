"""Run time: resolves registries as soon as their package has been imported.

Not at the declaration: there the package is half imported, and a deferred module that imports its own package would
fail. A registry is resolved when the outermost module of its package that this thread is importing has been executed,
which is before that ``import`` statement returns.
"""

import sys

from deferred_imports._cpython import (
    call_when_executed,
    executing_namespaces,
    executing_specs,
    half_made,
    missing_features,
)
from deferred_imports._entries import is_unfinished, is_within, namespace_of
from deferred_imports._reports import failed
from deferred_imports._resolution import find_natives, resolve_entries
from deferred_imports._selection import tell_what_is_new

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, machinery, _entries, _registries = _named(
        "collections.abc", "importlib.machinery", "deferred_imports._entries", "deferred_imports._registries"
    )
if TYPE_CHECKING:
    from collections import abc
    from importlib import machinery

    from deferred_imports import _entries, _registries


def resolve_when_imported(registries: "list[_registries.Registry]") -> None:
    """Resolve each registry now, or when what this thread is importing of its package has been imported."""
    if _is_blind():
        return
    now = []
    importing = list(executing_specs())
    for registry in registries:
        item = _Waiting(registry, registry.module.__name__)
        outermost = _outermost(registry, importing)
        if outermost is None:
            now.append(item)
        else:
            _when_imported(outermost, item)
    _resolve_now(now)


def resolve_once_imported(registry: "_registries.Registry") -> bool:
    """Resolve a registry again when what this thread is importing of its package has been imported.

    Returns:
        Whether this thread is importing any of it; otherwise this has no effect.
    """
    outermost = None if _is_blind() else _outermost(registry, executing_specs())
    if outermost is None:
        return False
    if all(item.registry is not registry for item in outermost.__dict__.get("_waiting", ())):
        _when_imported(outermost, _Waiting(registry))
    return True


class _Waiting:
    """A registry that is to be resolved when a module has been imported.

    Attributes:
        registry: The registry.
        modules: The names of modules that have to be imported anew should it fail; those that it waits for join them.
    """

    __slots__ = ("modules", "registry")

    def __init__(self, registry: "_registries.Registry", *modules: str) -> None:
        self.registry = registry
        self.modules = [*modules]


def _outermost(
    registry: "_registries.Registry", importing: "abc.Iterable[machinery.ModuleSpec]"
) -> "machinery.ModuleSpec | None":
    """Return the last of the modules that this thread is importing that has to do with a registry's package."""
    outermost = None
    for spec in importing:
        if is_within(spec.name, registry.package) or is_within(registry.package, spec.name):
            outermost = spec
    return outermost


_checked: "list[str]" = []


def _is_blind() -> bool:
    """Tell whether this Python does not show what it is importing; the first time, warn of it.

    Then everything stays deferred: resolved too early, modules that import their own package would fail.
    """
    if not _checked:
        missing = missing_features()
        _checked.append(" and ".join(missing))
        if missing:
            import warnings

            text = (
                f"this Python has no {_checked[0]}, so that nothing tells when a package has been imported: eager "
                "packages stay deferred; upgrade deferred-imports, or call resolve_now() when the program has started"
            )
            warnings.warn(text, RuntimeWarning, stacklevel=3)
    return bool(_checked[0])


def _when_imported(spec: "machinery.ModuleSpec", item: _Waiting) -> None:
    """Resolve a registry when a module has been imported."""
    item.modules.append(spec.name)
    if "_waiting" in spec.__dict__:
        spec.__dict__["_waiting"].append(item)
        return
    spec.__dict__["_waiting"] = [item]
    call_when_executed(spec, lambda: _executed(spec.name, spec.__dict__.pop("_waiting")))


def _executed(name: str, waiting: "list[_Waiting]") -> None:
    """Resolve what has waited for a module, unless its import has failed; a failure here fails that import."""
    done = False
    try:
        if name in sys.modules:
            parent, _, child = name.rpartition(".")
            if parent in sys.modules:  # the import system does that in a moment, but deferred modules look for it now
                setattr(sys.modules[parent], child, sys.modules[name])
            _resolve_now(waiting)
            done = True
    finally:
        if not done:
            for item in waiting:
                for module in item.modules:
                    _forget(module)


def _forget(name: str) -> None:
    """Let the next import of a module execute it."""
    module = sys.modules.pop(name, None)
    parent, _, child = name.rpartition(".")
    namespace = namespace_of(sys.modules.get(parent))
    if module is not None and namespace.get(child) is module:
        del namespace[child]


def _resolve_now(waiting: "list[_Waiting]") -> None:
    """Resolve registries, or raise an error that lists what has failed.

    A failure that comes from a module further out, which is not complete yet, is no failure: it is tried again when the
    outermost module that this thread is importing has been imported. Where another thread is importing that module, it
    stays pending.
    """
    natives = find_natives(True)
    tell_what_is_new([item.registry for item in waiting])

    def entries() -> "list[_entries.DeferredImport]":
        found = [entry for item in waiting for entry in item.registry.eager_entries()]
        if natives is not None:
            registries = [item.registry for item in waiting]
            found += [
                native
                for native in natives(registries, found, None)
                if not any(registry.stays_deferred(native.targets[0].partition(":")[0]) for registry in registries)
            ]
        return found

    resolution = resolve_entries(entries)
    try:
        early = False
        for items in (resolution.missing, resolution.broken):
            failures = [item for item in items if not _is_early(item.error)]
            early |= len(failures) < len(items)
            items[:] = failures
        if resolution.failures:
            raise failed(resolution)
        if early:
            for spec in list(executing_specs())[-1:]:
                for item in waiting:
                    _when_imported(spec, item)
    finally:
        del resolution  # the tracebacks in it lead to this frame: together they would outlive their use


def _is_early(error: "BaseException | None") -> bool:
    """Tell whether an import has failed because it met a module that is being executed, in this thread or another."""
    cause = half_made(error)
    if type(cause).__name__ == "_DeadlockError":
        return True
    # A loader that is called by itself tells nobody that it executes a module: then the stack does.
    here = [id(namespace) for namespace in executing_namespaces()]
    for _ in range(9):  # the chain of causes may be a ring
        module = _module_of(error)
        namespace = namespace_of(module)
        if module is not None and (is_unfinished(namespace) or id(namespace) in here):
            return True
        error = error and (error.__cause__ or error.__context__)
    return False


def _module_of(error: "BaseException | None") -> object:
    """Return the module that an import has found to lack something, or None."""
    if isinstance(error, ImportError):
        return sys.modules.get(error.name or "")
    return getattr(error, "obj", None) if isinstance(error, AttributeError) else None
