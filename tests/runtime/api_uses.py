"""Uses of the public API as programs write them: type-checked in strict mode, and never run."""

import asyncio
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType

# `from typing import assert_type` is of Python 3.11.
from typing_extensions import assert_type

import deferred_imports
from deferred_imports import (
    BackgroundResolution,
    DeferredImport,
    DeferredImportError,
    Missing,
    NativeImport,
    Progress,
    Resolution,
    Resolved,
    ResolveEvent,
    find_missing,
    force_eager,
    iter_deferred_imports,
    machinery,
    on_resolve,
    resolve_async,
    resolve_in_background,
    resolve_now,
)


def resolving() -> None:
    """Each selector and option of `resolve_now`, and what comes back."""
    report = resolve_now()
    assert_type(report, Resolution)
    resolve_now("weather", "other", group="web", importer="weather.cli", workers=4, on_error="report", native="all")
    resolve_now(progress=print)
    resolve_now(on_error="ignore")  # type: ignore[arg-type]  # there is no such way
    resolve_now(["weather"])  # type: ignore[arg-type]  # names, not a list of them
    for item in (*report.resolved, *report.missing, *report.broken, *report.skipped, *report.failures):
        assert_type(item, Resolved)
        assert_type(item.entry, DeferredImport)
        assert_type(item.error, BaseException | None)
        assert_type(item.seconds + report.seconds, float)
    assert_type(str(report), str)


def following(progress: Progress) -> None:
    """What a callback for progress gets."""
    assert_type(progress.position / progress.total, float)
    assert_type(progress.entry, DeferredImport)
    assert_type(progress.done, bool)
    assert_type(progress.error, BaseException | None)


def failing() -> None:
    """The one error, and what is in it."""
    try:
        resolve_now(progress=following)
    except DeferredImportError as error:
        assert_type(error.resolution, Resolution)
        assert_type(error.failures, list[Resolved])
    except ImportError:
        pass


def waiting() -> Resolution:
    """A handle for a resolution in the background."""
    handle = resolve_in_background("weather", on_error=print)
    assert_type(handle, BackgroundResolution)
    assert_type(handle.done, bool)
    assert_type(handle.join(0.5), bool)
    return handle.result(timeout=3)


async def awaiting() -> None:
    """The same off the event loop."""
    assert_type(await resolve_async("weather", workers=2), Resolution)
    await asyncio.wait_for(resolve_async(group="web"), 3)


def forcing() -> None:
    """As a call and as a context manager."""
    force_eager()
    with force_eager("weather", "other") as forced:
        assert_type(forced, force_eager)
        assert_type(forced.packages, tuple[str, ...])
    force_eager(1)  # type: ignore[arg-type]  # a name


def looking() -> None:
    """What is missing and what there is."""
    missing = find_missing("weather", group="web")
    assert_type(missing, Missing)
    assert_type(missing[0], DeferredImport)
    assert_type(missing.unsure, tuple[DeferredImport, ...])
    entries = iter_deferred_imports("weather", importer="weather.cli", native=True)
    assert_type(entries, Iterator[DeferredImport])
    for entry in entries:
        assert_type(entry.name, str | None)
        assert_type(entry.targets, tuple[str, ...])
        assert_type(entry.module + entry.package + entry.project + entry.registry + entry.remedy + entry.state, str)
        assert_type(entry.extra, str | None)
        assert_type(entry.marker, str | None)
        assert_type(entry.failure, str | None)
        assert_type((*entry.groups, *entry.importers), tuple[str, ...])
        assert_type(entry.optional, bool)
        assert_type(entry.applies, bool)
        if isinstance(entry, NativeImport):
            assert_type(entry.file, str | None)


def watching() -> None:
    """A hook for whoever sends it to their metrics."""

    def told(event: ResolveEvent) -> None:
        assert_type(event.entry, DeferredImport)
        assert_type(event.filename, str)
        assert_type(event.lineno, int)
        assert_type(event.seconds, float)
        assert_type(event.error, BaseException | None)

    end = on_resolve(told)
    assert_type(end, Callable[[], None])
    end()


def declaring() -> None:
    """The thread's own API."""
    spec = machinery.defer_runtime_import(".core", package="weather", importing_name=__name__)
    assert_type(spec, ModuleSpec)
    for name, found, importers in machinery.iter_deferred_imports(importing_name=__name__):
        assert_type(name, str)
        assert_type(found, ModuleSpec | None)
        assert_type(importers, tuple[str, ...])
    assert_type(machinery.resolve_deferred_import("weather.core"), ModuleType | None)
    assert_type(machinery.resolve_deferred_imports(__name__), Resolution)
    try:
        assert_type(machinery.import_module_from_spec(spec), ModuleType)
    except machinery.ModuleSpecConflictError as error:
        assert_type(error.loaded, ModuleSpec)


deferred_imports.nothing  # type: ignore[attr-defined]  # noqa: B018 - names that are not there are errors
