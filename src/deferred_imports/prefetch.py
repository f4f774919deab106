"""Run time: reads ahead from disk what the imports of a program will need, as an earlier run of it recorded.

``deferred-imports record -- COMMAND`` writes the record. Reading ahead is advice to the kernel: nothing is executed or
imported, no lock is taken, and whatever does not fit the record any more is skipped. So it can be slow, or useless, but
never wrong. A record is text::

    # deferred-imports record 1
    prefix 5242 - lib/python3.13/site-packages/numpy/__init__.py
    prefix 27226401 0+131072,524288+65536 lib/python3.13/site-packages/numpy.libs/libscipy_openblas64_-6bb31eeb.so
    # end

A line names a root, a file's size, the ranges that were used (offset+length, or ``-`` for the whole file) and its path
below the root without symbolic links: ``prefix`` is `sys.prefix`, ``base`` is `sys.base_prefix`, and ``path`` is the
first directory of `sys.path` that has the file.
"""

import _thread
import os
import sys
import time

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    (abc,) = _named("collections.abc")
if TYPE_CHECKING:
    from collections import abc

__all__ = ["Status", "prefetch"]

VARIABLE = "PYDEFER_PREFETCH"
EVENT = "deferred_imports.prefetch"
FILE_NAME = "deferred-imports.record"
"""The record that is used when no other is named; it lies in `sys.prefix`."""

OFF = ("0", "false", "no", "off")
"""The variable's values that turn all reading ahead off."""

HEADER = "# deferred-imports record 1"
END = "# end"
WHOLE = "-"
LARGEST_WHOLE = 16 << 20
"""Bytes above which a file is never read as a whole."""

_LARGEST_RECORD = 4 << 20
_LONGEST_PATH = 1024
_MOST = 1 << 30  # bytes in all: nobody imports more, and a record that says so shall not empty the page cache
_THREADS = 4  # 8 or 16 gain nothing more
_PROBES = 8
# What the kernel does for one advice is bounded by the read-ahead of the device, 128 KiB where nobody has changed it;
# it silently leaves out the rest.
_CHUNK = 128 << 10
_PATIENCE = 1.0  # seconds that a fork waits for the file at hand


class Status:
    """What became of a call of `prefetch`. It is true where the kernel is being asked to read.

    Attributes:
        status: "started"; "running", by an earlier call; "disabled", by the variable; "nothing recorded"; or
            "impossible" on this system.
        record: The path of the record, or "" where none was looked for.
        why: The reason, in words.
    """

    __slots__ = ("record", "status", "why")

    def __init__(self, status: str, record: str = "", why: str = "") -> None:
        self.status = status
        self.record = record
        self.why = why

    def __bool__(self) -> bool:
        return self.status in ("started", "running")

    def __repr__(self) -> str:
        return f"<{': '.join(filter(None, [self.status, self.record, self.why]))}>"

    def stale(self) -> "tuple[int, int]":
        """Count the recorded files that are not as recorded any more.

        Looks at each of them, which takes some microseconds a file; so it is for diagnosis, and nothing waits for it.

        Returns:
            How many they are, and how many are recorded.
        """
        lines = load(self.record) if self.record else []
        return len(stale(lines, roots(sys.prefix, sys.base_prefix, sys.path))), len(lines)


def prefetch(path: "str | os.PathLike[str] | None" = None) -> Status:
    """Start to read what the imports of this program will need, and return at once.

    For the first line of a program. Up to four threads advise the kernel of the recorded ranges; they end when all is
    said, when the files turn out to be cached already, or when the process forks, and do not keep it from exiting.
    Nothing happens where that is not possible (no ``posix_fadvise``), or where there is no record that fits; what is
    returned says which. Raises an auditing event ``deferred_imports.prefetch`` with the record's path, once for each
    record that it reads, and no exception.

    Args:
        path: The record. By default the one that ``PYDEFER_PREFETCH`` names, or else ``deferred-imports.record`` in
            `sys.prefix`. ``PYDEFER_PREFETCH=0`` turns all reading ahead off.

    Returns:
        What became of it; it is true where the kernel is being asked to read.
    """
    variable = os.environ.get(VARIABLE, "")
    if variable.strip().lower() in OFF:
        return Status("disabled", why=f"{VARIABLE}={variable}")
    if not (hasattr(os, "posix_fadvise") and hasattr(os, "fork")):
        return Status("impossible", why=f"{sys.platform} takes no advice about files")
    try:
        named = path or variable or os.path.join(sys.prefix, FILE_NAME)
        record = os.path.abspath(os.fsdecode(named))
    except OSError as error:
        return Status("nothing recorded", why=f"the current directory is gone: {error}")
    if record in _readings:
        return Status("running", record)
    sys.audit(EVENT, record)
    if not os.path.isfile(record):
        return Status("nothing recorded", record, "no such file")
    if not _readings:
        import atexit  # a part of the interpreter's own binary, but none that it has loaded

        os.register_at_fork(before=_stop)
        atexit.register(_leave)
    _readings[record] = _Reading(record)
    _readings[record].start()
    return Status("started", record)


