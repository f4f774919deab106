"""How signals wake up the loop of the resident process, and are again what they were in a child."""

import _signal
import os


class Waking:
    """A file that can be read when a signal has come of those that concern the process itself."""

    def __init__(self) -> None:
        self._woken, self._waker = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        numbers = (_signal.SIGCHLD, _signal.SIGTERM, _signal.SIGHUP)
        self._handlers = {number: _signal.signal(number, lambda *_: None) for number in numbers}
        _signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._woken

    def read(self) -> bytes:
        """Return the numbers of the signals."""
        return os.read(self._woken, 4096)

    def undo(self) -> None:
        """Have the signals handled as before, in a child."""
        _signal.set_wakeup_fd(-1)
        for number, handler in self._handlers.items():
            _signal.signal(number, handler)
