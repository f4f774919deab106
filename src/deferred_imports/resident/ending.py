"""The end of a child: what the program has loaded for all calls is left to the system, the rest ends as ever.

Taking down thousands of modules takes longer than many a call, and has no visible effect, unless something with a
destructor is among them. Where there is none, and the exit code is certain, the interpreter is not taken down at all:
the child ends by exit(3), which has libraries in C do what they do at an end. All that programs have registered to be
done at exit is done before, and what is in buffers is written.
"""

import _thread
import atexit
import gc
import io
import os
import sys
import types
import weakref

from deferred_imports.resident import doubts, streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WRITERS = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
_GENERATORS = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
_NEEDED = frozenset(("sys", "builtins", "__main__"))  # by the interpreter, which has its own order for them


class _State:
    """What is known of the end.

    Attributes:
        kept: A ring that the garbage collector does not see once it is frozen: it lives as long as the process.
        names: The modules that were there before any call, if their end cannot be seen.
        is_certain: Whether the program ends with nothing but the value of its function, see `outcome`.
        is_foreign: Whether libraries in C are loaded that are not Python's own.
        code: The exit code, once the interpreter has asked for it.
        hooks: Empty as long as no one hears of all that is done here (PEP 578).
    """

    names: "frozenset[str]" = frozenset()
    is_certain = is_foreign = False
    code: "int | None" = None

    def __init__(self) -> None:
        self.kept: list[Any] = []
        self.kept.append(self.kept)
        self.hooks: list[str] = []


_state = _State()


class _End(SystemExit):
    """The end of a program, from which the interpreter gets the exit code when nothing can change that any more."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self._code = code

    @property
    def code(self) -> int:  # type: ignore[override]  # as the interpreter reads it
        _state.code = self._code & 0xFF
        return self._code


def prepare(*, is_certain: bool) -> None:
    """Have the end of each child prepared: call it before the program registers what is to be done at exit.

    Args:
        is_certain: Whether the program ends with the value of its function, see `outcome`.
    """
    _state.is_certain = is_certain and not atexit._ncallbacks()  # noqa: SLF001 - there is no other way to ask
    atexit.register(_leave)


def hold(hooks: "list[str]") -> None:
    """Remember what is loaded now, unless its end could be seen; before `gc.freeze`.

    Args:
        hooks: Empty as long as no one hears of all that is done here.
    """
    _state.hooks = hooks
    if not _can_be_seen(gc.get_objects()):
        _state.names = frozenset(sys.modules) - _NEEDED
        _state.is_foreign = any(map(_is_foreign, list(sys.modules.values())))


def keep(item: object) -> None:
    """Keep something of ours as long as the process lives."""
    _state.kept.append(item)


def finish(value: "Any") -> "Any":
    """Return what the function has returned; or end with it, where the program does nothing else."""
    is_known = value is None or (type(value) in (int, bool) and abs(value) < 1 << 31)
    if is_known and _state.is_certain and not _state.hooks and not doubts.of_watchers():
        raise _End(value or 0)
    return value


def _leave() -> None:
    """Leave all to the system, or take what was held out of what is about to be taken down; the last thing at exit."""
    if not _state.names or _state.hooks or not _is_quiet():
        gc.unfreeze()  # as if nothing had been loaded before: destructors see what they would see
        return
    new = [module for name, module in sys.modules.items() if name not in _state.names]
    if _state.code is not None:
        _exit(_state.code, is_foreign=_state.is_foreign or any(map(_is_foreign, new)))
    rest = {name: module for name, module in sys.modules.items() if name not in _state.names}
    keep(sys.modules.copy())
    sys.modules.clear()
    sys.modules.update(rest)


def _exit(code: int, *, is_foreign: bool) -> None:
    """End this process, unless something is about that would do something else then; return otherwise."""
    if _thread._count() or gc.callbacks or gc.get_debug() or not streams.are_own():  # noqa: SLF001 - as above
        return
    ctypes = sys.modules.get("ctypes")
    if ctypes is not None:
        try:
            ctypes.PyDLL(None).exit(code)
        except (OSError, AttributeError):  # it is not what it was
            return
    if not is_foreign:
        os._exit(code)


def _is_foreign(module: object) -> bool:
    """Tell whether a module is a library in C that is not Python's own."""
    path = getattr(module, "__dict__", {}).get("__file__")
    return isinstance(path, str) and path.endswith((".so", ".pyd")) and not path.startswith(_LIBRARY)


_LIBRARY = f"{os.path.dirname(os.__file__)}/lib-dynload/"


def _can_be_seen(items: "list[Any]") -> bool:
    """Tell whether Python code runs when these are taken down: a destructor, or a callback of a weak reference."""
    if any(map(_has_destructor, {type(item) for item in items})):
        return True
    callbacks: Any = (item.__callback__ for item in items if isinstance(item, weakref.ReferenceType))
    return any(callback is not None and not _is_pythons(callback) for callback in callbacks)


def _has_destructor(kind: "Any") -> bool:
    """Tell whether a class defines a destructor in Python."""
    return any("__del__" in vars(base) and hasattr(vars(base)["__del__"], "__code__") for base in kind.__mro__)


def _is_pythons(function: "Any") -> bool:
    """Tell whether a function is in C or of the standard library."""
    module = getattr(function, "__module__", None) or "builtins"
    return not hasattr(function, "__code__") or str(module).partition(".")[0] in sys.stdlib_module_names


def _is_open(item: "Any") -> bool:
    """Tell whether this is a file or a socket that nothing has closed, and that is not a standard stream."""
    if isinstance(item, io.FileIO):
        return item.closefd and not item.closed
    sockets = sys.modules.get("_socket")
    return sockets is not None and isinstance(item, sockets.socket) and item.fileno() >= 0


def _is_quiet() -> bool:
    """Write what is in buffers; tell whether nothing that the call has made does anything when it is taken down."""
    new: list[Any] = list(gc.get_objects())
    if _can_be_seen(new):
        return False
    try:
        if streams.are_own():  # which the interpreter writes first
            streams.flush()
    except (OSError, ValueError):
        return False
    for item in new:
        if isinstance(item, _GENERATORS) or _is_open(item):  # of which there may be a warning
            return False
        if isinstance(item, _WRITERS) and not item.closed:
            try:
                item.flush()
            except (OSError, ValueError):
                return False
    return True
