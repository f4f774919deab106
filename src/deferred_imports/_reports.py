"""Run time: what a resolution reports: of each import, of all of them, while it goes on, and as one error."""

import sys

from deferred_imports._entries import text_of

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    (_entries,) = _named("deferred_imports._entries")
if TYPE_CHECKING:
    from deferred_imports import _entries


class Resolved:
    """What became of one deferred import.

    Attributes:
        entry: The declaration.
        seconds: How many seconds its import took.
        error: What went wrong, or None.
    """

    __slots__ = ("entry", "error", "seconds")

    def __init__(
        self, entry: "_entries.DeferredImport", seconds: float = 0.0, error: "BaseException | None" = None
    ) -> None:
        self.entry = entry
        self.seconds = seconds
        self.error = error

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        entry, error = self.entry, self.error
        if self.is_missing:  # that error tells everything itself
            return text_of(error)
        what = " or ".join(entry.targets)
        name = f"{entry.package}: {entry.name} = {what}" if entry.name else f"{entry.package}: {what}"
        if error is None:
            return f"{name} ({self.seconds * 1000:.1f} ms)"
        return ": ".join(filter(None, [name, type(error).__name__, text_of(error)]))

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
        seconds: How many seconds all of it took.
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
                lines.append(f"  {what}{optional}: {indented(item)}")
        return "\n".join(lines)


class DeferredImportError(ImportError):
    """Required deferred imports that failed, all of them.

    Its cause is an ``ExceptionGroup`` of their errors; on Python 3.10, which has none, the first of them. Where all of
    them are only not installed it has none: the message says which, and what to install.

    Attributes:
        resolution: The report of the call that failed.
        failures: What of it was required, each with its error.
    """

    def __init__(self, message: str, resolution: "Resolution | None" = None) -> None:
        super().__init__(message)
        self.resolution = Resolution() if resolution is None else resolution

    @property
    def failures(self) -> "list[Resolved]":
        """What the application cannot do without and does not have."""
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
        seconds: How many seconds it took, once it is over.
        error: What went wrong, or None.
    """

    __slots__ = ("done", "entry", "error", "position", "seconds", "total")

    def __init__(
        self, entry: "_entries.DeferredImport", position: int, total: int, item: "Resolved | None" = None
    ) -> None:
        self.entry = entry
        self.position = position
        self.total = total
        self.done = item is not None
        self.seconds = 0.0 if item is None else item.seconds
        self.error = None if item is None else item.error

    def __repr__(self) -> str:
        return f"<Progress: {'after' if self.done else 'before'} {self.position} of {self.total}, {self.entry!r}>"


def failed(resolution: Resolution) -> DeferredImportError:
    """Return the error for a resolution with failures, with their errors as its cause.

    What is only not there needs no tracebacks: the error says all of it, and what to install.
    """
    failures = resolution.failures
    lines = [f"{len(failures)} deferred import{'' if len(failures) == 1 else 's'} failed:", *map(indented, failures)]
    remedy = _one_remedy(failures)
    error = DeferredImportError("\n  ".join([*lines, *([remedy] if remedy else [])]), resolution)
    causes = [item.error for item in failures if item.error is not None]
    if all(item.is_missing for item in failures):
        causes = []
    if causes and sys.version_info >= (3, 11):
        error.__cause__ = BaseExceptionGroup(lines[0].rstrip(":"), causes)  # noqa: F821 - 3.10, the oldest, lacks it
    elif causes:
        error.__cause__ = causes[0]
    return error


def _one_remedy(failures: "list[Resolved]") -> str:
    """Return one command that installs all that is missing, when there are several."""
    prefix = "pip install "
    remedies = [item.entry.remedy for item in failures if item.is_missing]
    wanted = sorted({remedy.removeprefix(prefix) for remedy in remedies if remedy.startswith(prefix)})
    return f"all that is missing: {prefix}{' '.join(wanted)}" if len(wanted) > 1 else ""


def indented(item: Resolved) -> str:
    """Return what an item says, so that it can stand in a list."""
    return str(item).replace("\n", "\n    ")
