"""Control over deferred imports: when those that a project has declared really happen. Here are the public names."""

# False, but no constant: compilers that drop what is never run still find the modules below.
TYPE_CHECKING = "" in globals()
if TYPE_CHECKING:
    from deferred_imports import _variables as _variables  # which registries call
    from deferred_imports._background import BackgroundResolution, resolve_async, resolve_in_background
    from deferred_imports._eager import force_eager
    from deferred_imports._listing import iter_deferred_imports
    from deferred_imports._missing import find_missing
    from deferred_imports._native import NativeImport
    from deferred_imports._now import resolve_now
    from deferred_imports._registries import DeferredImport
    from deferred_imports._resolution import DeferredImportError, Progress, Resolution, Resolved
    from deferred_imports._watching import ResolveEvent, on_resolve

__all__ = [
    "BackgroundResolution",
    "DeferredImport",
    "DeferredImportError",
    "NativeImport",
    "Progress",
    "Resolution",
    "ResolveEvent",
    "Resolved",
    "find_missing",
    "force_eager",
    "iter_deferred_imports",
    "on_resolve",
    "resolve_async",
    "resolve_in_background",
    "resolve_now",
]

# Where each name lives: a program pays for what it uses, and this file costs it next to nothing.
_HOMES = {
    "BackgroundResolution": "_background",
    "DeferredImport": "_registries",
    "DeferredImportError": "_resolution",
    "NativeImport": "_native",
    "Progress": "_resolution",
    "Resolution": "_resolution",
    "ResolveEvent": "_watching",
    "Resolved": "_resolution",
    "find_missing": "_missing",
    "force_eager": "_eager",
    "iter_deferred_imports": "_listing",
    "on_resolve": "_watching",
    "resolve_async": "_background",
    "resolve_in_background": "_background",
    "resolve_now": "_now",
}


if not TYPE_CHECKING:  # pragma: no branch - where it could be seen, every name would seem to be there

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = __import__(f"{__name__}.{_HOMES[name]}", None, None, [name])
        value = globals()[name] = getattr(module, name)
        return value


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
