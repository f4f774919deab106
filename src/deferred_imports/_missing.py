"""Run time: reports what cannot be imported, before anything is."""

import sys

from deferred_imports._finding import find_spec
from deferred_imports._registries import Registry, find_registries, is_within, select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from deferred_imports._registries import DeferredImport


def find_missing(
    *packages: str, group: "str | None" = None, importer: "str | None" = None
) -> "tuple[DeferredImport, ...]":
    """Return the declared imports that are not there, without executing anything, parent packages included.

    A package that is not imported yet is looked for and its registry read all the same. What a module lacks, an
    attribute say, cannot be seen from outside.

    Args:
        packages: Import packages whose registries to look at; all that are loaded if there is none.
        group: Only what the table puts into this group.
        importer: Only what this module uses, and the modules of its package that it imports.

    Returns:
        The imports of which no candidate can be found, optional ones included: each tells that itself.

    Raises:
        LookupError: when a selector matches nothing.
    """
    entries = select(packages, group, importer, _registries_of)
    return tuple(entry for entry in entries if entry.applies and not _is_there(entry))


def _is_there(entry: "DeferredImport") -> bool:
    return any(find_spec(target.partition(":")[0]) is not None for target in entry.targets)


def _registries_of(package: str) -> "Iterable[Registry]":
    """Yield the registry of a package that is not imported: read from its file, the package left alone."""
    name = f"{package}._deferred"
    spec = find_spec(name)
    loader = getattr(spec, "loader", None)
    if spec is None or not hasattr(loader, "get_code"):
        return
    module = type(sys)(name)
    module.__package__, module.__file__, module.__spec__ = package, spec.origin, spec
    exec(loader.get_code(name), module.__dict__)
    if "__deferred_imports__" in module.__dict__:
        yield Registry(module, module.__dict__, module.__dict__["__deferred_imports__"])
