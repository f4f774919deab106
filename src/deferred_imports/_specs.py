"""Run time: imports a module from a spec that has been found before, as the import system would."""

import sys
from _thread import allocate_lock, get_ident

from deferred_imports._entries import namespace_of

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    machinery, types, typing = _named("importlib.machinery", "types", "typing")
if TYPE_CHECKING:
    import types
    import typing
    from importlib import machinery


class ModuleSpecConflictError(ImportError):
    """A module is loaded, but from another spec than the one to import it from.

    Attributes:
        name: The module's absolute name.
        path: Where the loaded module came from, if its spec tells.
        spec: The spec to import from.
        loaded: The spec of the module that is loaded.
    """

    def __init__(self, spec: "machinery.ModuleSpec", loaded: "machinery.ModuleSpec") -> None:
        super().__init__(
            f"{spec.name} was to be imported from {_place(spec)}, but is already loaded from {_place(loaded)}",
            name=spec.name,
            path=loaded.origin,
        )
        self.spec = spec
        self.loaded = loaded

    def __reduce__(self) -> "tuple[type[ModuleSpecConflictError], tuple[machinery.ModuleSpec, machinery.ModuleSpec]]":
        return type(self), (self.spec, self.loaded)  # a process pool sends errors home


def import_module_from_spec(spec: "machinery.ModuleSpec") -> "types.ModuleType":
    """Import a module as ``importlib.import_module`` does, but from a spec that has been found before.

    ``sys.modules`` decides whether there is anything to load, the import system's locks see to it that each module is
    executed once, its packages are imported before it, and the module is bound in the package that it is in.

    Args:
        spec: The module's spec (PEP 451). That of a namespace package (PEP 420) is found anew, by its name.

    Returns:
        What stands in ``sys.modules`` under the spec's name; a module may have put something else in its place.

    Raises:
        ModuleSpecConflictError: when a module of that name is loaded that came from another spec: one with another
            origin or, where neither has one, no search location in common or another kind of loader. What stands there
            under a spec of another name, or without one, was put there on purpose and is no conflict.
        ImportError: whatever importing it raises.
    """
    name = spec.name
    module = import_by_name(name) if spec.loader is None or name in sys.modules else _load(spec)
    loaded: typing.Any = namespace_of(module).get("__spec__")
    if _is_another(loaded, spec):
        raise ModuleSpecConflictError(spec, loaded)
    return module


def import_by_name(name: str) -> "types.ModuleType":
    """Import a module as ``importlib.import_module`` does."""
    for _ in range(99):
        module = __import__(name, None, None, ("__name__",))
        if sys.modules.get(name) is module:  # up to 3.13, a thread that waits for an import that fails gets its remains
            return module
    return __import__(name, None, None, ("__name__",))  # sys.modules never agrees: somebody has replaced it


_swapping = allocate_lock()


class _Finder:
    """Finds one module, for the thread that has made it, by the spec that it was given (PEP 451)."""

    def __init__(self, spec: "machinery.ModuleSpec") -> None:
        self._spec = spec
        self._thread = get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> "machinery.ModuleSpec | None":
        return self._spec if name == self._spec.name and get_ident() == self._thread else None


def _load(spec: "machinery.ModuleSpec") -> "types.ModuleType":
    """Do what the import system does for a name that is not in ``sys.modules``, but with the spec given."""
    finder: typing.Any = _Finder(spec)
    # Lists of their own: another thread that is going through the one that is there skips and repeats none.
    with _swapping:
        sys.meta_path = [finder, *sys.meta_path]
    try:
        return import_by_name(spec.name)
    finally:
        with _swapping:
            sys.meta_path = [other for other in sys.meta_path if other is not finder]


def _is_another(loaded: "typing.Any", spec: "machinery.ModuleSpec") -> bool:
    if loaded is spec or getattr(loaded, "name", None) != spec.name:
        return False
    if loaded.origin is not None or spec.origin is not None:
        return bool(loaded.origin != spec.origin)
    # No origin: namespace packages, and loaders that make modules up.
    if loaded.submodule_search_locations is not None and spec.submodule_search_locations is not None:
        return not {*loaded.submodule_search_locations} & {*spec.submodule_search_locations}
    return type(loaded.loader) is not type(spec.loader)


def _place(spec: "machinery.ModuleSpec") -> str:
    if spec.origin is not None:
        return spec.origin
    places = [*(spec.submodule_search_locations or ())]
    return " and ".join(places) if places else f"a {type(spec.loader).__name__}"
