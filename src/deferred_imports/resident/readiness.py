"""How a process gets ready: it loads the program and finds out its own name, or says why it cannot serve."""

import os
import sys

from deferred_imports.resident import ending, identity, loading, streams
from deferred_imports.resident.events import note
from deferred_imports.resident.starting import AGAIN
from deferred_imports.resident.watching import UnfitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from deferred_imports.resident.staleness import Snapshot


class Start:
    """How this process was started.

    Args:
        lock: The file whose lock this process alone holds.
        answer: The file to write the outcome to, or -1.
        since: When, in nanoseconds since the epoch.
        terminals: Which of its client's standard streams are terminals, see `identity.terminals`.
        directory: The directory of `place`.
        name: The name that this process has there, as far as its client could know.
        program: The name of the program.
    """

    def __init__(
        self, lock: int, answer: int, since: int, terminals: str, *, directory: str, name: str, program: str
    ) -> None:
        self.lock = move_up(lock)
        self.since = since
        self.terminals = terminals
        self.directory = directory
        self.name = name
        self.events = f"{directory}/{program}.events"
        self.reads = f"{directory}/{program}.reads"
        self._answer = move_up(answer) if answer >= 0 else -1

    def answer(self, text: str) -> None:
        """Tell who waits."""
        if self._answer >= 0:
            os.write(self._answer, text.encode("utf-8", "replace"))
            os.close(self._answer)

    def give_up(self, reason: str, snapshot: "Snapshot | None") -> None:
        """Write down why this process cannot serve, and what would have to change, if anything, and end."""
        note(self.events, f"unfit: {reason}")
        if snapshot is not None:
            self._write_down(reason, snapshot)
        self.answer(reason if snapshot is not None else f"{AGAIN}{reason}")
        streams.flush()
        os._exit(1)

    def _write_down(self, reason: str, snapshot: "Snapshot") -> None:
        with open(f"{self.directory}/{self.name}.failed", "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"{reason}\n{snapshot.write()}".replace("\n\n", "\n"))


class Ready:
    """What the program is when it has been loaded."""

    loaded: loading.Loaded
    signals: "dict[int, Any]"
    whole: str
    name: str
    lock: int


def get_ready(target: str, find: "Callable[[str], object]", program: str, start: Start) -> Ready:
    """Load the program and find out its name; or say why that cannot be, and end."""
    import _signal

    ready = Ready()
    ready.lock = start.lock
    ready.signals = {}
    for number in sorted(set(_signal.valid_signals()) - {_signal.SIGKILL, _signal.SIGSTOP}):
        if _signal.getsignal(number) == _signal.SIG_IGN and number not in (_signal.SIGPIPE, _signal.SIGXFSZ):
            _signal.signal(number, _signal.default_int_handler if number == _signal.SIGINT else _signal.SIG_DFL)
        ready.signals[number] = _signal.getsignal(number)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, [])
    try:
        ready.loaded = loading.load(target, find, start.since, start.terminals)
    except UnfitError as error:
        start.give_up(str(error), None if error.is_passing else loading.unfinished_snapshot(error))
    except BaseException as error:  # noqa: BLE001 - a module may raise anything; the calls show it, each for itself
        sys.excepthook(type(error), error, error.__traceback__)
        reason = f"importing {target} fails with {type(error).__name__}"
        start.give_up(reason, loading.unfinished_snapshot(error))
    _agree(program, start, ready)
    ending.hold(ready.loaded.hooks)
    loading.freeze()
    return ready


def _agree(program: str, start: Start, ready: Ready) -> None:
    """Publish on what loading depends, and take the name that follows from it, with its lock."""
    import fcntl

    file = os.open(start.reads, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    known = os.fsdecode(os.read(file, 1 << 20)).split("\n")[:-1]
    reads = sorted({*known, *ready.loaded.reads})
    if reads != known:
        content = os.fsencode("".join(f"{name}\n" for name in reads))
        os.pwrite(file, content, 0)
        os.ftruncate(file, len(content))
    os.close(file)
    ready.whole = identity.with_reads(program, reads, ready.loaded.environment, start.terminals)
    ready.name = identity.name_of(ready.whole)
    if ready.name != start.name:
        lock = os.open(f"{start.directory}/{ready.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            start.answer(f"{AGAIN}there is another one")  # ready or not, which the next attempt finds out
            os._exit(0)
        os.close(ready.lock)
        ready.lock = move_up(lock)


def move_up(file: int) -> int:
    """Move one of our files out of the way of those that the program opens and the callers bring."""
    import fcntl

    moved = fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 300)
    os.close(file)
    return moved
