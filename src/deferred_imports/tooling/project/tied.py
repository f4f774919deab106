"""Processes that are started for a while: they end with this one, also when that is killed.

Whoever is killed can tell nobody. So each has one end of a pipe, and this process the other, which the system closes
whatever happens; Linux then sends the signal that was asked for, to that process alone. What it has started itself, or
left in the background, goes on. Elsewhere a process that is killed leaves what it has started.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any


def run_tied(command: Sequence[str], *, timeout: float | None = None, **options: Any) -> int:
    """Run a command to its end, and return its exit code; whatever interrupts that kills it.

    Args:
        command: The program and its arguments.
        timeout: Seconds that it may take.
        options: As of `tied`.

    Raises:
        subprocess.TimeoutExpired: when it takes longer.
        OSError: when it cannot be started.
    """
    with tied(command, **options) as process:
        try:
            return process.wait(timeout)
        except BaseException:
            process.kill()
            raise


@contextmanager
def tied(
    command: Sequence[str], *, ending: signal.Signals | None = None, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command, and wait for it at the end.

    Args:
        command: The program and its arguments.
        ending: What it is sent when this process is gone; SIGKILL by default.
        options: As of `subprocess.Popen`.

    Raises:
        OSError: when it cannot be started.
    """
    if sys.platform != "linux":
        with subprocess.Popen(command, **options) as process:  # noqa: S603 - who calls this says what it is
            yield process
        return
    import fcntl  # other systems have none

    theirs, ours = os.pipe()
    try:
        try:
            process = subprocess.Popen(command, pass_fds=[theirs], **options)  # noqa: S603 - as above
            with suppress(OSError):  # a system that calls itself Linux, and is not
                fcntl.fcntl(theirs, fcntl.F_SETOWN, process.pid)
                fcntl.fcntl(theirs, fcntl.F_SETSIG, ending or signal.SIGKILL)
                fcntl.fcntl(theirs, fcntl.F_SETFL, os.O_NONBLOCK | fcntl.FASYNC)
        finally:
            os.close(theirs)
        with process:
            yield process
    finally:
        os.close(ours)