_readings: "dict[str, _Reading]" = {}


def _stop() -> None:
    """End all reading before a fork: the child shall inherit no open file, and the fork find no other thread."""
    for reading in list(_readings.values()):
        reading.stop()


def _leave() -> None:
    """See to it that the interpreter does not end below a thread that is just starting: Python 3.10 crashes there."""
    for reading in list(_readings.values()):
        reading.leave()


class _Reading:
    """The threads that read one record."""

    def __init__(self, record: str) -> None:
        self._over = False
        self._starting = _thread.allocate_lock()
        self._begun: list[_thread.LockType] = []
        self._ended: list[_thread.LockType] = []
        self._threads: list[int] = []
        self._record = record
        self._lines: list[str] = []
        self._left = _MOST
        self._roots: dict[str, list[str]] = {}
        self._real: dict[str, bool] = {}

    def start(self, *, first: bool = True) -> None:
        """Start one thread; the first finds out whether there is something to do."""
        begun, ended = _thread.allocate_lock(), _thread.allocate_lock()
        begun.acquire()
        ended.acquire()
        with self._starting:
            if self._over:
                return
            try:
                _thread.start_new_thread(self._run, (first, begun, ended))
            except RuntimeError:  # no more threads, or the interpreter ends
                return
            self._begun.append(begun)
            self._ended.append(ended)

    def leave(self) -> None:
        """Start no more threads, and wait until those that were started have begun; not until they end."""
        self._start_no_more()
        for begun in self._begun:
            begun.acquire(True, _PATIENCE)

    def _start_no_more(self) -> None:
        """End the reading, after a thread that is being started right now; not for ever, as this may be its handler."""
        is_free = self._starting.acquire(True, _PATIENCE)
        self._over = True
        if is_free:
            self._starting.release()

    def stop(self) -> None:
        """Let the threads end after the file at hand, and wait for that, but not for ever: a network may hang."""
        self._start_no_more()
        for ended in self._ended:
            if ended.acquire(True, _PATIENCE):
                ended.release()
        for thread in self._threads:  # they are over, but for the system they may not be gone yet
            for _ in range(100):
                if not os.path.exists(f"/proc/self/task/{thread}"):
                    break
                time.sleep(0.001)
        self._begun, self._ended, self._threads = [], [], []

    def _run(self, first: bool, begun: "_thread.LockType", ended: "_thread.LockType") -> None:
        self._threads.append(_thread.get_native_id())
        begun.release()
        try:
            if not first or self._prepare():
                self._advise_all()
        except Exception:  # noqa: BLE001, S110, it is no more than advice: whatever is wrong, the program goes on
            pass
        finally:
            ended.release()

    def _prepare(self) -> bool:
        """Read the record, and return whether there are files of it that are not cached; if so, start more threads."""
        lines = load(self._record)
        self._roots = roots(sys.prefix, sys.base_prefix, sys.path)
        samples = {index * (len(lines) - 1) // (_PROBES - 1) for index in range(_PROBES)} if lines else set()
        if not any(self._is_missing(lines[index]) for index in samples):
            return False
        self._lines = lines[::-1]  # pop() takes the last one, in one step that no other thread can come between
        for _ in range(_THREADS - 1):
            self.start(first=False)
        return True

    def _advise_all(self) -> None:
        while not self._over and self._left > 0:
            try:
                line = self._lines.pop()
            except IndexError:
                return
            fits = self._open(line)
            if fits is None:
                continue
            file, ranges = fits
            try:
                for offset, length in ranges:
                    self._left -= length  # threads may lose a part of it to each other: it is no exact limit
                    for start in range(offset, offset + min(length, self._left), _CHUNK):
                        os.posix_fadvise(file, start, min(_CHUNK, offset + length - start), os.POSIX_FADV_WILLNEED)
            except OSError:  # its file system takes no advice
                pass
            finally:
                os.close(file)

    def _is_missing(self, line: str) -> bool:
        """Return whether the file is as recorded and what is needed of it is not in the page cache."""
        fits = self._open(line)
        if fits is None:
            return False
        file, ranges = fits
        try:
            return not ranges or not os.preadv(file, [bytearray(1)], ranges[-1][0], os.RWF_NOWAIT)
        except (OSError, AttributeError):  # it would have to wait, or nobody can say
            return True
        finally:
            os.close(file)

    def _open(self, line: str) -> "tuple[int, abc.Sequence[tuple[int, int]]] | None":
        """Open the file of a line, if it is as recorded, and return its descriptor and the ranges to read."""
        parsed = parse_line(line)
        if parsed is None:
            return None
        root, size, ranges, name = parsed
        for directory in self._roots.get(root, ()):
            path = f"{directory}/{name}"
            if not self._is_real(path.rpartition("/")[0], directory):
                continue
            try:
                # Without O_NONBLOCK, a pipe in the place of the file would keep the thread for ever.
                file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            except OSError:
                continue
            found = os.fstat(file)
            if found.st_mode & _TYPE == _REGULAR and found.st_size == size:
                return file, ranges
            os.close(file)
            if root == "path":  # an import stops looking here, too
                return None
        return None

    def _is_real(self, path: str, root: str) -> bool:
        """Return whether no directory between the root and this one is a symbolic link, which might lead outside."""
        if path == root:
            return True
        known = self._real.get(path)
        if known is None:
            try:
                known = self._is_real(path.rpartition("/")[0], root) and os.lstat(path).st_mode & _TYPE == _DIRECTORY
            except OSError:
                known = False
            self._real[path] = known
        return known


# As in `stat`, which an interpreter without site has not loaded.
_TYPE, _DIRECTORY, _REGULAR = 0o170000, 0o040000, 0o100000


def load(record: str) -> "list[str]":
    """Return the lines of a record, or none where it is not whole or of another format."""
    try:
        file = os.open(record, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return []
    try:
        found = os.fstat(file)
        if found.st_mode & _TYPE != _REGULAR or found.st_size > _LARGEST_RECORD:
            return []
        content = os.read(file, found.st_size)
    finally:
        os.close(file)
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    whole = lines[0] == HEADER and lines[-2:] == [END, ""]
    return lines[1:-2] if whole else []


def parse_line(line: str) -> "tuple[str, int, list[tuple[int, int]], str] | None":
    """Return the root, size, ranges and path that a line names; none where anything about it is not as it should be."""
    parts = line.split(" ", 3)
    if len(parts) != 4:
        return None
    root, size, spans, name = parts
    # An absolute path has an empty part.
    if len(name) > _LONGEST_PATH or "\0" in name or not {"", ".", ".."}.isdisjoint(name.split("/")):
        return None
    most = _number(size)
    if spans == WHOLE:
        return (root, most, [(0, most)], name) if 0 <= most <= LARGEST_WHOLE else None
    ranges = []
    for span in spans.split(","):
        offset, _, length = span.partition("+")
        start, extent = _number(offset), _number(length)
        if start < 0 or extent <= 0 or start + extent > most:
            return None
        ranges.append((start, extent))
    return root, most, ranges, name


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else -1


def roots(prefix: str, base: str, path: "abc.Sequence[str]") -> "dict[str, list[str]]":
    """Return the directories that each root stands for, without symbolic links."""
    named = {"prefix": [prefix], "base": [base], "path": [place for place in path if os.path.isabs(place)]}
    real = {root: map(os.path.realpath, places) for root, places in named.items()}
    return {root: [place for place in places if place != "/"] for root, places in real.items()}


def stale(lines: "abc.Sequence[str]", places: "dict[str, list[str]]") -> "list[str]":
    """Return the lines of a record whose file is not as recorded: gone, of another size, or reached through a link.

    Args:
        lines: As `load` returns them.
        places: As `roots` returns them.
    """
    return [line for line in lines if not _is_true(line, places)]


def _is_true(line: str, places: "dict[str, list[str]]") -> bool:
    parsed = parse_line(line)
    if parsed is None:
        return False
    root, size, _, name = parsed
    for directory in places.get(root, ()):
        path = f"{directory}/{name}"
        try:
            found = os.lstat(path)
        except OSError:
            continue
        return found.st_mode & _TYPE == _REGULAR and found.st_size == size and os.path.realpath(path) == path
    return False
