"""Run time: the call ``resolve_now``, apart from what it does.

A program imports it to have it at hand, and may never call it: so this is all that it pays for before.
"""

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, typing, _reports = _named("collections.abc", "typing", "deferred_imports._reports")
if TYPE_CHECKING:
    import typing
    from collections import abc

    from deferred_imports import _reports


def resolve_now(
    *packages: str,
    group: "str | None" = None,
    importer: "str | None" = None,
    workers: int = 1,
    on_error: "typing.Literal['raise', 'report']" = "raise",
    progress: "abc.Callable[[_reports.Progress], object] | None" = None,
    native: "bool | typing.Literal['all']" = True,
) -> "_reports.Resolution":
    """Import what is pending, parents before children, until nothing new turns up.

    Whatever a module raises becomes part of the report, ``SystemExit`` included; only ``KeyboardInterrupt`` gets
    through at once, and so does what ``progress`` raises. What has been imported by then stays so, what has not stays
    pending, and no module is left half made.

    Args:
        packages: Import packages whose registries to resolve, with all below them, which are imported for it where
            nothing has done so; all packages that are loaded if there is none.
        group: Only what the table puts into this group.
        importer: Only what this module uses, and the modules of its package that it imports.
        workers: How many threads import at the same time, each another top-level package. What fails there is tried
            again in the calling thread, so that the result is that of one.
        on_error: ``"raise"`` raises one error for all required imports that fail, ``"report"`` leaves it to the caller.
        progress: Called in this thread before and after each import.
        native: ``True`` for the native lazy imports (PEP 810) as well that are outstanding in the packages, or in the
            importer and what it imports of its package; a group has none. ``"all"`` for those of every module in the
            process, ``False`` for none. Those of modules that are being imported stay as they are, and before Python
            3.15 there are none.

    Returns:
        What was resolved, what was not, and how long it took in seconds.

    Raises:
        DeferredImportError: when required imports fail; everything else has been resolved by then.
        LookupError: when a selector matches nothing.
        RuntimeError: when the registry of a package that is named is of a later format than this version reads. A
            registry that is not named is skipped then, with a ``RuntimeWarning``.
        ValueError: when a package, ``workers``, ``on_error`` or ``native`` is not one of the values above.
    """
    from deferred_imports._resolution import resolve

    return resolve(
        packages,
        group=group,
        importer=importer,
        workers=workers,
        on_error=on_error,
        progress=progress,
        native=native,
    )
