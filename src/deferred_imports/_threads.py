"""Run time: starts threads so that Ctrl-C, which comes at any time, leaves none behind that never runs nor ends.

``Thread.start()`` waits for the thread under locks that are written in Python. Where a signal's handler raises in the
middle of that, the thread may find them taken for ever, or stay listed without ever running. Handlers run in the main
thread alone, so another one starts the threads; what the main thread waits for is a lock of the interpreter.
"""

import sys

from deferred_imports._cpython import release_import_lock

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, threading, typing = _named("collections.abc", "threading", "typing")
if TYPE_CHECKING:
    import threading
    import typing
    from collections import abc


class Starting:
    """The start of threads: each runs once `begin` has returned, or none but those that `settle` waits for."""

    def __init__(self, threads: "abc.Sequence[threading.Thread]") -> None:
        from _thread import allocate_lock

        self._threads = threads
        self._verdict: dict[str, str] = {}  # the first word that is written into it counts
        self._errors: list[BaseException] = []
        self._handle: typing.Any = None
        self._is_over = False
        self._over = allocate_lock()
        self._over.acquire()

    def begin(self) -> None:
        """Start the threads and wait until they run; whatever this raises, call `settle` then."""
        from _contextvars import copy_context

        release_import_lock()
        # Where threads inherit the context of the one that starts them (-X thread_inherit_context), it is this one's.
        context = copy_context()
        if sys.version_info >= (3, 13):  # its end can be waited for: a fork would warn of it
            from _thread import _ThreadHandle, start_joinable_thread

            self._handle = _ThreadHandle()
            start_joinable_thread(lambda: context.run(self._start), handle=self._handle, daemon=True)
        else:
            from _thread import start_new_thread

            start_new_thread(context.run, (self._start,))
        self._wait()
        if self._errors:
            raise self._errors.pop()

    def settle(self) -> bool:
        """Tell whether any thread has been started, when none will be any more; call it as often as you like."""
        if self._verdict.setdefault("verdict", "given up") == "given up":
            return False
        self._wait()
        return True

    def _wait(self) -> None:
        # Since Python 3.14 "with" may take a lock and be interrupted before it would release it: so this is no pair.
        if not self._is_over:
            self._over.acquire()
        if self._handle is not None:
            self._handle.join()

    def _start(self) -> None:
        if self._verdict.setdefault("verdict", "begun") == "given up":
            return
        try:
            for thread in self._threads:
                thread.start()
        except BaseException as error:  # noqa: BLE001 - the thread that has asked for it raises it
            self._errors.append(error)
        finally:
            self._is_over = True
            self._over.release()
