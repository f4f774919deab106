"""Takes down what a program reads of its caller while it is loaded, and what several calls cannot share.

Variables, the arguments, the current directory and whether a terminal is there can differ from call to call: what was
read of them while loading becomes part of the identity (`identity.with_reads`). What cannot be had again in a child, or
would be shared by all, makes the process unfit: then every call runs directly.
"""

import _thread
import io
import os
import sys

from deferred_imports.resident import identity, streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class UnfitError(Exception):
    """What has been loaded cannot be handed to several calls; the text says why.

    Attributes:
        is_passing: Whether it may be otherwise next time, without any change.
    """

    is_passing = False


class Watch:
    """Takes down what is read while it is entered.

    Attributes:
        reads: What was read, see `identity.with_reads`.
        opened: The files and directories.
        unfit: Why several calls cannot share what was loaded.
        hooks: What tells that others hear of all that is done here, from then on.
    """

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.opened: set[str] = set()
        self.unfit: list[str] = []
        self.hooks: list[str] = []
        self._temporary: list[str] = []
        self._restored: list[tuple[object, str, object]] = []
        self._variables: list[Any] = [os.environ, os.environb]
        self._classes = [type(variables) for variables in self._variables]
        self._streams = streams.current()
        self._settings = list(map(streams.settings, self._streams))
        self._files = _open_files()
        self._children = _children()
        self._is_over = False

    def __enter__(self) -> "Watch":  # noqa: PYI034 - Self is not in typing on 3.10
        sys.addaudithook(self._audit)
        for variables, kind in zip(self._variables, self._classes, strict=True):
            variables.__class__ = _noting(kind, self._note_variable)
        self._argv = sys.argv
        sys.argv = self._watched = _Arguments(sys.argv[:1], self.reads)
        for name, what in (("isatty", identity.TERMINAL), ("get_terminal_size", identity.SIZE)):
            self._replace(name, what)
        self._replace("getcwd", identity.DIRECTORY)
        self._replace("getcwdb", identity.DIRECTORY)
        for stream, number in zip(self._streams, (0, 1, 2), strict=True):
            if stream is not None:
                streams.reopen(
                    stream, number, raw=_Raw(number, "rb" if number == 0 else "wb", closefd=False, watch=self)
                )
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        for variables, kind in zip(self._variables, self._classes, strict=True):
            variables.__class__ = kind
        for place, name, value in self._restored:
            setattr(place, name, value)
        if sys.argv is not self._watched:
            self.unfit.append("it replaces sys.argv while it is imported")
        sys.argv = self._argv

    def check(self) -> None:
        """Raise ``UnfitError`` if several calls cannot share what was loaded."""
        streams.flush()
        if self._streams != streams.current():
            self.unfit.append("it replaces standard input or output while it is imported")
        elif list(map(streams.settings, self._streams)) != self._settings:
            self.unfit.append("it changes how standard input or output is encoded or buffered")
        if os.fstat(2).st_size:
            self.unfit.append("it prints while it is imported")
        if identity.ARGUMENTS in self.reads:
            self.unfit.append("it reads sys.argv while it is imported")
        elif sys.getrefcount(self._watched) > 2:  # the attribute, and the argument itself
            self.unfit.append("it keeps sys.argv")
        if self.hooks:
            self.unfit.append("it adds an audit hook while it is imported")
        self.unfit += [f"it makes {path} while it is imported" for path in self._temporary if os.path.exists(path)]
        self._check_process()
        if self.unfit:
            raise UnfitError("; ".join(self.unfit))

    def _check_process(self) -> None:
        now = _open_files()
        # libffi, and so ctypes, keeps its own library open for its trampolines; nobody reads from there.
        kept = [now[name] for name in now.keys() - self._files if ".so" not in str(now[name]).rpartition("/")[2]]
        self.unfit += [f"it keeps {path} open" for path in kept]
        if _thread._count():  # noqa: SLF001 - `threading` does not know them all
            self.unfit.append("it starts threads while it is imported")
        if _children() != self._children:
            self.unfit.append("it starts processes while it is imported")

    def _note_variable(self, name: object) -> None:
        if isinstance(name, bytes):
            name = os.fsdecode(name)
        if isinstance(name, str) and "\n" not in name:
            self.reads.add(name)

    def _replace(self, name: str, what: str) -> None:
        really: Callable[..., Any] = getattr(os, name)

        def noting(*arguments: object) -> object:
            if not self._is_over:
                self.reads.add(what)
            return really(*arguments)

        noting.__name__ = name
        self._restored.append((os, name, really))
        setattr(os, name, noting)

    def _audit(self, event: str, arguments: "tuple[object, ...]") -> None:
        """See an event of the interpreter, as https://docs.python.org/3/library/audit_events.html lists them."""
        if event == "sys.addaudithook":
            self.hooks.append(event)
        if self._is_over:
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, (str, bytes)) and isinstance(flags, int) and not flags & (os.O_WRONLY | os.O_RDWR):
                self.opened.add(_absolute(os.fsdecode(path)))
        elif event in ("os.listdir", "os.scandir"):
            if isinstance(arguments[0], str) and arguments[0] not in sys.path_importer_cache:
                self.opened.add(_absolute(arguments[0]))
        elif event in ("subprocess.Popen", "os.posix_spawn", "os.system", "os.fork"):
            self.reads.add(identity.ALL)
        elif event in ("tempfile.mkstemp", "tempfile.mkdtemp"):
            self._temporary.append(str(arguments[0]))


