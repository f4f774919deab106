"""Run time: tells of each resolution what it was, how long it took and which line asked for it.

Loaded when ``PYDEFER_TRACE`` asks for it, or by ``on_resolve()``. It loads nothing else: what it writes, it writes
itself, and the line it takes from the stack (``inspect.stack()`` would load whatever is deferred).
"""

import os
import sys
from _thread import allocate_lock, get_ident
from time import perf_counter, time

from deferred_imports._entries import is_within, namespace_of, quoted, text_of
from deferred_imports._registries import Registry, UnreadableRegistryError, read_registry, warn_of
from deferred_imports._reports import Resolved

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, types, typing, _entries = _named("collections.abc", "types", "typing", "deferred_imports._entries")
if TYPE_CHECKING:
    import types
    import typing
    from collections import abc

    from deferred_imports import _entries

VARIABLE = "PYDEFER_TRACE"
_GRAMMAR = "expected 1, true, yes or on; json; one of these, a colon and a file; or 0, false, no, off or nothing"
# Who stands between a line that asks for a module and the module.
_BETWEEN = frozenset(
    {"_frozen_importlib", "_frozen_importlib_external", "asyncio", "concurrent", "importlib", "threading", "zipimport"}
)

_callbacks: "tuple[tuple[object, abc.Callable[[ResolveEvent], object]], ...]" = ()  # each with a mark of its own
_lock = allocate_lock()  # of threads that have waited for the same import, the first tells
_places: "dict[int, tuple[str, int]]" = {}  # what the threads that only import do it for
_tries: "dict[int, tuple[str, str]]" = {}  # what the threads are at that leave a failure to another
_complained: "set[str]" = set()
_telling: "set[int]" = set()


class ResolveEvent(Resolved):
    """A resolution: what became of a deferred import, and who asked for it.

    Attributes:
        entry: The declaration.
        seconds: How many seconds its import took.
        error: What went wrong, or None.
        filename: The file with the line that asked for it.
        lineno: The number of that line. In a thread that was started only to import, these are of the line that has
            started it, and 0 where that is not known.
    """

    __slots__ = ("filename", "lineno")

    def __init__(self, entry: "_entries.DeferredImport", seconds: float, error: "BaseException | None") -> None:
        super().__init__(entry, seconds, error)
        self.filename, self.lineno = asking(entry.registry)


def on_resolve(callback: "abc.Callable[[ResolveEvent], object]") -> "abc.Callable[[], None]":
    """Call back after each resolution, of registries that are loaded and of those that will be.

    That is the first access to a name, failed ones included, and what ``resolve_now()`` and its like import; a plain
    ``import`` statement resolves nothing of ours. The call is made in the thread that has resolved it. What it raises
    is printed, and disturbs nobody, but for ``KeyboardInterrupt`` and ``SystemExit``; what it resolves itself, it is
    not told.

    Args:
        callback: Called with one event.

    Returns:
        A function that ends it.
    """
    global _callbacks  # noqa: PLW0603 - replaced as a whole, so that whoever iterates over it needs no lock
    mark = object()
    with _lock:
        _callbacks = (*_callbacks, (mark, callback))

    def end() -> None:
        global _callbacks  # noqa: PLW0603 - as above
        with _lock:
            _callbacks = tuple([item for item in _callbacks if item[0] is not mark])

    return end


def watched(load: "types.FunctionType", registry: str, key: str) -> "typing.Any":
    """Return what a registry's own ``__getattr__`` returns for a name, and tell of it; registries call this."""
    namespace: dict[str, typing.Any] = load.__globals__
    module = sys.modules.get(registry)
    try:
        if module is not None and namespace_of(module) is namespace:
            entries = read_registry(registry, module, namespace).entries
        else:  # another has taken its place, and somebody still has this one
            entries = Registry(type(sys)(registry), namespace).entries
    except UnreadableRegistryError as error:  # it is of a later format, and works all the same
        warn_of(error)
        return load(key, False)
    return watch(next(entry for entry in entries if entry.key == key), lambda: load(key, False))


