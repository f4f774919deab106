"""Run time: resolves what is pending, now, and reports on it."""

import sys
from _thread import RLock
from time import perf_counter, sleep

from deferred_imports._registries import has_natives
from deferred_imports._selection import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Literal

    from deferred_imports._registries import DeferredImport, Registry
    from deferred_imports._selection import Natives

# Of threads that have imported the same modules in opposite orders one at a time tries again, so many times at most.
_again = RLock()
_TRIES = 5


class Resolved:
    """What became of one deferred import.

    Attributes:
        entry: The declaration.
        seconds: How long its import took.
        error: What went wrong, or None.
    """

    __slots__ = ("entry", "error", "seconds")

    def __init__(self, entry: "DeferredImport", seconds: float = 0.0, error: "BaseException | None" = None) -> None:
        self.entry = entry
        self.seconds = seconds
        self.error = error

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        entry, error = self.entry, self.error
        if self.is_missing:  # that error tells everything itself
            return _text(error)
        what = " or ".join(entry.targets)
        name = f"{entry.package}: {entry.name} = {what}" if entry.name else f"{entry.package}: {what}"
        if error is None:
            return f"{name} ({self.seconds * 1000:.1f} ms)"
        return ": ".join(filter(None, [name, type(error).__name__, _text(error)]))

    @property
    def is_missing(self) -> bool:
        """Whether what is declared is not there itself, in contrast to what it needs in its turn."""
        return getattr(self.error, "declared_by", None) == (self.entry.registry, self.entry.key)


class Resolution:
    """What a call has resolved.

    Attributes:
        resolved: What was imported by this call.
        missing: What is not installed, or lacks the attribute.
        broken: What is there but fails while it is imported.
        skipped: What was resolved before, or is excluded by its marker.
        seconds: How long all of it took.
    """

    __slots__ = ("broken", "missing", "resolved", "seconds", "skipped")

    def __init__(self) -> None:
        self.resolved: list[Resolved] = []
        self.missing: list[Resolved] = []
        self.broken: list[Resolved] = []
        self.skipped: list[Resolved] = []
        self.seconds = 0.0

    @property
    def failures(self) -> "list[Resolved]":
        """What the application cannot do without and does not have."""
        return [item for item in (*self.missing, *self.broken) if not item.entry.optional]

    def __repr__(self) -> str:
        return f"<Resolution: {str(self).splitlines()[0]}>"

    def __str__(self) -> str:
        counts = ", ".join(
            f"{len(items)} {what}"
            for what in ("resolved", "missing", "broken", "skipped")
            if (items := getattr(self, what)) or what == "resolved"
        )
        lines = [f"{counts} in {self.seconds * 1000:.1f} ms"]
        for what in ("resolved", "missing", "broken"):
            for item in getattr(self, what):
                optional = " (optional)" if item.error is not None and item.entry.optional else ""
                lines.append(f"  {what}{optional}: {_indented(item)}")
        return "\n".join(lines)


class DeferredImportError(ImportError):
    """Required deferred imports that failed, all of them.

    Its cause is an ``ExceptionGroup`` of their errors; on Python 3.10, which has none, the first of them.

    Attributes:
        resolution: The report of the call that failed.
        failures: What of it was required, each with its error.
    """

    def __init__(self, message: str, resolution: "Resolution | None" = None) -> None:
        super().__init__(message)
        self.resolution = Resolution() if resolution is None else resolution

    @property
    def failures(self) -> "list[Resolved]":
        return self.resolution.failures

    def __reduce__(self) -> "tuple[type[DeferredImportError], tuple[str]]":
        # A process pool sends errors home: without the report, which leads to modules.
        return type(self), (str(self),)


