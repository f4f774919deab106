"""For how long the resident process waits for calls, what it has served, and what it says of itself."""

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from deferred_imports.resident.calls import Call
    from deferred_imports.resident.loading import Loaded

TICK = 60.0
"""Seconds after which the process looks, at the latest, whether it is still wanted."""


class Life:
    """The life of the process.

    Args:
        idle: Seconds to wait for calls.

    Attributes:
        served: The calls that it has made.
    """

    def __init__(self, idle: float) -> None:
        self.served = 0
        self._idle = idle
        self._looked = self._last = time.monotonic()

    def prolong(self) -> None:
        """Begin to wait anew: a call is over."""
        self._last = time.monotonic()

    def timeout(self, calls: "Collection[Call]") -> float:
        """Return the seconds until there may be something to do, as long as these calls are about."""
        now = time.monotonic()
        due = (at for call in calls for at in (call.due_at, call.kill_at, call.wake_at))
        times = [TICK, *(at - now for at in due if at)]
        if not calls:
            times.append(self._last + self._idle - now)
        return max(0.0, min(times)) + 0.001

    def is_idle(self) -> bool:
        """Tell whether it has waited for long enough, without calls."""
        return time.monotonic() >= self._last + self._idle

    def has_to_look(self) -> bool:
        """Tell whether it is time to look whether the process is still wanted."""
        now = time.monotonic()
        if now < self._looked + TICK:
            return False
        self._looked = now
        return True

    def status(self, events: str, loaded: "Loaded", running: int) -> str:
        """Return what `asking` gets to know.

        Args:
            events: The file of events.
            loaded: The program.
            running: How many calls run.
        """
        with open("/proc/self/statm", encoding="ascii") as file:
            memory = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return "\n".join(
            (
                f"process {os.getpid()}",
                f"program {getattr(sys.modules['__main__'], '__file__', '')}",
                f"events {events}",
                f"calls {self.served}",
                f"running {running}",
                f"seconds {loaded.seconds:.3f}",
                f"files {len(loaded.snapshot)}",
                f"memory {memory}",
                f"idle {time.monotonic() - self._last:.3f} {self._idle:g}",
            )
        )
