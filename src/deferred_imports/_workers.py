"""Run time: imports in several threads at the same time, so that the result is that of one."""

from deferred_imports._cpython import is_importing
from deferred_imports._entries import asked_for, only_try
from deferred_imports._threads import Starting

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, threading, _entries, _reports = _named(
        "collections.abc", "threading", "deferred_imports._entries", "deferred_imports._reports"
    )
if TYPE_CHECKING:
    import threading
    from collections import abc

    from deferred_imports import _entries, _reports

# How many seconds to wait at a time: a signal that comes just before does not wake the thread that is about to wait.
_MOMENT = 0.1


def import_in_threads(
    pending: "list[_entries.DeferredImport]",
    workers: int,
    attempt: "abc.Callable[[_entries.DeferredImport], _reports.Resolved]",
    before: "abc.Callable[[_entries.DeferredImport], object]",
    after: "abc.Callable[[_reports.Resolved], object]",
) -> "dict[_entries.DeferredImport, _reports.Resolved]":
    """Import entries, each top-level package in one thread at a time, and return those that could be.

    What fails is left to the caller, who tries it again when all threads have ended: it may have failed because it was
    in a thread, or because another thread was importing the same modules in the opposite order.

    Args:
        pending: What to import, parents before children.
        workers: How many threads to use at most.
        attempt: Imports one of them, in a thread.
        before: Called in this thread when an import is about to begin.
        after: Called in this thread when one has succeeded.
    """
    chains = _by_package(pending)
    if len(chains) == 1 or is_importing():
        return {}
    imported: dict[_entries.DeferredImport, _reports.Resolved] = {}
    running: dict[_entries.DeferredImport, list[_entries.DeferredImport]] = {}
    team = _Team(attempt)
    try:
        count = min(workers, len(chains))
        team.start(count)
        while chains or running:
            while chains and len(running) < count:
                entry = chains[-1].pop()
                running[entry] = chains.pop()
                before(entry)
                team.tasks.put(entry)
            entry, item, interrupt = team.next_end()
            chain = running.pop(entry)
            if interrupt is not None:
                raise interrupt
            if item is not None:
                imported[entry] = item
                after(item)
            if chain:
                chains.append(chain)
    finally:
        try:
            team.stop()
        except BaseException:  # Ctrl-C comes at any time, even here
            team.stop()
            raise
    return imported


class _Team:
    """Threads that take entries from ``tasks``, and put them into ``ended`` with what came of them."""

    def __init__(self, attempt: "abc.Callable[[_entries.DeferredImport], _reports.Resolved]") -> None:
        from queue import SimpleQueue

        self.attempt = attempt
        self.tasks: SimpleQueue[_entries.DeferredImport | None] = SimpleQueue()
        self.ended: SimpleQueue[tuple[_entries.DeferredImport, _reports.Resolved | None, BaseException | None]] = (
            SimpleQueue()
        )
        self.threads: list[threading.Thread] = []
        self._starting = Starting(self.threads)
        self._asked = asked_for()

    def start(self, count: int) -> None:
        from threading import Thread

        # A second Ctrl-C while this waits for the threads ends the program: daemons do not hold it back.
        self.threads += [Thread(target=self._work, name="deferred-imports worker", daemon=True) for _ in range(count)]
        self._starting.begin()

    def next_end(self) -> "tuple[_entries.DeferredImport, _reports.Resolved | None, BaseException | None]":
        """Wait until an import has ended; Ctrl-C gets through, if only after a moment."""
        from queue import Empty

        while True:
            try:
                return self.ended.get(timeout=_MOMENT)
            except Empty:
                pass

    def stop(self) -> None:
        """Let the threads end what they are at, and wait for them; those that are just starting end as they do."""
        self.tasks.put(None)  # the first that takes it leaves it for the next
        if self._starting.settle():
            for thread in self.threads:
                if thread.is_alive():  # otherwise it could not be started, or has ended
                    thread.join()

    def _work(self) -> None:
        self._asked()
        while (entry := self.tasks.get()) is not None:
            item = interrupt = None
            try:
                only_try(entry)
                item = self.attempt(entry)
                if item.error is not None:
                    item = None
            except BaseException as error:  # noqa: BLE001 - the calling thread raises it
                interrupt = error
            only_try(None)
            self.ended.put((entry, item, interrupt))
        self.tasks.put(None)


def _by_package(pending: "list[_entries.DeferredImport]") -> "list[list[_entries.DeferredImport]]":
    """Return the entries by top-level package, as a stack of stacks, the first on top."""
    homes: dict[str, list[_entries.DeferredImport]] = {}
    for entry in pending:
        chain = [entry]
        packages = {target.partition(":")[0].partition(".")[0] for target in entry.targets}
        for package in packages:
            home = homes.setdefault(package, chain)
            if home is not chain:
                home += chain
                if len(packages) > 1:  # fallbacks tie packages together
                    homes.update({name: home for name, other in homes.items() if other is chain})
                chain = home
    places = {entry: place for place, entry in enumerate(pending)}
    chains = list({id(chain): chain for chain in homes.values()}.values())
    for chain in chains:
        chain.sort(key=places.__getitem__, reverse=True)
    return sorted(chains, key=lambda chain: places[chain[-1]], reverse=True)
