"""Run time: calls back once a module has been loaded, by any import. Without a caller, there is no hook."""

import sys
from _thread import RLock, get_ident

from deferred_imports._cpython import call_when_executed, is_executing

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, machinery, types, typing = _named("collections.abc", "importlib.machinery", "types", "typing")
if TYPE_CHECKING:
    import types
    import typing
    from collections import abc
    from importlib import machinery

_lock = RLock()  # guards what waits, and that the finder is there as long as something does
_waiting: "dict[str, list[tuple[object, abc.Callable[[types.ModuleType], object]]]]" = {}


def on_load(module: str, callback: "abc.Callable[[types.ModuleType], object]") -> "abc.Callable[[], None]":
    """Call back once, when a module has been loaded: by us, or by a plain ``import`` anywhere; at once if it is there.

    The call is made in the thread that imports it, before that import returns, so that all users of the module find it
    configured. Several for one module are called in their order. What a callback raises is printed, and is no error of
    the import, but for ``KeyboardInterrupt`` and ``SystemExit``. Until a module with a waiting caller has been loaded,
    a finder stands first in `sys.meta_path`; it finds nothing itself. A namespace package (PEP 420) executes nothing,
    and no call is made for it.

    Args:
        module: Its absolute name.
        callback: Called with the module.

    Returns:
        A function that takes the wish back; when the call has been made, it does nothing.

    Raises:
        ValueError: when the name is not absolute.
    """
    if not module or not all(part.isidentifier() for part in module.split(".")):
        raise ValueError(f'on_load: expected the absolute name of a module, got "{module}"')
    mark = object()
    with _lock:
        found = sys.modules.get(module)
        spec = getattr(found, "__spec__", None)
        if found is None or is_executing(spec):
            if found is not None:
                call_when_executed(spec, lambda: _loaded(module))
            _waiting.setdefault(module, []).append((mark, callback))
            if _FINDER not in sys.meta_path:
                sys.meta_path.insert(0, _FINDER)
            found = None
    if found is not None:
        _call(callback, found)

    def end() -> None:
        with _lock:
            left = [item for item in _waiting.get(module, ()) if item[0] is not mark]
            if left:
                _waiting[module] = left
            else:
                _waiting.pop(module, None)
            _leave_if_done()

    return end


def _loaded(name: str) -> None:
    """Call back for a module whose execution has ended; one that has failed may be imported again."""
    module = sys.modules.get(name)
    if module is None:
        return
    with _lock:
        callbacks = _waiting.pop(name, ())
        _leave_if_done()
    for _, callback in callbacks:
        _call(callback, module)


def _call(callback: "abc.Callable[[types.ModuleType], object]", module: "types.ModuleType") -> None:
    try:
        callback(module)
    except Exception:  # noqa: BLE001 - whatever fails there, the import has not
        sys.excepthook(*sys.exc_info())


def _leave_if_done() -> None:
    if not _waiting and _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)


class _Finder:
    """Finds nothing: for a module with a waiting caller it asks the others, and has the loader tell of the end."""

    def __init__(self) -> None:
        self._asking: set[tuple[int, str]] = set()

    def find_spec(
        self, name: str, path: "abc.Sequence[str] | None" = None, target: "types.ModuleType | None" = None
    ) -> "machinery.ModuleSpec | None":
        """Return what the other finders find, with a loader that tells; None for all other modules."""
        asking = get_ident(), name
        if name not in _waiting or asking in self._asking:
            return None
        self._asking.add(asking)
        try:
            for finder in list(sys.meta_path):
                spec: machinery.ModuleSpec | None = finder.find_spec(name, path, target) if finder is not self else None
                if spec is not None:
                    # A namespace package has none, and compiled ones are found by theirs.
                    if hasattr(spec.loader, "exec_module"):
                        spec.loader = _Loader(spec)  # type: ignore[assignment]  # it hands on what a loader can
                    return spec
        finally:
            self._asking.discard(asking)
        return None


class _Loader:
    """Stands for a loader until it executes its module, and hands on all that it is asked."""

    def __init__(self, spec: "machinery.ModuleSpec") -> None:
        self._spec = spec
        self._loader: typing.Any = spec.loader

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def exec_module(self, module: "types.ModuleType") -> None:
        """Execute the module as its own loader does, which stands in its spec again."""
        self._spec.loader = self._loader
        module.__loader__ = self._loader
        name = self._spec.name
        if is_executing(self._spec):  # the import system clears that last
            call_when_executed(self._spec, lambda: _loaded(name))
            self._loader.exec_module(module)
        else:  # somebody loads it without the import system
            self._loader.exec_module(module)
            if sys.modules.get(name) is module:
                _loaded(name)


_FINDER: "typing.Any" = _Finder()