def watch(entry: "_entries.DeferredImport", load: "abc.Callable[[], typing.Any]") -> "typing.Any":
    """Return what importing an entry returns, and tell of it."""
    write = _writer()
    begin = perf_counter()
    try:
        value = load()
    except BaseException as error:
        if _tries.get(get_ident()) != (entry.registry, entry.key):
            _tell(ResolveEvent(entry, perf_counter() - begin, error), write)
        raise
    seconds = perf_counter() - begin
    with _lock:
        is_told, entry._is_told = getattr(entry, "_is_told", False), True  # noqa: SLF001 - nobody else needs to know
    if not is_told:
        _tell(ResolveEvent(entry, seconds, None), write)
    return value


def _tell(event: ResolveEvent, write: "abc.Callable[[ResolveEvent], None] | None") -> None:
    if write is not None:
        write(event)
    if _callbacks and get_ident() not in _telling:
        _telling.add(get_ident())
        try:
            for _, callback in _callbacks:
                try:
                    callback(event)
                except Exception:  # noqa: BLE001 - whatever fails there, the import has not
                    sys.excepthook(*sys.exc_info())
        finally:
            _telling.discard(get_ident())


def _writer() -> "abc.Callable[[ResolveEvent], None] | None":
    """Return what writes an event as the variable asks for it; an invalid value is reported once, and no more."""
    value = os.environ.get(VARIABLE, "")
    word, _, path = value.strip().partition(":")
    word = word.strip().lower()
    if word in ("", "0", "false", "no", "off") and not path:
        return None
    form = _json if word == "json" else _line if word in ("1", "true", "yes", "on") else None
    if form is None:
        _complain(f"{VARIABLE}={quoted(value)}: {_GRAMMAR}")
        return None
    return lambda event: _write(f"{form(event)}\n", path)


def _write(text: str, path: str = "") -> None:
    try:
        if not path:
            if sys.stderr is not None:
                sys.stderr.write(text)  # at once: other threads write, too
            return
        with open(path, "a", encoding="utf-8", errors="backslashreplace", opener=_opened) as file:
            file.write(text)
    except Exception as error:  # noqa: BLE001 - daemons have closed it, or a program has put something of its own there
        if path:
            _complain(f"{VARIABLE}: expected a file that can be written, got {quoted(path)}: {error}")


def _opened(path: str, flags: int) -> int:
    """Open a file without waiting: a named pipe that has no reader would be waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def _complain(text: str) -> None:
    if text not in _complained:
        _complained.add(text)
        _write(f"deferred-imports: {text}\n")


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
    # A program that has not loaded this module has no other thread.
    threading: typing.Any = sys.modules.get("threading")
    thread = "MainThread" if threading is None else threading.current_thread().name
    return (
        f'{{"time": {time():.6f}, "pid": {os.getpid()}, "thread": {_quoted(thread)}, '
        f'"package": {_quoted(entry.package)}, "name": {_quoted(entry.name)}, "targets": [{targets}], '
        f'"milliseconds": {event.seconds * 1000:.3f}, "file": {_quoted(event.filename)}, "line": {event.lineno}, '
        f'"error": {_quoted(None if event.error is None else _error(event.error))}}}'
    )


def _error(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {text_of(error)}".split())


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


def stand_in_for(place: "tuple[str, int]") -> None:
    """Note which line this thread imports for: it was started for nothing else."""
    _places[get_ident()] = place


def only_try(entry: "_entries.DeferredImport | None") -> None:
    """Note what this thread tries to import: if it fails, that is not told, because another thread tries it again."""
    if entry is None:
        _tries.pop(get_ident(), None)  # the next thread may have the same number
    else:
        _tries[get_ident()] = entry.registry, entry.key


def asking(registry: str) -> "tuple[str, int]":
    """Return the file and the number of the line that has asked: the innermost that is neither ours nor Python's."""
    frame: types.FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no other way to the stack
    while frame is not None:
        name = frame.f_globals.get("__name__")
        name = name if type(name) is str else ""
        if name != registry and not is_within(name, "deferred_imports") and name.partition(".")[0] not in _BETWEEN:
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return _places.get(get_ident(), ("<another thread>", 0))
