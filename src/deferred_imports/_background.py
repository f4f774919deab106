"""Run time: resolves while the program goes on, in a thread that was asked for, with or without asyncio.

A process that forks in the middle of an import leaves its child with an import that never ends. So join before a fork.
Where that was forgotten, the fork says so, and waits until the import at hand is over.
"""

import os
from _thread import allocate_lock, get_ident

from deferred_imports._cpython import is_importing, release_import_lock
from deferred_imports._entries import asked_for
from deferred_imports._now import resolve_now
from deferred_imports._resolution import check_options
from deferred_imports._selection import peek_registry, select
from deferred_imports._threads import Starting

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    _thread, abc, threading, typing, _reports = _named(
        "_thread", "collections.abc", "threading", "typing", "deferred_imports._reports"
    )
if TYPE_CHECKING:
    import _thread
    import threading
    import typing
    from collections import abc

    from deferred_imports import _reports

# How long a fork waits, in seconds: not for ever, as the import at hand may want a lock that the forking thread holds.
_PATIENCE = 10.0


class BackgroundResolution:
    """A resolution that goes on in a thread of its own; what it fails to import fails again where that is needed."""

    def __init__(self, run: "_Run") -> None:
        self._run = run

    @property
    def done(self) -> bool:
        """Whether it is over, well or not."""
        return self._run.gate.is_over or not self._run.thread.is_alive()

    def join(self, timeout: "float | None" = None) -> bool:
        """Wait until it is over; raise nothing of what failed.

        Args:
            timeout: How many seconds to wait at most; without it, as long as it takes.

        Returns:
            Whether it is over.
        """
        self._run.join(timeout)
        return self.done

    def result(self, timeout: "float | None" = None) -> "_reports.Resolution":
        """Wait until it is over and return its report.

        Args:
            timeout: How many seconds to wait at most; without it, as long as it takes.

        Returns:
            What was resolved, what was not, and how long it took in seconds.

        Raises:
            DeferredImportError: when required imports failed, unless it only reports.
            RuntimeError: in a child process that was forked before it was over.
            TimeoutError: when it is not over by then; or when what it calls asks, which would wait for itself.
        """
        if not self.join(timeout):
            asks_itself = get_ident() == self._run.thread.ident
            when = "by the thread that asks for the result" if asks_itself else f"after {timeout} seconds"
            raise TimeoutError(f"deferred imports are still being resolved {when}")
        if self._run.error is not None:
            raise self._run.error
        if self._run.resolution is None:
            raise RuntimeError(
                "deferred imports were being resolved in the background when this process was forked, and in it they "
                "are not: call result() before os.fork(), or resolve_now() after it"
            )
        return self._run.resolution


def resolve_in_background(
    *packages: str,
    group: "str | None" = None,
    importer: "str | None" = None,
    workers: int = 1,
    on_error: "typing.Literal['raise', 'report'] | abc.Callable[[BaseException], object]" = "raise",
    progress: "abc.Callable[[_reports.Progress], object] | None" = None,
    native: "bool | typing.Literal['all']" = True,
) -> BackgroundResolution:
    """Do what ``resolve_now`` does in one daemon thread, and return a handle to it at once.

    Join it before the process forks, and do not wait for it in the body of a module that it may import.

    Args:
        packages: Import packages whose registries to resolve, with all below them, which are imported for it where
            nothing has done so; all packages that are loaded if there is none.
        group: Only what the table puts into this group.
        importer: Only what this module uses, and the modules of its package that it imports.
        workers: How many threads import at the same time, besides the one that waits for them.
        on_error: ``"raise"`` lets the handle's ``result()`` raise what failed, ``"report"`` lets it return the report
            all the same. A callable is called with the error, in the thread, when all is over; and ``result()`` raises.
        progress: Called in the thread, before and after each import.
        native: Which native lazy imports (PEP 810) are resolved as well: ``True`` for those in the packages, ``"all"``
            for those of every module in the process, ``False`` for none.

    Returns:
        The handle; it does not matter when it is dropped.

    Raises:
        LookupError: when a selector matches nothing.
        RuntimeError: when the registry of a package that is named is of a later format.
        ValueError: when a package, ``workers``, ``on_error`` or ``native`` is not one of the values above. All of this
            is found before the thread is started; ``result()`` raises all else.
    """
    how = on_error if on_error == "report" else "raise"
    check_options(workers, how if callable(on_error) else on_error, native)
    select(packages, group, importer, peek_registry)

    def when_over(error: "BaseException | None") -> None:
        if error is not None and callable(on_error):
            on_error(error)

    def resolve(step: "abc.Callable[[_reports.Progress], object]") -> "_reports.Resolution":
        return resolve_now(
            *packages, group=group, importer=importer, workers=workers, on_error=how, progress=step, native=native
        )

    return BackgroundResolution(_Run(resolve, progress, when_over))


