"""Run time: resolves registries as soon as their package has been imported.

Not at the declaration: there the package is half imported, and a deferred module that imports its own package would
fail. A registry is resolved when the outermost module of its package that this thread is importing has been executed,
which is before that ``import`` statement returns.
"""

import sys
from _thread import get_ident

from deferred_imports._registries import is_within, namespace_of
from deferred_imports._resolution import failed, find_natives, resolve_entries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.machinery import ModuleSpec
    from types import FrameType
    from typing import Any

    from deferred_imports._registries import DeferredImport, Registry


def resolve_when_imported(registries: "list[Registry]") -> None:
    """Resolve each registry now, or when what this thread is importing of its package has been imported."""
    now = []
    importing = list(_importing())
    for registry in registries:
        item = _Waiting(registry, registry.module.__name__)
        outermost = _outermost(registry, importing)
        if outermost is None:
            now.append(item)
        else:
            _when_imported(outermost, item)
    _resolve_now(now)


def resolve_once_imported(registry: "Registry") -> bool:
    """Resolve a registry again when what this thread is importing of its package has been imported.

    Returns:
        Whether this thread is importing any of it; otherwise this has no effect.
    """
    outermost = _outermost(registry, _importing())
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

    def __init__(self, registry: "Registry", *modules: str) -> None:
        self.registry = registry
        self.modules = [*modules]


def _outermost(registry: "Registry", importing: "Iterable[ModuleSpec]") -> "ModuleSpec | None":
    """Return the last of the modules that this thread is importing that has to do with a registry's package."""
    outermost = None
    for spec in importing:
        if is_within(spec.name, registry.package) or is_within(registry.package, spec.name):
            outermost = spec
    return outermost


def _importing() -> "Iterator[ModuleSpec]":
    """Yield the specs of the modules that this thread is importing and has not executed, the innermost first."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no other way to the stack
    while frame is not None:
        # Every loader, those of compiled modules included, is run from this function of the import system.
        if frame.f_code.co_name == "_load_unlocked" and _is_unfinished(frame.f_locals.get("spec")):
            yield frame.f_locals["spec"]
        frame = frame.f_back


def _is_unfinished(spec: object) -> bool:
    """Tell whether a module is being executed, or whether another thread is resolving what has waited for it."""
    return bool(getattr(spec, "_initializing", False))


def _when_imported(spec: "ModuleSpec", item: _Waiting) -> None:
    """Resolve a registry when a module has been imported: when the import system clears the spec's ``_initializing``.

    That is the last thing that it does before the import returns, while it still holds the module's lock.
    """
    item.modules.append(spec.name)
    if "_waiting" in spec.__dict__:
        spec.__dict__["_waiting"].append(item)
        return
    original = type(spec)

    def is_initializing(self: "Any") -> bool:
        # To other threads it is as long as this one resolves: so they wait for the module's lock.
        return bool(self._resolving != get_ident())

    def clear(self: "Any", value: bool) -> None:
        self._resolving = get_ident()
        try:
            _executed(self.name, self._waiting)
        finally:
            del self._resolving, self._waiting
            self.__class__ = original
            self._initializing = value

    spec.__dict__.update(_waiting=[item], _resolving=None)
    spec.__class__ = type(original.__name__, (original,), {"_initializing": property(is_initializing, clear)})


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
    natives = find_natives(None)

    def entries() -> "list[DeferredImport]":
        found = [entry for item in waiting for entry in item.registry.entries]
        if natives is not None:
            found += natives([item.registry for item in waiting], found, None)
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
            for spec in list(_importing())[-1:]:
                for item in waiting:
                    _when_imported(spec, item)
    finally:
        del resolution  # the tracebacks in it lead to this frame: together they would outlive their use


def _is_early(error: "BaseException | None") -> bool:
    """Tell whether an import has failed because it met a module that is being imported."""
    for _ in range(9):  # a chain of causes may be a ring
        if isinstance(error, ImportError):
            module = sys.modules.get(error.name or "")
        else:
            module = getattr(error, "obj", None) if isinstance(error, AttributeError) else None
        if _is_unfinished(namespace_of(module).get("__spec__")) or type(error).__name__ == "_DeadlockError":
            return True
        error = error and (error.__cause__ or error.__context__)
    return False