def _absolute(path: str) -> str:
    try:
        return path if path.startswith("/") else f"{os.readlink('/proc/self/cwd')}/{path}"
    except OSError:
        return path


def _open_files() -> "dict[str, str]":
    """Return what each open file descriptor is."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:  # what has listed them
            pass
    return found


def _children() -> str:
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return file.read()


class _Raw(io.FileIO):
    """A file that takes down whether it was asked what it is."""

    def __init__(self, number: int, mode: str, *, closefd: bool, watch: Watch) -> None:
        super().__init__(number, mode, closefd=closefd)
        self._watch: Watch | None = None
        super().isatty()
        self._watch = watch

    def isatty(self) -> bool:
        if self._watch is not None and not self._watch._is_over:  # noqa: SLF001 - they belong together
            self._watch.reads.add(identity.TERMINAL)
        return super().isatty()

    def readinto(self, buffer: "Any") -> "Any":
        if self._watch is not None and not self._watch._is_over:  # noqa: SLF001 - they belong together
            self._watch.unfit.append("it reads standard input while it is imported")
        return super().readinto(buffer)


class _Arguments(list):  # type: ignore[type-arg]  # of str, which a list cannot say on 3.10 at no cost
    """A ``sys.argv`` that takes down whether it was read."""

    def __init__(self, items: "list[str]", reads: "set[str]") -> None:
        super().__init__(items)
        self._reads = reads

    def __getitem__(self, index: "Any") -> "Any":
        self._reads.add(identity.FIRST if index == 0 else identity.ARGUMENTS)
        return super().__getitem__(index)

    def __iter__(self) -> "Any":
        self._reads.add(identity.ARGUMENTS)
        return super().__iter__()

    def __len__(self) -> int:
        self._reads.add(identity.ARGUMENTS)
        return super().__len__()

    def __contains__(self, item: object) -> bool:
        self._reads.add(identity.ARGUMENTS)
        return super().__contains__(item)


def _noting(kind: "Any", note: "Callable[[object], None]") -> "Any":
    """Return the class of ``os.environ`` with a note of each variable that is read."""

    class Environ(kind):  # type: ignore[misc]  # the class is private
        def __getitem__(self, key: "Any") -> "Any":
            note(key)
            return super().__getitem__(key)

        def __iter__(self) -> "Any":
            note(identity.ALL)
            return super().__iter__()

        def __len__(self) -> "Any":
            note(identity.ALL)
            return super().__len__()

    Environ.__name__ = kind.__name__
    return Environ
