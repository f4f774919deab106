"""Run time: reports what cannot be imported, before anything is."""

import sys

from deferred_imports._entries import DeferredImport
from deferred_imports._finding import Known, find_spec
from deferred_imports._selection import peek_registry, select

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, _registries = _named("collections.abc", "deferred_imports._registries")
if TYPE_CHECKING:
    from collections import abc

    from deferred_imports import _registries

    _Base = tuple[DeferredImport, ...]
else:
    _Base = tuple


class Missing(_Base):
    """The imports that are not there.

    Attributes:
        unsure: Those of which only importing would tell: what a module makes up when it is executed (``six.moves``),
            what lies in a package that says itself where its modules are, what a finder has failed on.
    """

    if TYPE_CHECKING:
        unsure: tuple[DeferredImport, ...]
    else:
        unsure = ()  # without an annotation: typeguard would take the class for a named tuple


def find_missing(*packages: str, group: "str | None" = None, importer: "str | None" = None) -> Missing:
    """Return the declared imports that are not there, without executing anything, parent packages included.

    A package that is not imported yet is looked for and its registry read all the same, and so are those of the
    packages below it. What a module lacks, an attribute say, cannot be seen from outside. On Python 3.15 the native
    lazy imports (PEP 810) of the modules that have been imported are among them, as `resolve_now` resolves them, too.

    Args:
        packages: Import packages whose registries to look at; all that are loaded if there is none.
        group: Only what the table puts into this group.
        importer: Only what this module uses, and the modules of its package that it imports.

    Returns:
        The imports of which no candidate can be found, optional ones included: each tells that itself. What only
        importing would tell is not among them, but in the attribute ``unsure``.

    Raises:
        LookupError: when a selector matches nothing; it lists the known ones.
        ValueError: when a package is no name.
        RuntimeError: when the registry of a package that is named is of a later format.
    """

    def natives(
        registries: "list[_registries.Registry]", _: "list[DeferredImport]", reached: "set[str] | None"
    ) -> "abc.Iterable[DeferredImport]":
        from deferred_imports._registries import has_natives

        if group is None and has_natives({registry.package for registry in registries}):
            from deferred_imports._outstanding import list_natives

            return list_natives(registries, reached)
        return ()

    entries = select(packages, group, importer, peek_registry, natives if sys.version_info >= (3, 15) else None)
    known = Known()
    absent = [entry for entry in entries if entry.applies and not _is_there(entry, known)]
    unsure = [entry for entry in absent if not known.unsure.isdisjoint(_modules_of(entry))]
    missing = Missing([entry for entry in absent if entry not in unsure])
    missing.unsure = tuple(unsure)
    return missing


def _is_there(entry: "DeferredImport", known: Known) -> bool:
    return any(find_spec(module, known) is not None for module in _modules_of(entry))


def _modules_of(entry: "DeferredImport") -> "list[str]":
    return [target.partition(":")[0] for target in entry.targets]
