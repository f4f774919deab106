"""Run time: resolves while the program goes on, in a thread that was asked for, with or without asyncio.

A process that forks in the middle of an import leaves its child with an import that never ends. So whoever forks joins
first. Where that was forgotten, the fork says so, and waits until the import at hand is over.
"""

import os

from deferred_imports._now import resolve_now
from deferred_imports._resolution import check_options
from deferred_imports._workers import is_importing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Thread
    from typing import Literal

    from deferred_imports._resolution import Progress, Resolution

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
        """Wait until it is over, so many seconds at most, and tell whether it is; raise nothing of what failed."""
        self._run.join(timeout)
        return self.done

    def result(self, timeout: "float | None" = None) -> "Resolution":
        """Wait until it is over and return its report.

        Args:
            timeout: How many seconds to wait at most.

        Raises:
            DeferredImportError: when required imports failed, unless it only reports.
            LookupError: when a selector matched nothing.
            TimeoutError: when it is not over by then; it goes on.
        """
        if not self.join(timeout):
            raise TimeoutError(f"deferred imports are still being resolved after {timeout} seconds")
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
    on_error: "Literal['raise', 'report'] | Callable[[BaseException], object]" = "raise",
    progress: "Callable[[Progress], object] | None" = None,
    native: "Literal['all'] | None" = None,
) -> BackgroundResolution:
    """Do what ``resolve_now`` does in one daemon thread, and return a handle to it at once.

    Join it before the process forks, and do not wait for it in the body of a module that it may import.

    Args:
        packages: As for ``resolve_now``; and so are the others, but for two.
        group: See there.
        importer: See there.
        workers: See there.
        on_error: ``"raise"`` lets the handle's ``result()`` raise what failed, ``"report"`` lets it return the report
            all the same. A callable is called with the error, in the thread, when all is over; and ``result()`` raises.
        progress: Called in the thread, before and after each import.
        native: See there.
    """
    how = on_error if on_error == "report" else "raise"
    check_options(workers, how if callable(on_error) else on_error)

    def when_over(error: "BaseException | None") -> None:
        if error is not None and callable(on_error):
            on_error(error)

    def resolve(step: "Callable[[Progress], object]") -> "Resolution":
        return resolve_now(
            *packages, group=group, importer=importer, workers=workers, on_error=how, progress=step, native=native
        )

    return BackgroundResolution(_Run(resolve, progress, when_over))


async def resolve_async(
    *packages: str,
    group: "str | None" = None,
    importer: "str | None" = None,
    workers: int = 1,
    on_error: "Literal['raise', 'report']" = "raise",
    progress: "Callable[[Progress], object] | None" = None,
    native: "Literal['all'] | None" = None,
) -> "Resolution":
    """Do what ``resolve_now`` does, with the same arguments, in one daemon thread, while the event loop goes on.

    Cancelled, it ends at once; the thread does after the import at hand, and the rest stays pending.
    """
    import asyncio
    from contextlib import suppress

    check_options(workers, on_error)
    loop = asyncio.get_running_loop()
    over = asyncio.Event()

    def when_over(_: "BaseException | None") -> None:
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(over.set)

    def resolve(step: "Callable[[Progress], object]") -> "Resolution":
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
    """What ends a resolution that nobody awaits any more."""


class _Run:
    """A thread that resolves, and what comes of it."""

    def __init__(
        self,
        resolve: "Callable[[Callable[[Progress], object]], Resolution]",
        progress: "Callable[[Progress], object] | None",
        when_over: "Callable[[BaseException | None], object]",
    ) -> None:
        from threading import Thread

        self.resolution: Resolution | None = None
        self.error: BaseException | None = None
        self.gate = _Gate(progress)
        self._resolve = resolve
        self._when_over = when_over
        self.thread = self.gate.thread = Thread(target=self._work, name="deferred-imports", daemon=True)
        _guard_forks()
        _running.add(self.gate)
        try:
            self.thread.start()
        except BaseException:
            _running.discard(self.gate)
            raise

    def join(self, timeout: "float | None") -> None:
        from threading import current_thread

        if current_thread() is not self.thread:  # what it calls may ask, too
            self.thread.join(timeout)

    def _work(self) -> None:
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

    Apart from the outcome, because the tracebacks in that lead to those who pass here.
    """

    thread: "Thread"

    def __init__(self, progress: "Callable[[Progress], object] | None") -> None:
        from threading import Condition

        self.is_over = self.is_cancelled = False
        self._progress = progress
        self._importing = 0
        self._forks = 0
        self._is_paused = False
        self._changed = Condition()

    def pass_on(self, progress: "Progress") -> None:
        if progress.done:
            self._importing -= 1
        if not self._importing:  # between two imports the thread holds nothing that a child would wait for
            self._stay_for_forks()
        if self._progress is not None:
            self._progress(progress)
        if not progress.done:
            if self.is_cancelled:
                raise _CancelledError
            self._importing += 1

    def pause(self, patience: float) -> None:
        """Make the thread stay between two imports, and wait until it is there, so many seconds at most."""
        with self._changed:
            self._forks += 1
            self._changed.wait_for(lambda: self._is_paused or self.is_over, patience)

    def go_on(self) -> None:
        """Let it go on, unless another fork is under way."""
        with self._changed:
            self._forks -= 1
            self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self.is_over = True
            self._changed.notify_all()

    def _stay_for_forks(self) -> None:
        with self._changed:
            self._is_paused = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._forks)
            self._is_paused = False


_running: "set[_Gate]" = set()
_told_to_pause: "list[list[_Gate]]" = []  # by each fork that is under way
_guards: "list[str]" = []


def _guard_forks() -> None:
    """Have forks call us: from the first background resolution on, and not before."""
    if not _guards and hasattr(os, "register_at_fork"):
        _guards.append("registered")
        os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_in_child)


def _before_fork() -> None:
    """Warn of background resolutions that are not over, and wait until none is in the middle of an import."""
    from threading import current_thread

    others = [gate for gate in _running.copy() if gate.thread is not current_thread()]
    _told_to_pause.append(others)
    try:
        if others:
            import warnings

            text = (
                "the process forks while deferred imports are being resolved in the background, and its child has to "
                "do without: call the handle's result() before os.fork()"
            )
            warnings.warn(text, RuntimeWarning, stacklevel=2)
    finally:
        # What this thread is importing may be what they wait for.
        patience = 0.0 if is_importing() else _PATIENCE
        for gate in others:
            gate.pause(patience)


def _after_fork() -> None:
    for gate in _told_to_pause.pop():
        gate.go_on()


def _in_child() -> None:
    """Forget the threads: only the parent has them."""
    _running.clear()
    _told_to_pause.clear()
