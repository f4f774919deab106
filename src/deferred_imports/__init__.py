"""Control over deferred imports: when those that a project has declared really happen. Here are the public names."""

# False, but no constant: compilers that drop what is never run still find the modules below.
TYPE_CHECKING = "" in globals()
if TYPE_CHECKING:
    from deferred_imports import _variables as _variables  # which registries call
    from deferred_imports import machinery as machinery
    from deferred_imports import prefetch as prefetch
    from deferred_imports import testing as testing
    from deferred_imports._background import BackgroundResolution, resolve_async, resolve_in_background
    from deferred_imports._eager import force_eager
    from deferred_imports._entries import DeferredImport
    from deferred_imports._listing import iter_deferred_imports
    from deferred_imports._loading import on_load
    from deferred_imports._missing import Missing, find_missing
    from deferred_imports._native import NativeImport
    from deferred_imports._now import resolve_now
    from deferred_imports._reports import DeferredImportError, Progress, Resolution, Resolved
    from deferred_imports._watching import ResolveEvent, on_resolve

__all__ = [
    "BackgroundResolution",
    "DeferredImport",
    "DeferredImportError",
    "Missing",
    "NativeImport",
    "Progress",
    "Resolution",
    "ResolveEvent",
    "Resolved",
    "find_missing",
    "force_eager",
    "iter_deferred_imports",
    "on_load",
    "on_resolve",
    "resolve_async",
    "resolve_in_background",
    "resolve_now",
]

# Where each name lives: a program pays for what it uses, and this file costs it next to nothing.
_HOMES = {
    "BackgroundResolution": "_background",
    "DeferredImport": "_entries",
    "DeferredImportError": "_reports",
    "Missing": "_missing",
    "NativeImport": "_native",
    "Progress": "_reports",
    "Resolution": "_reports",
    "ResolveEvent": "_watching",
    "Resolved": "_reports",
    "find_missing": "_missing",
    "force_eager": "_eager",
    "iter_deferred_imports": "_listing",
    "on_load": "_loading",
    "on_resolve": "_watching",
    "resolve_async": "_background",
    "resolve_in_background": "_background",
    "resolve_now": "_now",
}


# The public modules, which are there without an import of their own, too.
_MODULES = ("machinery", "prefetch", "testing")

if not TYPE_CHECKING:  # pragma: no branch - where it could be seen, every name would seem to be there

    def _named(*modules: str) -> list:
        """Return what stands for modules that only annotations name: those who evaluate them load it."""
        return [_stand_ins.get(module) or _stand_in(module) for module in modules]

    _stand_ins: "dict[str, object]" = {}

    def _stand_in(module: str) -> object:
        def load(name: str) -> object:
            if name.startswith("_"):  # pytest looks for its marks on whatever a plugin has
                raise AttributeError(name)
            return getattr(__import__(module, None, None, [name]), name)

        stand_in = _stand_ins[module] = type(__import__("sys"))(module)
        stand_in.__getattr__ = load
        return stand_in

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            return __import__(f"{__name__}.{name}", None, None, [name])
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = __import__(f"{__name__}.{_HOMES[name]}", None, None, [name])
        value = globals()[name] = getattr(module, name)
        return value


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__, *_MODULES})