class Progress:
    """Where a resolution stands: just before an import, or just after it.

    Attributes:
        entry: The declaration.
        position: Its place among all, from 1, in the order in which they begin.
        total: How many there are; resolving may reveal more.
        done: Whether this import is over.
        seconds: How long it took, once it is over.
        error: What went wrong, or None.
    """

    __slots__ = ("done", "entry", "error", "position", "seconds", "total")

    def __init__(self, entry: "DeferredImport", position: int, total: int, item: "Resolved | None" = None) -> None:
        self.entry = entry
        self.position = position
        self.total = total
        self.done = item is not None
        self.seconds = 0.0 if item is None else item.seconds
        self.error = None if item is None else item.error

    def __repr__(self) -> str:
        return f"<Progress: {'after' if self.done else 'before'} {self.position} of {self.total}, {self.entry!r}>"


def resolve(
    packages: "tuple[str, ...]",
    *,
    group: "str | None",
    importer: "str | None",
    workers: int,
    on_error: "Literal['raise', 'report']",
    progress: "Callable[[Progress], object] | None",
    native: "Literal['all'] | None",
) -> Resolution:
    """Do what ``resolve_now`` promises."""
    check_options(workers, on_error)
    natives = find_natives(native, group)
    resolution = resolve_entries(lambda: select(packages, group, importer, natives=natives), workers, progress)
    try:
        if on_error == "raise" and resolution.failures:
            raise failed(resolution)
        return resolution
    finally:
        del resolution  # the tracebacks in it lead to this frame: together they would outlive their use


def check_options(workers: int, on_error: object) -> None:
    """Raise ``ValueError`` for options of ``resolve_now`` that are not what they may be."""
    if workers < 1:
        raise ValueError(f"workers: expected 1 or more, got {workers}")
    if on_error not in ("raise", "report"):
        raise ValueError(f'on_error: expected "raise" or "report", got "{on_error}"')


def find_natives(native: object, group: "str | None" = None) -> "Natives | None":
    """Return what finds the native lazy imports for a resolution, where there can be any."""
    if native not in (None, "all"):
        raise ValueError(f'native: expected "all" or None, got "{native}"')
    known: list[Natives] = []

    def natives(
        registries: "list[Registry]", entries: "list[DeferredImport]", reached: "set[str] | None"
    ) -> "Iterable[DeferredImport]":
        # What knows of them is loaded for the first of them.
        if not known and (native == "all" or has_natives({registry.package for registry in registries})):
            from deferred_imports._outstanding import Natives

            known.append(Natives(everything=native == "all"))
        return known[0](registries, entries, reached) if known else ()

    return natives if sys.version_info >= (3, 15) and (native == "all" or group is None) else None


def failed(resolution: Resolution) -> DeferredImportError:
    """Return the error for a resolution with failures, with their errors as its cause."""
    failures = resolution.failures
    count = f"{len(failures)} deferred import{'' if len(failures) == 1 else 's'} failed"
    error = DeferredImportError("\n  ".join([f"{count}:", *map(_indented, failures)]), resolution)
    causes = [item.error for item in failures if item.error is not None]
    if sys.version_info >= (3, 11):
        error.__cause__ = BaseExceptionGroup(count, causes)  # noqa: F821 - 3.10, the oldest that we support, lacks it
    else:
        error.__cause__ = causes[0]
    return error


def resolve_entries(
    entries: "Callable[[], Iterable[DeferredImport]]",
    workers: int = 1,
    progress: "Callable[[Progress], object] | None" = None,
) -> Resolution:
    """Resolve what a selection yields, and what it yields in addition afterwards."""
    begin = perf_counter()
    resolution = Resolution()
    known: set[tuple[str, str]] = set()
    positions: dict[DeferredImport, int] = {}
    total = 0

    def before(entry: "DeferredImport") -> "DeferredImport":
        if progress is not None and entry not in positions:
            positions[entry] = len(positions) + 1
            progress(Progress(entry, positions[entry], total))
        return entry

    def after(item: Resolved) -> Resolved:
        if progress is not None:
            progress(Progress(item.entry, positions[item.entry], total, item))
        return item

    try:
        while pending := _take(entries(), known, resolution):
            total += len(pending)
            imported: dict[DeferredImport, Resolved] = {}
            if workers > 1:
                from deferred_imports._workers import import_in_threads

                imported = import_in_threads(pending, workers, _attempt, before, after)
            if progress is None and not imported:  # the usual case
                _settle(list(map(_attempt, pending)), resolution)
            else:
                _settle([imported.get(entry) or after(_attempt(before(entry))) for entry in pending], resolution)
        resolution.seconds = perf_counter() - begin
        return resolution
    finally:
        del resolution  # as in resolve


