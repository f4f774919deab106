"""Run time: what this package leans on inside CPython: all of it is here, and test_cpython.py tries each.

What it is, since when, and what happens where it is gone:

- ``ModuleSpec._initializing`` (3.3) says that a module is being executed. Registries ask for it, too. Without it no
  module counts as half made, and eager packages stay deferred, with one warning.
- The class of a spec can be swapped for one that hears when ``_initializing`` is cleared (3.3). Without: as above.
- The frames of ``_load_unlocked`` have the spec in their local ``spec`` (3.4). Without: as above.
- The file name of the import system's frames (3.4). Without it, a thread that is importing counts as idle.
- ``_thread.start_joinable_thread()`` (3.13) takes a handle.
- ``_imp.release_lock()`` (3.3) raises ``RuntimeError`` when this thread does not hold the import system's own lock.
- What errors say of a module that is half made (3.8), and the name ``_DeadlockError`` (3.4). Without it, an import that
  failed because of another thread is not tried again.
- ``sys._current_frames()`` has a frame for each thread (2.5). It is documented, as is ``sys._getframe()``.
- The repr of a native lazy import (PEP 810), what it refers to, and ``_types.LazyImportType`` (3.15). Without it, those
  that are unused are neither listed nor resolved.
- ``multiprocessing.forkserver._forkserver._forkserver_pid`` (3.4). Without it, ``force_eager()`` does not warn of a
  server that runs already.
- ``importlib.metadata.PathDistribution._path`` (3.8) is where a dist-info lies. Without it, what stands there is opened
  without a look at what it is, and a pipe is waited for.
"""

import sys

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name; typeguard knows a generator by this one, where it is not quoted
    from _collections_abc import Iterator

    from deferred_imports import _named

    abc, machinery, types, typing = _named("collections.abc", "importlib.machinery", "types", "typing")
if TYPE_CHECKING:
    import types
    import typing
    from collections import abc
    from collections.abc import Iterator
    from importlib import machinery

_BOOTSTRAP = "<frozen importlib._bootstrap>"
# What Python says of a module that is not complete; the others, since 3.13, of one that lies beside the program.
_HALF_MADE = (
    "partially initialized module",
    "if it has the same name as a library",
    "same name as a third-party module",
)


def missing_features() -> "list[str]":
    """Return what of this file the running Python does not have any more, for one warning; mostly nothing."""
    missing = []
    load: typing.Any = getattr(sys.modules.get("_frozen_importlib"), "_load_unlocked", None)
    code = getattr(load, "__code__", None)
    if code is None or "spec" not in code.co_varnames or code.co_filename != _BOOTSTRAP:
        missing.append("importlib._bootstrap._load_unlocked")
    elif "_initializing" not in code.co_names:
        missing.append("ModuleSpec._initializing")
    spec: typing.Any = type(sys.__spec__)("sample", None)
    called: list[object] = []
    try:
        call_when_executed(spec, lambda: called.append(spec))
        spec._initializing = False  # noqa: SLF001 - as the import system does
    except (AttributeError, TypeError):
        pass
    if not called or type(spec) is not type(sys.__spec__):
        missing.append("ModuleSpec.__class__")
    return missing


def is_executing(spec: object) -> bool:
    """Tell whether the module of a spec is being executed, or what has waited for that is."""
    return bool(getattr(spec, "_initializing", False))


def executing_specs() -> Iterator["machinery.ModuleSpec"]:
    """Yield the specs of the modules that import statements of this thread are executing, the innermost first."""
    frame: types.FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no other way to the stack
    while frame is not None:
        # Every loader, those of compiled modules included, is run from this function of the import system.
        if frame.f_code.co_name == "_load_unlocked" and is_executing(frame.f_locals.get("spec")):
            yield frame.f_locals["spec"]
        frame = frame.f_back


def executing_namespaces() -> Iterator["dict[str, typing.Any]"]:
    """Yield the globals of the modules that this thread is executing, however they are loaded, the innermost first."""
    frame: types.FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no other way to the stack
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            yield frame.f_globals
        frame = frame.f_back


def is_importing() -> bool:
    """Tell whether this thread is importing something.

    Other threads that need what it is importing would wait for it; if it waited for them too, all would wait for ever.
    """
    frame: types.FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no public way to ask
    while frame is not None:
        if frame.f_code.co_filename == _BOOTSTRAP:
            return True
        frame = frame.f_back
    return False