async def resolve_async(
    *packages: str,
    group: "str | None" = None,
    importer: "str | None" = None,
    workers: int = 1,
    on_error: "typing.Literal['raise', 'report']" = "raise",
    progress: "abc.Callable[[_reports.Progress], object] | None" = None,
    native: "bool | typing.Literal['all']" = True,
) -> "_reports.Resolution":
    """Do what ``resolve_now`` does in one daemon thread, while the event loop of asyncio goes on.

    Cancelled, it ends at once; the thread does after the import at hand, and the rest stays pending.

    Args:
        packages: Import packages whose registries to resolve, with all below them, which are imported for it where
            nothing has done so; all packages that are loaded if there is none.
        group: Only what the table puts into this group.
        importer: Only what this module uses, and the modules of its package that it imports.
        workers: How many threads import at the same time, besides the one that waits for them.
        on_error: ``"raise"`` raises one error for all required imports that fail, ``"report"`` leaves it to the caller.
        progress: Called in the thread, not in the event loop's, before and after each import.
        native: Which native lazy imports (PEP 810) are resolved as well: ``True`` for those in the packages, ``"all"``
            for those of every module in the process, ``False`` for none.

    Returns:
        What was resolved, what was not, and how long it took in seconds.

    Raises:
        DeferredImportError: when required imports fail; everything else has been resolved by then.
        LookupError: when a selector matches nothing.
        RuntimeError: when no event loop of asyncio is running, or the registry of a package that is named is of a later
            format.
        ValueError: when ``workers``, ``on_error`` or ``native`` is not one of the values above.
    """
    import asyncio
    from contextlib import suppress

    check_options(workers, on_error, native)
    loop = asyncio.get_running_loop()
    over = asyncio.Event()

    def when_over(_: "BaseException | None") -> None:
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(over.set)

    def resolve(step: "abc.Callable[[_reports.Progress], object]") -> "_reports.Resolution":
        return resolve_now(
            *packages, group=group, importer=importer, workers=workers, on_error=on_error, progress=step, native=native
        )

    run = _Run(resolve, progress, when_over)
    try:
        await over.wait()
    finally:
        run.gate.is_cancelled = True
    return BackgroundResolution(run).result()


class _CancelledError(Exception):
    """What ends a resolution that is not awaited any more."""


class _Run:
    """A thread that resolves, and its result."""

    def __init__(
        self,
        resolve: "abc.Callable[[abc.Callable[[_reports.Progress], object]], _reports.Resolution]",
        progress: "abc.Callable[[_reports.Progress], object] | None",
        when_over: "abc.Callable[[BaseException | None], object]",
    ) -> None:
        from threading import Thread

        self.resolution: _reports.Resolution | None = None
        self.error: BaseException | None = None
        self.gate = _Gate(progress)
        self._resolve = resolve
        self._when_over = when_over
        self._asked = asked_for()
        self.thread = self.gate.thread = Thread(target=self._work, name="deferred-imports", daemon=True)
        _guard_forks()
        _running.add(self.gate)
        starting = Starting([self.thread])
        try:
            starting.begin()
        except BaseException:
            if starting.settle() and self.thread.is_alive():
                self.gate.is_cancelled = True  # it ends before its next import: nobody has a handle on it
            else:
                _running.discard(self.gate)
            raise

    def join(self, timeout: "float | None") -> None:
        from threading import current_thread

        if current_thread() is not self.thread:  # what it calls may ask, too
            release_import_lock()  # it would wait for this thread, and this one for it
            self.thread.join(timeout)

    def _work(self) -> None:
        self._asked()
        try:
            self.resolution = self._resolve(self.gate.pass_on)
        except BaseException as error:  # noqa: BLE001 - result() raises it
            self.error = error
        _running.discard(self.gate)
        self.gate.end()
        try:
            self._when_over(self.error)
        finally:
            del self  # the error's traceback leads to this frame


class _Gate:
    """What the thread passes before and after each import: it passes on where it stands, and stays for forks.

    It takes its turn before an import, and holds a lock while it imports; a fork takes its turn and that lock. Apart
    from the outcome, because the tracebacks in that lead to those who pass here.
    """

    thread: "threading.Thread"

    def __init__(self, progress: "abc.Callable[[_reports.Progress], object] | None") -> None:
        self.is_over = self.is_cancelled = False
        self._progress = progress
        self._importing = 0
        self._turn = allocate_lock()
        self._busy = allocate_lock()

    def pass_on(self, progress: "_reports.Progress") -> None:
        if progress.done:
            self._importing -= 1
            if not self._importing:  # between two imports the thread holds nothing that a child would wait for
                self._busy.release()
        if self._progress is not None:
            self._progress(progress)
        if not progress.done:
            if self.is_cancelled:
                raise _CancelledError
            if not self._importing:
                with self._turn:
                    self._busy.acquire()
            self._importing += 1

    def end(self) -> None:
        self.is_over = True
        if self._importing:  # it has ended in the middle of an import
            self._busy.release()

    def pause(self, patience: float) -> "list[_thread.LockType]":
        """Make the thread stay between two imports, and wait until it is there, for a number of seconds at most.

        Returns:
            The locks to release when it may go on.
        """
        return [lock for lock in (self._turn, self._busy) if lock.acquire(timeout=patience)]


_running: "set[_Gate]" = set()
_held: "dict[int, list[_thread.LockType]]" = {}  # by the thread that forks
_guards: "list[str]" = []


def _guard_forks() -> None:
    """Have forks call us: from the first background resolution on, and not before."""
    if not _guards and hasattr(os, "register_at_fork"):
        _guards.append("registered")
        os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_in_child)


def _before_fork() -> None:
    """Warn of background resolutions that are not over, and wait until none is in the middle of an import."""
    others = [gate for gate in _running.copy() if gate.thread.ident != get_ident()]
    held = _held[get_ident()] = []
    try:
        if others:
            import warnings

            text = (
                "the process forks while deferred imports are being resolved in the background, and the child process "
                "will not inherit the result: call the handle's result() before os.fork()"
            )
            warnings.warn(text, RuntimeWarning, stacklevel=2)
    finally:
        # What this thread is importing may be what they wait for.
        patience = 0.0 if is_importing() else _PATIENCE
        for gate in others:
            held += gate.pause(patience)


def _after_fork() -> None:
    for lock in _held.pop(get_ident()):
        lock.release()


def _in_child() -> None:
    """Forget the threads: only the parent has them."""
    _running.clear()
    _held.clear()
