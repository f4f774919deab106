"""The loop of the resident process: callers come, and for each a child is forked; never is a child used twice.

No thread runs at a fork. What a caller and its child say is in `calls`, and what a child does first in `becoming`.
"""

import os
import time

from deferred_imports.resident import becoming, identity, wire
from deferred_imports.resident.calls import Call, refusal
from deferred_imports.resident.children import CHANGED, PREPARED, Child
from deferred_imports.resident.events import note
from deferred_imports.resident.life import TICK, Life
from deferred_imports.resident.listening import Listener, make_room
from deferred_imports.resident.readiness import Ready, Start
from deferred_imports.resident.spares import Spares
from deferred_imports.resident.waking import Waking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Server:
    """The loop, which is left in the child of a call.

    Args:
        ready: The program.
        start: How this process was started.
        idle: Seconds to wait for calls.
    """

    def __init__(self, ready: Ready, start: Start, idle: float) -> None:
        import select

        self._ready = ready
        self._events = start.events
        self._life = Life(idle)
        self._calls: dict[int, Call] = {}  # by the file descriptor of the connection
        self._is_over = False
        self._session = identity.session()
        self._group = os.getpgrp() if self._session else 0
        make_room(start.directory)
        self._listener = Listener(f"{start.directory}/{ready.name}.socket")
        self._waking = Waking()
        self._leader = os.pidfd_open(self._session) if self._session else -1
        self._poll = select.poll()
        self._spares = Spares(self._poll, self._become)
        for file in (self._listener.fileno(), self._waking.fileno(), self._leader):
            if file >= 0:
                self._poll.register(file, select.POLLIN)
        os.chdir("/")
        note(self._events, f"ready: {ready.name}, {len(ready.loaded.snapshot)} files, {ready.loaded.seconds:.2f} s")

    def run(self) -> "Callable[[], None] | None":
        """Serve; return in the child of a call, with what has to be done there, or at the end with nothing."""
        while True:
            for file, _ in self._poll.poll(self._life.timeout(self._calls.values()) * 1000):
                in_child = self._attend(file)
                if in_child is not None:
                    return in_child
            self._look_around()
            if self._is_over and not self._calls:
                return None
            in_child = None if self._calls else self._spares.prepare()
            if in_child is not None:
                return in_child

    def _attend(self, file: int) -> "Callable[[], None] | None":
        """Handle a file that can be read; return in the child of a call."""
        if file == self._listener.fileno():
            self._accept()
        elif file == self._waking.fileno():
            self._wake()
        elif file == self._leader:
            self._poll.unregister(file)
            self._stop("the session of its terminal has ended")
        elif file in self._calls:
            return self._hear_caller(self._calls[file])
        elif self._spares.hear(file):
            # Its memory is its own by now, and this process's own again after a write: so have that done before a call.
            self._ready.loaded.snapshot.changed_first()
        else:
            for call in [call for call in self._calls.values() if call.child is not None and call.child.pipe == file]:
                self._hear_child(call)
        return None

    def _look_around(self) -> None:
        """Do what is due: end what callers that are gone or silent have, and this process when it is of no use."""
        import _signal

        now = time.monotonic()
        for call in list(self._calls.values()):
            if call.due_at and now >= call.due_at:
                self._forget(call)  # or this process, once it is over, would wait for it
            if call.kill_at and now >= call.kill_at:
                call.kill_at = now + TICK
                call.pass_on(_signal.SIGKILL)
            if call.wake_at and now >= call.wake_at:
                call.wake_again()
        if not self._calls and self._life.is_idle():
            self._stop("idle")
        elif self._life.has_to_look():
            changed = self._ready.loaded.snapshot.changed() or self._listener.gone()
            if changed:
                self._stop(changed)

    def _stop(self, reason: str) -> None:
        """Take no more calls, so that another process may; those that run go on."""
        if self._is_over:
            return
        self._is_over = True
        self._poll.unregister(self._listener.fileno())
        self._listener.close()
        os.close(self._ready.lock)
        self._spares.dismiss()
        served = self._life.served
        saved = served * self._ready.loaded.seconds
        note(self._events, f"ended: {reason}; {served} calls, {saved:.1f} s saved")

    def _accept(self) -> None:
        import select

        call = self._listener.accept()
        if call is not None:
            self._calls[call.connection.fileno()] = call
            self._poll.register(call.connection.fileno(), select.POLLIN)

    def _wake(self) -> None:
        """Do what signals say."""
        import _signal

        if _signal.SIGTERM in self._waking.read():
            self._stop("SIGTERM")
        for call in [call for call in self._calls.values() if call.child is not None]:
            if call.look_after() and not call.wake_at:
                self._forget(call)

    def _hear_child(self, call: Call) -> None:
        """Hear whether the child has taken over everything."""
        heard = call.hear_child()
        if heard == PREPARED:
            call.is_prepared = True
            call.offer(self._group)
        elif heard is not None:
            reason, is_changed = heard.removeprefix(CHANGED).decode("utf-8", "replace"), heard.startswith(CHANGED)
            if is_changed:
                self._stop(reason)
            self._refuse(call, reason, again=is_changed)

    def _hear_caller(self, call: Call) -> "Callable[[], None] | None":
        """Hear what a caller has to say; return in the child that is forked for it."""
        if not call.receive():
            self._lose(call)
            return None
        if call.child is not None:
            self._obey(call)
            return None
        try:
            request = call.request()
        except ValueError as error:
            self._refuse(call, f"the request makes no sense: {error}")
            return None
        if request is None:
            return None
        kind, rest = request
        if kind == wire.CALL:
            return self._begin(call, rest)
        running = sum(call.is_running for call in self._calls.values())
        status = self._life.status(self._events, self._ready.loaded, running)
        call.tell(status.encode("utf-8", "surrogateescape"))
        self._forget(call)
        if kind == wire.STOP or (kind == wire.STOP_IF_IDLE and not self._calls):
            self._stop("it was told to")
        return None

    def _begin(self, call: Call, request: bytes) -> "Callable[[], None] | None":
        """Give the call to a child, and find out whether it may make it; return in a child that is forked."""
        whole, _, rest = request.partition(b"\0")
        if os.fsdecode(whole) != self._ready.whole or self._is_over:
            self._refuse(call, "the resident process is another program's, or ends", again=self._is_over)
            return None
        try:
            group = os.getpgid(call.caller) if self._session else 0
            child = self._spares.take()
            if not isinstance(child, Child):
                return child
            call.hand_over(child, rest, group)
        except OSError as error:
            self._refuse(call, f"it cannot fork: {error.strerror}")
            return None
        changed = self._ready.loaded.snapshot.changed_first() or self._listener.gone()
        if changed:
            self._stop(changed)
            self._refuse(call, changed, again=True)
        else:
            call.is_checked = True
            call.offer(self._group)
        return None

    def _become(self, pipe: int) -> None:
        """Be the child: give up what is the server's, and return as the program."""
        self._waking.undo()
        for call in self._calls.values():
            call.connection.detach()
        self._listener.detach()
        becoming.become(pipe, self._ready)

    def _obey(self, call: Call) -> None:
        """Do what the messages of a caller say."""
        for letter, number in call.messages():
            if letter == wire.SIGNAL:
                call.pass_on(number)
            elif letter == wire.CONTINUED:
                call.wake_at = 0.0
                if call.child is not None and call.child.is_over:
                    self._forget(call)
            elif letter == wire.GO and call.is_checked and call.is_prepared and not call.is_running:
                self._life.served += 1
                call.go()
                if call.child is not None:
                    self._spares.drop(call.child)

    def _lose(self, call: Call) -> None:
        """End the child of a caller that is gone: as a terminal does that is closed, and then for good."""
        if call.lose():
            self._poll.unregister(call.connection.fileno())
        else:
            self._forget(call)

    def _refuse(self, call: Call, reason: str, *, again: bool = False) -> None:
        call.tell(refusal(reason, again=again))
        self._forget(call)

    def _forget(self, call: Call) -> None:
        """Have done with a call; a child that has not begun ends."""
        file = call.connection.fileno()
        if not call.kill_at:
            try:
                self._poll.unregister(file)
            except KeyError:  # it was lost, and its child has been killed
                pass
        if call.child is not None:
            self._spares.end(call.child)
            self._life.prolong()  # to be asked how it is, is no use
        call.drop_files()
        del self._calls[file]
        call.connection.close()
