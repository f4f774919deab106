"""Run time: resolves what is pending, now, and reports on it."""

import sys
from time import perf_counter

from deferred_imports._registries import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Literal

    from deferred_imports._registries import DeferredImport


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
        entry = self.entry
        what = " or ".join(entry.targets)
        name = f"{entry.package}: {entry.name} = {what}" if entry.name else f"{entry.package}: {what}"
        if self.error is None:
            return f"{name} ({self.seconds * 1000:.1f} ms)"
        kind = type(self.error).__name__
        return f"{name}: {kind}: {self.error}" if str(self.error) else f"{name}: {kind}"


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
                lines.append(f"  {what} {item}{optional}")
        return "\n".join(lines)


class DeferredImportError(ImportError):
    """Required deferred imports that failed, all of them.

    Attributes:
        resolution: The report of the call that failed.
    """

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        failures = resolution.failures
        count = f"{len(failures)} deferred import{'s' if len(failures) != 1 else ''} failed"
        super().__init__("\n  ".join([f"{count}:" if failures else count, *(_told(item) for item in failures)]))


def _told(item: Resolved) -> str:
    """Return the line of a failure; a missing module's error tells everything itself."""
    return str(item.error) if hasattr(item.error, "declared_by") else str(item)


def resolve_now(
    *packages: str,
    group: "str | None" = None,
    importer: "str | None" = None,
    on_error: "Literal['raise', 'report']" = "raise",
) -> Resolution:
    """Import what is pending, parents before children, until nothing new turns up.

    Args:
        packages: Import packages whose registries to resolve, with all below them; all packages if there is none.
        group: Only what the table puts into this group.
        importer: Only what this module uses, and the modules of its package that it imports.
        on_error: ``"raise"`` raises one error for all required imports that fail, ``"report"`` leaves it to the caller.

    Returns:
        What was resolved, what was not, and how long it took in seconds.

    Raises:
        DeferredImportError: when required imports fail; everything else has been resolved by then.
        LookupError: when a selector matches nothing.
    """
    if on_error not in ("raise", "report"):
        raise ValueError(f"on_error: expected 'raise' or 'report', got {on_error!r}")
    resolution = resolve_entries(lambda: select(packages, group, importer))
    if on_error == "raise" and resolution.failures:
        raise failed(resolution)
    return resolution


def failed(resolution: Resolution) -> DeferredImportError:
    """Return the error for a resolution with failures, with their errors as its cause."""
    error = DeferredImportError(resolution)
    causes = [item.error for item in resolution.failures if item.error is not None]
    if len(causes) > 1 and sys.version_info >= (3, 11):
        error.__cause__ = BaseExceptionGroup("deferred imports failed", causes)
    elif causes:
        error.__cause__ = causes[0]
    return error


def resolve_entries(entries: "Callable[[], Iterable[DeferredImport]]") -> Resolution:
    """Resolve what a selection yields, and what it yields in addition afterwards."""
    resolution = Resolution()
    begin = perf_counter()
    tried: set[tuple[str, str]] = set()
    while True:
        pending = []
        for entry in entries():
            key = (entry.registry, entry.key)
            if key in tried:
                continue
            tried.add(key)
            if entry.is_pending:
                pending.append(entry)
            else:
                resolution.skipped.append(Resolved(entry))
        if not pending:
            break
        for entry in sorted(pending, key=_depth):
            _resolve(entry, resolution)
    resolution.seconds = perf_counter() - begin
    return resolution


def _depth(entry: "DeferredImport") -> int:
    return entry.module.count(".")


def _resolve(entry: "DeferredImport", resolution: Resolution) -> None:
    """Resolve one entry, and take down what comes of it."""
    begin = perf_counter()
    try:
        entry.resolve()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        item = Resolved(entry, perf_counter() - begin, error)
        entry.failure = str(error)
        missing = getattr(error, "declared_by", None) == (entry.registry, entry.key)
        (resolution.missing if missing else resolution.broken).append(item)
    else:
        entry.failure = None
        resolution.resolved.append(Resolved(entry, perf_counter() - begin))