def _take(
    entries: "Iterable[DeferredImport]", known: "set[tuple[str, str]]", resolution: Resolution
) -> "list[DeferredImport]":
    """Return what is pending among the entries that are not known yet, parents before children."""
    pending = []
    later = bool(known)
    if later:  # not before: most calls find all resolved, and should cost next to nothing
        known.update((item.entry.registry, item.entry.key) for item in resolution.skipped)
    for entry in entries:
        is_pending = entry.is_pending
        if later or is_pending:
            key = (entry.registry, entry.key)
            if key in known:
                continue
            known.add(key)
        if is_pending:
            pending.append(entry)
        else:
            resolution.skipped.append(Resolved(entry))
    return sorted(pending, key=lambda entry: entry.targets[0].partition(":")[0].count("."))


def _attempt(entry: "DeferredImport", begin: "float | None" = None, tries: int = _TRIES) -> Resolved:
    """Resolve one entry, and take down what comes of it."""
    begin = perf_counter() if begin is None else begin
    try:
        entry.resolve()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a module may raise anything
        if not tries or not _is_crossing(error, tries):
            entry.failure = _text(error) or type(error).__name__
            return Resolved(entry, perf_counter() - begin, error)
    else:
        entry.failure = None
        return Resolved(entry, perf_counter() - begin)
    with _again:
        sleep(0.001 * 4 ** (_TRIES - tries))
        return _attempt(entry, begin, tries - 1)


def _is_crossing(error: "BaseException | None", tries: int) -> bool:
    """Tell whether an import has failed because another thread imports the same modules in the opposite order.

    The import system refuses to let them wait for each other (``_DeadlockError``, a ``RuntimeError``;
    python/cpython#83065), or shows one of them a module that is not complete.
    """
    for _ in range(9):  # a chain of causes may be a ring
        text = _text(error)
        # What Python says of a module that is not complete; the second, since 3.13, of one beside the program.
        half_made = "circular import" in text or "if it has the same name" in text
        if half_made or type(error).__name__ == "_DeadlockError":
            from deferred_imports._workers import is_importing

            if len(sys._current_frames()) == 1 or is_importing():  # noqa: SLF001 - threading does not know all threads
                return False  # no other thread is at fault, or others may be waiting for this one
            # A cycle in this thread alone may come of the other's failure at first, but not while that one waits.
            return tries == _TRIES or not _is_cycle(error)
        error = error and (error.__cause__ or error.__context__)
    return False


def _is_cycle(error: "BaseException | None") -> bool:
    """Tell whether the module that is not complete is one that this thread was importing itself."""
    name = error.name if isinstance(error, ImportError) else getattr(getattr(error, "obj", None), "__name__", None)
    trace = None if error is None else error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == name:
            return True
        trace = trace.tb_next
    return False


def _settle(items: "list[Resolved]", resolution: Resolution) -> None:
    for item in items:
        if item.error is None:
            resolution.resolved.append(item)
        elif not item.is_missing:
            resolution.broken.append(item)
        else:
            resolution.missing.append(item)
            if item.entry.optional:  # nobody's fault, so nobody needs to know who asked
                item.error.__traceback__ = None
                if item.error.__cause__ is not None:
                    item.error.__cause__.__traceback__ = None


def _indented(item: Resolved) -> str:
    return str(item).replace("\n", "\n    ")


def _text(error: "BaseException | None") -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - other people's exceptions can be as broken as their modules
        return "(an error that has no readable message)"