def release_import_lock() -> None:
    """Release the import system's own lock where Ctrl-C has left it with this thread: others would wait for ever.

    It is held for instants, in Python code that a signal's handler may end between taking it and the ``try``. Mostly
    that is the callback of a weak reference, where the ``KeyboardInterrupt`` is printed and the program goes on.
    """
    if is_importing():
        return  # then it may be held for good reason
    from _imp import release_lock

    try:
        while True:  # it counts how often it was taken
            release_lock()
    except RuntimeError:  # it is not ours
        pass


def is_only_thread() -> bool:
    """Tell whether no other thread exists; ``threading`` does not know all of them."""
    return len(sys._current_frames()) == 1  # noqa: SLF001 - see above


def call_when_executed(spec: "typing.Any", callback: "abc.Callable[[], object]") -> None:
    """Call back when a module has been executed: when the import system clears its spec's ``_initializing``.

    That is the last thing that it does before the import returns, while it still holds the module's lock. To other
    threads the module is being imported for as long as the callback runs, so that they wait for the lock.

    Args:
        spec: The spec of a module that is being imported.
        callback: Called in the thread that imports it, whether the import has succeeded or not; what it raises, the
            import raises.
    """
    from _thread import get_ident

    original = type(spec)
    calling: list[int] = []

    def is_initializing(_: "typing.Any") -> bool:
        return get_ident() not in calling

    def clear(self: "typing.Any", value: bool) -> None:
        calling.append(get_ident())
        try:
            callback()
        finally:
            self.__class__ = original
            self._initializing = value

    spec.__class__ = type(original.__name__, (original,), {"_initializing": property(is_initializing, clear)})


def half_made(error: "BaseException | None") -> "BaseException | None":
    """Return the error in a chain of causes that says that a module was not complete, or None.

    Either an import met a module that is being executed, in this thread or in another; or two threads import the same
    modules in opposite orders, and the import system refused to let both wait (python/cpython#83065).
    """
    for _ in range(9):  # the chain may be a ring
        if error is None or type(error).__name__ == "_DeadlockError":
            return error
        if any(words in _text_of_python(error) for words in _HALF_MADE):
            return error
        error = error.__cause__ or error.__context__
    return None


def _text_of_python(error: BaseException) -> str:
    """Return what an error says if Python itself has raised it because of a module; others may use the same words."""
    text = error.args[0] if error.args and type(error.args[0]) is str else ""
    if type(error) is ImportError and error.name is not None and text.startswith("cannot import name "):
        return text
    is_of_module = type(error) is AttributeError and isinstance(error.obj, type(sys))
    return text if is_of_module and text.startswith(("module ", "partially initialized module ")) else ""


def is_executed_here(error: BaseException) -> bool:
    """Tell whether the module that an error calls not complete is one that the code which has failed was executing."""
    name = error.name if isinstance(error, ImportError) else getattr(getattr(error, "obj", None), "__name__", None)
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == name:
            return True
        trace = trace.tb_next
    return False


def lazy_type() -> "type | None":
    """Return the type of native lazy imports (PEP 810), from where ``types``, which is large, has it."""
    try:
        found: type | None = getattr(__import__("_types"), "LazyImportType", None)
    except Exception:  # noqa: BLE001 - a finder before Python's own fails on it, and so on each lazy import
        return None
    return found


def anatomy(proxy: "typing.Any") -> "tuple[str, types.CodeType | None]":
    """Return what a lazy proxy imports, ``module`` or ``module:attribute``, and the code that has declared it.

    Only its repr is public: ``<lazy_import 'a.b'>``. That ``from a import b`` looks the same shows in what it holds.
    """
    import gc

    target = repr(proxy).partition("'")[2].rpartition("'")[0]
    code = None
    for part in gc.get_referents(proxy):
        if type(part) is type(proxy) and repr(part).endswith("...'>"):  # <lazy_import 'a...'>
            module, _, attribute = target.rpartition(".")
            target = f"{module}:{attribute}"
        elif hasattr(part, "co_filename"):
            code = part
    return target, code


def has_fork_server() -> bool:
    """Tell whether the fork server of multiprocessing runs, whose children have the environment of its start."""
    forkserver = sys.modules.get("multiprocessing.forkserver")
    return getattr(getattr(forkserver, "_forkserver", None), "_forkserver_pid", None) is not None


def place_of(distribution: object) -> "typing.Any":
    """Return where the dist-info of an installed distribution lies, a path or the like; None where unknown."""
    return getattr(distribution, "_path", None)
