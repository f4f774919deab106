"""Run time: lists what is declared, and on Python 3.15 what is outstanding natively."""

import sys

from deferred_imports._selection import peek_registry, select

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, typing, _entries, _registries = _named(
        "collections.abc", "typing", "deferred_imports._entries", "deferred_imports._registries"
    )
if TYPE_CHECKING:
    import typing
    from collections import abc

    from deferred_imports import _entries, _registries


def iter_deferred_imports(
    *packages: str,
    group: "str | None" = None,
    importer: "str | None" = None,
    native: "bool | typing.Literal['all']" = False,
) -> "abc.Iterator[_entries.DeferredImport]":
    """Iterate over what is declared: by whom, and its state. Nothing is imported.

    Args:
        packages: Import packages whose registries to list, with all below them; all that are loaded if there is none.
        group: Only what the table puts into this group.
        importer: Only what this module uses, and the modules of its package that it imports.
        native: ``True`` for the native lazy imports (PEP 810) as well that are outstanding in the modules of these
            packages, or of the importer, that have been imported; ``"all"`` for those of every module in the process.
            Each is a ``NativeImport``, with the file that declares it. Before Python 3.15 there are none.

    Returns:
        An iterator over them, in the order of the tables.

    Raises:
        LookupError: when a selector matches nothing; it lists the known ones.
        RuntimeError: when the registry of a package that is named is of a later format.
        ValueError: when a package is no name, or ``native`` is not one of the values above.
    """
    if native not in (False, True, "all"):
        raise ValueError(f'native: expected True, False or "all", got "{native}"')

    def natives(
        registries: "list[_registries.Registry]", _: "list[_entries.DeferredImport]", reached: "set[str] | None"
    ) -> "abc.Iterable[_entries.DeferredImport]":
        if sys.version_info >= (3, 15) and (native == "all" or (native and group is None)):
            from deferred_imports._outstanding import list_natives

            return list_natives(registries, reached, everything=native == "all")
        return ()

    return iter(select(packages, group, importer, peek_registry, natives))
