"""Run time: resolves what is pending, now, and reports on it."""

import sys
from _thread import RLock
from time import perf_counter, sleep

from deferred_imports._cpython import half_made, is_executed_here, is_importing, is_only_thread, release_import_lock
from deferred_imports._entries import load_watching
from deferred_imports._registries import has_natives
from deferred_imports._reports import Progress, Resolution, Resolved, failed
from deferred_imports._selection import select

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, typing, _entries, _outstanding, _registries = _named(
        "collections.abc",
        "typing",
        "deferred_imports._entries",
        "deferred_imports._outstanding",
        "deferred_imports._registries",
    )
if TYPE_CHECKING:
    import typing
    from collections import abc

    from deferred_imports import _entries, _outstanding, _registries

# Of threads that have imported the same modules in opposite orders one at a time tries again, so many times at most.
_again = RLock()
_TRIES = 5


def resolve(
    packages: "tuple[str, ...]",
    *,
    group: "str | None",
    importer: "str | None",
    workers: int,
    on_error: "typing.Literal['raise', 'report']",
    progress: "abc.Callable[[Progress], object] | None",
    native: "bool | typing.Literal['all']",
) -> Resolution:
    """Do what ``resolve_now`` promises."""
    check_options(workers, on_error, native)
    natives = find_natives(native, group)
    resolution = resolve_entries(lambda: select(packages, group, importer, natives=natives), workers, progress)
    try:
        if on_error == "raise" and resolution.failures:
            raise failed(resolution)
        return resolution
    finally:
        del resolution  # the tracebacks in it lead to this frame: together they would outlive their use


def check_options(workers: int, on_error: object, native: object) -> None:
    """Raise ``ValueError`` for options of ``resolve_now`` that are not what they may be."""
    if workers < 1:
        raise ValueError(f"workers: expected 1 or more, got {workers}")
    if on_error not in ("raise", "report"):
        raise ValueError(f'on_error: expected "raise" or "report", got "{on_error}"')
    if native not in (None, False, True, "all"):
        raise ValueError(f'native: expected True, False or "all", got "{native}"')


def find_natives(
    native: object, group: "str | None" = None
) -> "abc.Callable[..., abc.Iterable[_entries.DeferredImport]] | None":
    """Return what finds the native lazy imports for a resolution, where there can be any."""
    if native is None:
        import warnings

        warnings.warn("native=None is deprecated, it means True; leave it out", DeprecationWarning, stacklevel=4)
        native = True
    known: list[_outstanding.Natives] = []

    def natives(
        registries: "list[_registries.Registry]", entries: "list[_entries.DeferredImport]", reached: "set[str] | None"
    ) -> "abc.Iterable[_entries.DeferredImport]":
        # What knows of them is loaded for the first of them.
        if not known and (native == "all" or has_natives({registry.package for registry in registries})):
            from deferred_imports._outstanding import Natives

            known.append(Natives(everything=native == "all"))
        return known[0](registries, entries, reached) if known else ()

    return natives if sys.version_info >= (3, 15) and (native == "all" or (native and group is None)) else None


def resolve_entries(
    entries: "abc.Callable[[], abc.Iterable[_entries.DeferredImport]]",
    workers: int = 1,
    progress: "abc.Callable[[Progress], object] | None" = None,
) -> Resolution:
    """Resolve what a selection yields, and what it yields in addition afterwards."""
    begin = perf_counter()
    load_watching()  # it may have been asked for since the registries were imported
    resolution = Resolution()
    known: set[tuple[str, str]] = set()
    loaded: set[_entries.DeferredImport] = set()
    positions: dict[_entries.DeferredImport, int] = {}
    total = 0

    def before(entry: "_entries.DeferredImport") -> "_entries.DeferredImport":
        if progress is not None and entry not in positions:
            positions[entry] = len(positions) + 1
            progress(Progress(entry, positions[entry], total))
        return entry

    def after(item: Resolved) -> Resolved:
        if progress is not None:
            progress(Progress(item.entry, positions[item.entry], total, item))
        return item

    try:
        while pending := _take(entries(), known, loaded, resolution):
            total += len(pending)
            imported: dict[_entries.DeferredImport, Resolved] = {}
            if workers > 1:
                from deferred_imports._workers import import_in_threads

                imported = import_in_threads(pending, workers, _attempt, before, after)
            if progress is None and not imported:  # the usual case
                _settle(list(map(_attempt, pending)), loaded, resolution)
            else:
                # In no variable: the tracebacks of the errors in it lead to this frame.
                _settle(
                    [imported.get(entry) or after(_attempt(before(entry))) for entry in pending], loaded, resolution
                )
        resolution.seconds = perf_counter() - begin
        return resolution
    finally:
        del resolution  # as in resolve


def _take(
    entries: "abc.Iterable[_entries.DeferredImport]",
    known: "set[tuple[str, str]]",
    loaded: "set[_entries.DeferredImport]",
    resolution: Resolution,
) -> "list[_entries.DeferredImport]":
    """Return what is to be bound among the entries that are not known yet, parents before children.

    What plain imports have loaded joins ``loaded``: to bind it is no import.
    """
    pending = []
    later = bool(known)
    if later:  # not before: most calls find all resolved, and should cost next to nothing
        known.update((item.entry.registry, item.entry.key) for item in resolution.skipped)
    for entry in entries:
        is_unbound = entry.is_unbound
        if later or is_unbound:
            key = (entry.registry, entry.key)
            if key in known:
                continue
            known.add(key)
        if is_unbound:
            pending.append(entry)
            if not entry.is_pending:
                loaded.add(entry)
        else:
            resolution.skipped.append(Resolved(entry))
    return sorted(pending, key=lambda entry: entry.targets[0].partition(":")[0].count("."))


def _attempt(entry: "_entries.DeferredImport", begin: "float | None" = None, tries: int = _TRIES) -> Resolved:
    """Resolve one entry, and note the outcome."""
    begin = perf_counter() if begin is None else begin
    try:
        entry.resolve()
    except KeyboardInterrupt:
        release_import_lock()
        raise
    except BaseException as error:  # noqa: BLE001 - a module may raise anything
        if not tries or not _is_crossing(error, tries):
            return Resolved(entry, perf_counter() - begin, error)
    else:
        return Resolved(entry, perf_counter() - begin)
    with _again:
        sleep(0.001 * 4 ** (_TRIES - tries))
        return _attempt(entry, begin, tries - 1)


def _is_crossing(error: BaseException, tries: int) -> bool:
    """Tell whether an import has failed because another thread imports the same modules in the opposite order.

    The import system refuses to let them wait for each other, or shows one of them a module that is not complete.
    """
    cause = half_made(error)
    if cause is None or is_only_thread() or is_importing():
        return False  # no other thread is at fault, or others may be waiting for this one
    # A cycle in this thread alone may come of the other's failure at first, but not while that one waits.
    return tries == _TRIES or not is_executed_here(cause)


def _settle(items: "list[Resolved]", loaded: "set[_entries.DeferredImport]", resolution: Resolution) -> None:
    for item in items:
        if item.error is None:
            (resolution.skipped if item.entry in loaded else resolution.resolved).append(item)
        elif not item.is_missing:
            resolution.broken.append(item)
        else:
            resolution.missing.append(item)
            if item.entry.optional:  # no fault, so it does not matter where it was asked for
                item.error.__traceback__ = None
                if item.error.__cause__ is not None:
                    item.error.__cause__.__traceback__ = None
