"""A slowed disk, for measuring what a disk of a cloud does to a cold start; root alone may make one.

It is an ext4 file system on a loop device over a file that FUSE serves: nbdkit answers each read a millisecond late,
four at a time and 125 MB a second at most, which is about a block disk of 3,000 IOPS, and nbdfuse shows that as a file.
The device mapper's delay target would be simpler, but many kernels of virtual machines have none.
"""

from __future__ import annotations

import mmap
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

_DELAY = "1ms"
_AT_ONCE = "4"
_RATE = "1000M"  # bits a second
_SIZE = 16 << 30  # of a file with holes

#: The commands, and the Debian packages that have them.
_COMMANDS = {
    "nbdkit": "nbdkit",
    "nbdfuse": "libnbd-bin",
    "losetup": "mount",
    "mount": "mount",
    "umount": "mount",
    "mkfs.ext4": "e2fsprogs",
}
_DEVICES = {"/dev/fuse": "FUSE", "/dev/loop-control": "loop devices"}


def lacking() -> str | None:
    """Return what this machine lacks for root to make a slowed disk, with the remedy, or None."""
    absent = [command for command in _COMMANDS if shutil.which(command) is None]
    if absent:
        packages = dict.fromkeys(_COMMANDS[command] for command in absent)
        return f"expected the commands {', '.join(absent)}, got none; apt-get install {' '.join(packages)}"
    for device, what in _DEVICES.items():
        if not os.path.exists(device):
            return f"expected {what} ({device}), got none; run it outside the container, or with --disk plain"
    return None


@contextmanager
def slowed(directory: Path) -> Iterator[Path]:
    """Make a slowed disk, and yield where it is mounted; afterwards nothing of it is left.

    Args:
        directory: An empty one, on a disk that has room.
    """
    image, socket, served, mounted = (directory / name for name in ("image", "socket", "served", "mounted"))
    with image.open("wb") as file:
        file.truncate(_SIZE)
    served.touch()
    mounted.mkdir()
    with ExitStack() as stack:
        slow = ("--filter=rate", f"rate={_RATE}", "--filter=delay", f"rdelay={_DELAY}")
        stack.enter_context(_server("nbdkit", "-f", "-U", socket, "-t", _AT_ONCE, "file", image, *slow))
        _wait_for(socket.exists)
        stack.enter_context(_server("nbdfuse", "-C", _AT_ONCE, served, f"nbd+unix:///?socket={socket}"))
        stack.callback(_run, "umount", served)
        _wait_for(lambda: served.stat().st_size > 0)
        # What FUSE serves is not cached a second time.
        device = _run("losetup", "--find", "--show", "--direct-io=on", served).strip()
        stack.callback(_run, "losetup", "--detach", device)
        # All of it is written now, not in the background while something is measured.
        _run("mkfs.ext4", "-q", "-N", "200000", "-O", "^has_journal", "-E", "lazy_itable_init=0,nodiscard", device)
        _run("mount", "-o", "noatime", device, mounted)
        stack.callback(_unmount, mounted)
        yield mounted


@contextmanager
def _server(*command: str | Path) -> Iterator[None]:
    """Run a program until the end of the block; Ctrl-C does not reach it, since it serves what is to be unmounted."""
    with subprocess.Popen(list(map(str, command)), start_new_session=True) as process:
        try:
            yield
        finally:
            try:
                process.wait(1)  # nbdfuse ends by itself when it is unmounted
            except subprocess.TimeoutExpired:
                process.terminate()


def _run(*command: str | Path) -> str:
    return subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True).stdout


def _wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the slowed disk does not come up")
        time.sleep(0.05)


def _unmount(path: Path) -> None:
    """Unmount, even if something that has just ended still holds a file."""
    for _ in range(20):
        try:
            _run("umount", path)
        except subprocess.CalledProcessError:
            time.sleep(0.25)
        else:
            return
    _run("umount", "--lazy", path)


def latency(directory: Path) -> float:
    """Return the seconds that a read of 4 KiB takes on the disk of a directory, past all caches."""
    size = 64 << 20
    path = directory / "latency"
    path.write_bytes(os.urandom(size))
    file = os.open(path, os.O_RDONLY | os.O_DIRECT)
    try:
        os.fsync(file)
        page = mmap.mmap(-1, mmap.PAGESIZE)  # direct I/O wants an aligned place
        times = []
        for _ in range(100):
            begin = time.perf_counter()
            os.preadv(file, [page], random.randrange(size // mmap.PAGESIZE) * mmap.PAGESIZE)  # noqa: S311, it is no secret
            times.append(time.perf_counter() - begin)
    finally:
        os.close(file)
        path.unlink()
    return median(times)
