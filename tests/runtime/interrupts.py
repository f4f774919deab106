"""Ctrl-C at random instants during `resolve_now(workers=4)`: `python tests/runtime/interrupts.py [ROUNDS]`.

Each round is a fork of a warm parent: it resolves a package of twenty modules with four workers, a timer interrupts it
within the first 25 ms, and then no thread may be left, and a second call has to bind every name. A round that takes
a minute hangs. Prints what it found; exit code 1 if that was anything.
"""

import faulthandler
import os
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

NAMES = [f"m{index}" for index in range(20)]
LEFT, UNBOUND, SPOILT = 3, 4, 5


def write_swarm(directory: Path) -> None:
    """Write the modules, and a package that defers them."""
    from benchmarks.registries import write_package

    for name in NAMES:
        (directory / f"{name}.py").write_text("import time\ntime.sleep(0.002)\n", encoding="utf-8")
    write_package(directory / "swarm", {name: name for name in NAMES})


def play() -> int:
    """Resolve, be interrupted, and look what is left; returns the exit code of the round."""
    import swarm._deferred  # type: ignore[import-not-found]  # it is written when this runs

    from deferred_imports import resolve_now

    faulthandler.register(signal.SIGUSR1)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 0.025))  # noqa: S311 - nothing is secret here
        resolve_now("swarm", workers=4, on_error="report")
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        pass
    deadline = time.monotonic() + 30
    while threading.active_count() > 1:  # a thread that was only just starting ends by itself
        if time.monotonic() > deadline:
            return LEFT
        time.sleep(0.001)
    resolve_now("swarm", on_error="report")
    return 0 if {*NAMES} <= vars(swarm._deferred).keys() else UNBOUND


def main(rounds: int) -> int:
    """Play so many rounds."""
    ends = {LEFT: 0, UNBOUND: 0, SPOILT: 0, -signal.SIGKILL: 0, 0: 0}
    with tempfile.TemporaryDirectory() as place:
        write_swarm(Path(place))
        sys.path.insert(0, place)

        for _ in range(rounds):
            child = os.fork()
            if child == 0:
                try:
                    code = play()
                except KeyboardInterrupt:  # it came when all was over
                    code = 0
                except BaseException as error:  # noqa: BLE001 - the parent counts it
                    print(type(error).__name__, error, file=sys.stderr)  # noqa: T201 - a script
                    code = SPOILT
                os._exit(code)
            ends[_wait(child)] += 1
    hangs, left, unbound = ends[-signal.SIGKILL], ends[LEFT], ends[UNBOUND]
    spoilt = f", {ends[SPOILT]} other errors" if ends[SPOILT] else ""
    print(f"{rounds} rounds: {hangs} hangs, {left} threads left, {unbound} names unbound{spoilt}")  # noqa: T201 - a script
    return int(ends[0] != rounds)


def _wait(child: int) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.0005)
    os.kill(child, signal.SIGUSR1)  # says where all of its threads are
    time.sleep(1)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
