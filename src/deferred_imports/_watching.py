"""Run time: tells of each resolution what it was, how long it took and which line asked for it.

Loaded when ``PYDEFER_TRACE`` asks for it, or by ``on_resolve()``. It loads nothing else: what it writes, it writes
itself, and the line it takes from the stack (``inspect.stack()`` would load whatever is deferred).
"""

import os
import sys
from _thread import get_ident
from time import perf_counter

from deferred_imports._registries import Registry, is_within, namespace_of, read_registry
from deferred_imports._resolution import Resolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, FunctionType
    from typing import Any

    from deferred_imports._registries import DeferredImport

VARIABLE = "PYDEFER_TRACE"
_GRAMMAR = "expected 1, true, yes or on; json; or 0, false, no, off or nothing"
# Who stands between a line that asks for a module and the module.
_BETWEEN = frozenset(
    {"_frozen_importlib", "_frozen_importlib_external", "asyncio", "concurrent", "importlib", "threading", "zipimport"}
)

_callbacks: "tuple[Callable[[ResolveEvent], object], ...]" = ()
_told: "dict[DeferredImport, object]" = {}
_telling: "set[int]" = set()


class ResolveEvent(Resolved):
    """A resolution: what became of a deferred import, and who asked for it.

    Attributes:
        entry: The declaration.
        seconds: How long its import took.
        error: What went wrong, or None.
        filename: The file with the line that asked for it.
        lineno: The number of that line; 0 in a thread that was started only to import.
    """

    __slots__ = ("filename", "lineno")

    def __init__(self, entry: "DeferredImport", seconds: float, error: "BaseException | None") -> None:
        super().__init__(entry, seconds, error)
        self.filename, self.lineno = _asking(entry.registry)


def on_resolve(callback: "Callable[[ResolveEvent], object]") -> "Callable[[], None]":
    """Call back after each resolution, of registries that are loaded and of those that will be.

    That is the first access to a name, failed ones included, and what ``resolve_now()`` and its like import; a plain
    ``import`` statement resolves nothing of ours. The call is made in the thread that has resolved it. What it raises
    is printed, and disturbs nobody; what it resolves itself, it is not told.

    Args:
        callback: Called with one event.

    Returns:
        A function that ends it.
    """
    global _callbacks  # noqa: PLW0603 - replaced as a whole, so that whoever iterates over it needs no lock
    _callbacks = (*_callbacks, callback)

    def end() -> None:
        global _callbacks  # noqa: PLW0603 - as above
        _callbacks = tuple([other for other in _callbacks if other is not callback])

    return end


def watched(load: "FunctionType", registry: str, key: str) -> "Any":
    """Return what a registry's own ``__getattr__`` returns for a name, and tell of it; registries call this."""
    namespace: dict[str, Any] = load.__globals__
    module = sys.modules.get(registry)
    if module is not None and namespace_of(module) is namespace:
        entries = read_registry(registry, module, namespace).entries
    else:  # another has taken its place, and somebody still has this one
        entries = Registry(type(sys)(registry), namespace).entries
    return watch(next(entry for entry in entries if entry.key == key), lambda: load(key, False))


def watch(entry: "DeferredImport", load: "Callable[[], Any]") -> "Any":
    """Return what importing an entry returns, and tell of it."""
    write = _writer()
    begin = perf_counter()
    try:
        value = load()
    except BaseException as error:
        _tell(ResolveEvent(entry, perf_counter() - begin, error), write)
        raise
    seconds = perf_counter() - begin
    own = object()
    if _told.setdefault(entry, own) is own:  # of threads that have waited for the same import, the first tells
        _tell(ResolveEvent(entry, seconds, None), write)
    return value


def _tell(event: ResolveEvent, write: "Callable[[ResolveEvent], str] | None") -> None:
    if write is not None and sys.stderr is not None:
        try:  # noqa: SIM105 - contextlib would be a module to load
            sys.stderr.write(f"{write(event)}\n")  # at once: other threads write, too
        except (OSError, ValueError):  # daemons have closed it
            pass
    if _callbacks and get_ident() not in _telling:
        _telling.add(get_ident())
        try:
            for callback in _callbacks:
                try:
                    callback(event)
                except Exception:  # noqa: BLE001 - whatever fails there, the import has not
                    sys.excepthook(*sys.exc_info())
        finally:
            _telling.discard(get_ident())


def _writer() -> "Callable[[ResolveEvent], str] | None":
    """Return what writes an event as the variable asks for it."""
    value = os.environ.get(VARIABLE, "")
    word = value.strip().lower()
    if word in ("", "0", "false", "no", "off"):
        return None
    if word in ("1", "true", "yes", "on"):
        return _line
    if word == "json":
        return _json
    raise ValueError(f'{VARIABLE}="{value}": {_GRAMMAR}')


def _line(event: ResolveEvent) -> str:
    entry = event.entry
    targets = " or ".join(entry.targets)
    what = f"{entry.package}: {entry.name} = {targets}" if entry.name else f"{entry.package}: {targets}"
    failed = "" if event.error is None else "failed after "
    text = f"deferred-imports: {what}, {failed}{event.seconds * 1000:.1f} ms, {event.filename}:{event.lineno}"
    return text if event.error is None else f"{text}: {_error(event.error)}"


def _json(event: ResolveEvent) -> str:
    entry = event.entry
    targets = ", ".join(map(_quoted, entry.targets))
    return (
        f'{{"package": {_quoted(entry.package)}, "name": {_quoted(entry.name)}, "targets": [{targets}], '
        f'"milliseconds": {event.seconds * 1000:.3f}, "file": {_quoted(event.filename)}, "line": {event.lineno}, '
        f'"error": {_quoted(None if event.error is None else _error(event.error))}}}'
    )


def _error(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _quoted(text: "str | None") -> str:
    """Return text as JSON; ``json`` would be a module to load."""
    if text is None:
        return "null"
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    code = ord(char)
    if char in '"\\':
        return f"\\{char}"
    if 0x20 <= code < 0x7F:
        return char
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _asking(registry: str) -> "tuple[str, int]":
    """Return the file and the number of the line that has asked: the innermost that is neither ours nor Python's."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no other way to the stack
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name != registry and not is_within(name, "deferred_imports") and name.partition(".")[0] not in _BETWEEN:
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return "<another thread>", 0
