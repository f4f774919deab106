"""Run time: finds modules without executing anything, not even the packages that they are in.

``importlib.util.find_spec("a.b")`` imports ``a``. Here each finder of ``sys.meta_path`` is asked for one name after the
other with the search path that the parent's spec gives (importlib's finder protocol, PEP 451 and PEP 420).
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


def find_spec(name: str) -> "ModuleSpec | None":
    """Return the spec that importing a module would use, or None when there is none; execute nothing.

    Args:
        name: The absolute name of the module.
    """
    path: Sequence[str] | None = None
    spec: ModuleSpec | None = None
    parts = name.split(".")
    for index in range(len(parts)):
        prefix = ".".join(parts[: index + 1])
        module = sys.modules.get(prefix)
        if module is not None:
            spec = _spec_of(prefix, module)
            locations = _attribute(module, "__path__")
        elif prefix in sys.modules:  # None there forbids the import
            return None
        else:
            spec = _ask_finders(prefix, path)
            if spec is None:
                return None
            locations = spec.submodule_search_locations
        if locations is None and index + 1 < len(parts):
            # Not a package; but a module may have put another into sys.modules, as os does with os.path.
            return _spec_of(name, sys.modules[name]) if sys.modules.get(name) is not None else None
        # A list of our own: a namespace path that looks up its parent would fail as long as that is not imported.
        path = None if locations is None else list(locations)
    return spec


def _spec_of(name: str, module: "ModuleType") -> "ModuleSpec":
    spec: ModuleSpec | None = _attribute(module, "__spec__")
    return type(sys.__spec__)(name, None) if spec is None else spec  # type: ignore[arg-type]


def _attribute(module: "ModuleType", name: str) -> "Any":
    """Return an attribute of a module that must not load itself because of that."""
    try:
        return object.__getattribute__(module, name)
    except AttributeError:
        return None


def _ask_finders(name: str, path: "Sequence[str] | None") -> "ModuleSpec | None":
    for finder in sys.meta_path.copy():
        if getattr(finder, "__name__", "") == "PathFinder":
            spec = _find_on_path(name, sys.path if path is None else path)
        else:
            find = getattr(finder, "find_spec", None)
            spec = None if find is None else find(name, path)
        if spec is not None:
            return spec
    return None


def _find_on_path(name: str, path: "Iterable[str]") -> "ModuleSpec | None":
    """Do what ``importlib.machinery.PathFinder`` does, but for namespace packages whose parent is not imported."""
    portions: list[str] = []
    for place in path:
        finder = _finder_for(place)
        spec = None if finder is None else finder.find_spec(name)
        if spec is None:
            continue
        if spec.loader is not None:
            return spec  # type: ignore[no-any-return]
        portions += spec.submodule_search_locations or []
    if not portions:
        return None
    spec = type(sys.__spec__)(name, None)  # type: ignore[arg-type]
    spec.submodule_search_locations = portions
    return spec


def _finder_for(place: str) -> "Any":
    """Return the finder for a place on the path, from the cache that the import system shares or made anew."""
    if not isinstance(place, str):
        return None
    if place == "":
        import os

        try:
            place = os.getcwd()
        except OSError:
            return None
    if place not in sys.path_importer_cache:
        for hook in sys.path_hooks:
            try:
                return hook(place)
            except ImportError:
                continue
        return None
    return sys.path_importer_cache[place]
