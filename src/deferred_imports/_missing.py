"""Run time: reports what cannot be imported, before anything is."""

from deferred_imports._finding import Known, find_spec
from deferred_imports._selection import peek_registries, select

TYPE_CHECKING = False
if TYPE_CHECKING:
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
        LookupError: when a selector matches nothing; it lists what there is.
    """
    entries = select(packages, group, importer, peek_registries)
    known = Known()
    return tuple([entry for entry in entries if entry.applies and not _is_there(entry, known)])


def _is_there(entry: "DeferredImport", known: Known) -> bool:
    return any(find_spec(target.partition(":")[0], known) is not None for target in entry.targets)
