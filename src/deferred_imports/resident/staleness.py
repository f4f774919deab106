"""Whether anything that a process has loaded is another by now: compared exactly, before each call.

A file is what it was while its device, inode, size and time of modification are; Python itself asks for less before it
takes a ``.pyc``. Bytecode that another process writes or removes beside the same source changes nothing. A directory
that was searched is what it was while the names in it are that an import could find.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

_ABSENT = (0, 0, 0, 0)
_SEARCHED = (".py", ".pyc", ".so", ".pth", ".egg-link", ".egg", ".zip", ".dist-info", ".egg-info")
SLACK = 20_000_000
"""Nanoseconds by which a file system's clock may be behind."""


class Snapshot:
    """What files and directories were, when it was made.

    Args:
        files: Absolute paths; what is not there is expected not to be there.
        directories: Those that were searched.
    """

    def __init__(self, files: "Iterable[str]" = (), directories: "Iterable[str]" = ()) -> None:
        self._files = [(path, _state(path)) for path in sorted(map(os.fsencode, set(files)))]
        self._directories: dict[str, tuple[tuple[int, int, int, int], AbstractSet[str]]] = {
            path: (_state(path), _names(path)) for path in sorted(set(directories))
        }

    def changed(self) -> str:
        """Return what has changed, in words, or nothing."""
        return self.changed_first() or self.changed_last()

    def changed_last(self) -> str:
        """Return what has changed of the files that `changed_first` leaves to another process."""
        return self._changed(range(self._split(), len(self._files)))

    def changed_first(self) -> str:
        """Return what has changed of the directories and most of the files."""
        changed = self._changed(range(self._split()))
        if changed:
            return changed
        for path, (state, names) in self._directories.items():
            now = _state(path)
            if now != state:
                difference = sorted(names ^ _names(path))
                if difference:
                    return f"{path} has or had {difference[0]}"
                self._directories[path] = now, names
        return ""

    def _split(self) -> int:
        """Return where a child begins to compare: less than the server, because it becomes its caller meanwhile."""
        return len(self._files) * 3 // 5

    def _changed(self, numbers: range) -> str:
        stat, files = os.stat, self._files
        for number in numbers:
            path, state = files[number]
            try:
                found = stat(path)
                now = (found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev)
            except (OSError, ValueError):
                now = _ABSENT
            if now != state:
                name = os.fsdecode(path)
                if not self._is_of_the_same_source(name, now):
                    return f"{name} {_change(state, now)}"
                files[number] = path, now
        return ""

    def _is_of_the_same_source(self, path: str, state: "tuple[int, int, int, int]") -> bool:
        """Tell whether this is bytecode (PEP 552) that Python would take for the same source's, or would not find.

        Processes that start at the same time all write it; that is no reason to start anew.
        """
        directory, _, name = path.rpartition("/__pycache__/")
        source = f"{directory}/{name.partition('.')[0]}.py"
        mtime, size, _, _ = dict(self._files).get(os.fsencode(source), _ABSENT)
        if not directory or not name.endswith(".pyc") or not mtime:
            return False
        if state == _ABSENT:
            return True
        try:
            with open(path, "rb") as file:
                head = file.read(16)
        except OSError:
            return False
        # After the magic number, flags: 0 says that the source's time and size follow, and are compared at each import.
        values = (0, mtime // 10**9 & 0xFFFFFFFF, size & 0xFFFFFFFF)
        return head[4:] == b"".join(value.to_bytes(4, "little") for value in values)

    def newer_than(self, time: int) -> str:
        """Return what has changed since a time in nanoseconds, or nothing; bytecode that was written is no change.

        The time of the last change (`st_ctime`, inode(7)) counts, which nobody can set: what installs or copies files
        sets that of modification, to the past as a rule, and now and then to the future.
        """
        for path, state in self._files:
            if state != _ABSENT and not path.endswith(b".pyc"):
                try:
                    changed = os.stat(path).st_ctime_ns
                except OSError:
                    changed = time
                if changed >= time - SLACK:
                    return f"{os.fsdecode(path)} changed while it was loaded"
        return ""

    def __len__(self) -> int:
        return len(self._files) + len(self._directories)

    def write(self) -> str:
        """Return it as text, for `read`."""
        files = [
            f"file {' '.join(map(str, state))} {os.fsdecode(path)}" for path, state in self._files if b"\n" not in path
        ]
        for path, (_, names) in self._directories.items():
            if "\n" not in path:
                files += [f"directory {path}", *(f"name {name}" for name in sorted(names) if "\n" not in name)]
        return "\n".join(files)

    @classmethod
    def read(cls, text: str) -> "Snapshot":
        """Return the snapshot that a text tells."""
        snapshot = cls()
        names: set[str] = set()
        for line in text.split("\n"):
            kind, _, rest = line.partition(" ")
            if kind == "file":
                *state, path = rest.split(" ", 4)
                snapshot._files.append((os.fsencode(path), tuple(map(int, state))))  # type: ignore[arg-type]  # there are four
            elif kind == "directory":
                names = set()
                snapshot._directories[rest] = _ABSENT, names
            else:
                names.add(rest)
        return snapshot


def _change(before: "tuple[int, int, int, int]", now: "tuple[int, int, int, int]") -> str:
    return "is gone" if now == _ABSENT else "is there now" if before == _ABSENT else "has changed"


def _state(path: "str | bytes") -> "tuple[int, int, int, int]":
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return _ABSENT
    return (found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev)


def _names(path: str) -> "frozenset[str]":
    """Return the names in a directory that an import, or what looks for distributions, could find."""
    try:
        with os.scandir(path) as entries:
            return frozenset(
                entry.name
                for entry in entries
                if entry.name.endswith(_SEARCHED)
                or ("." not in entry.name and entry.name != "__pycache__" and entry.is_dir())
            )
    except OSError:
        return frozenset(("(nothing)",))
