"""Runs first in every interpreter that `record` starts, see `customize`: notes which files it opens and maps.

It writes `events` into the directory of its file, one Python literal a line, and who starts to read ahead as well.
It must not load what a program might: only what every interpreter has loaded, so that the order of use stays true.
"""

import _thread
import atexit
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

BLOCK = 64 << 10
"""The bytes that the kernel maps around a page that is used: more precise than that, nothing is known."""

_HERE = os.path.dirname(os.path.abspath(__file__))
_READER = "deferred_imports.prefetch"  # the module that reads ahead, and the event by which it says so
_OBEYER = "deferred_imports._variables"  # through which registries call it
_PRESENT = 0xC0  # in the highest byte of an entry of pagemap: in memory, or swapped out


def main() -> None:
    """Start to note."""
    cached = sys.modules["_frozen_importlib_external"].cache_from_source("x.py")
    log(("python", sys.prefix, sys.base_prefix, list(sys.path), os.path.basename(cached)[1:]))
    atexit.register(finish)
    sys.addaudithook(Opened().audit)


def log(event: "tuple[object, ...]") -> None:
    """Append a line, at once and whole: the process may end in any way, and others write, too."""
    try:
        # Opened anew each time: a program may close what it does not know, and open its own under the same number.
        file = os.open(os.path.join(_HERE, "events"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:  # the command has ended, and this process has survived it
        return
    try:
        os.write(file, f"{event!a}\n".encode())
    finally:
        os.close(file)


class Opened:
    """Notes each file that is opened to be read, once, in the order of use."""

    def __init__(self) -> None:
        self._known: set[object] = set()
        self._busy: set[int] = set()
        self._library = True  # the interpreter's own

    def audit(self, event: str, arguments: "tuple[object, ...]") -> None:
        """See an event of the interpreter, as https://docs.python.org/3/library/audit_events.html lists them."""
        thread = _thread.get_ident()
        if event == _READER:
            _note_reading(arguments[0])
        if event not in {"open", "import"} or thread in self._busy:
            return
        self._busy.add(thread)  # noting opens a file, too
        try:
            if self._library:  # the one before is mapped by now, with all that it needs
                self._library = False
                for path, *_ in mapped():
                    self._note(path)
            if event == "import":
                self._library = arguments[1] is not None
                self._note(arguments[1])
            elif isinstance(arguments[2], int) and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
                self._note(arguments[0])
        except (OSError, ValueError):  # what cannot be noted is left out
            pass
        finally:
            self._busy.discard(thread)

    def _note(self, path: object) -> None:
        if isinstance(path, (str, bytes)) and path not in self._known:
            self._known.add(path)
            log(("open", os.path.abspath(os.fsdecode(path))))


def _note_reading(record: object) -> None:
    """Note who starts to read a record ahead: file, line, and the package if it is a registry."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001, `inspect` is too heavy
    while frame is not None:
        place, names = frame.f_code.co_filename, frame.f_globals
        # What an old registry compiles on demand stands in no file; neither does "python -c".
        named = not place.startswith("<") or names.get("__name__") == "__main__"
        if named and names.get("__name__") not in {__name__, _READER, _OBEYER}:
            package = names.get("__package__") if "__deferred_imports__" in names else None
            log(("ahead", place if place.startswith("<") else os.path.abspath(place), frame.f_lineno, package, record))
            return
        frame = frame.f_back


def mapped() -> "list[tuple[str, int, int, int]]":
    """Return the path, start, end and offset of each mapping of a file."""
    found = []
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:  # another system
        return []
    for line in lines:
        span, _, offset, _, _, *path = line.split(None, 5)
        if path and path[0].startswith("/") and not path[0].endswith(" (deleted)"):
            start, _, end = span.partition("-")
            found.append((path[0], int(start, 16), int(end, 16), int(offset, 16)))
    return found


def finish() -> None:
    """Note which pages of the mapped files were used: the last thing that happens in this process."""
    log(("path", list(sys.path)))
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        file = os.open("/proc/self/pagemap", os.O_RDONLY)
    except (AttributeError, OSError):  # another system
        return
    try:
        for path, start, end, offset in mapped():
            entries = os.pread(file, (end - start) // page * 8, start // page * 8)
            used = [index for index, high in enumerate(entries[7::8]) if high & _PRESENT]
            log(("pages", path, sorted({(offset + index * page) // BLOCK for index in used})))
    except OSError:
        pass
    finally:
        os.close(file)
