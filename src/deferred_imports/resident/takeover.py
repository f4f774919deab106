"""What the child of a call takes over from the caller, so that nothing in it can tell the difference.

First come the process's own affairs, each as the caller has it, or the call is refused; then what Python has made of
them when it started: standard streams, variables, arguments.
"""

import os
import sys

from deferred_imports.resident import streams
from deferred_imports.resident.identity import variables_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


class RefusedError(Exception):
    """The child cannot be what the caller is; the text says why."""


class Request:
    """What the caller has sent.

    Args:
        fields: The fields of the request after its kind and the identity.
        files: The file descriptors that came with it: the current directory first.
    """

    def __init__(self, fields: "Sequence[bytes]", files: "Sequence[int]") -> None:
        self.umask = int(fields[0])
        self.blocked, self.ignored, self.numbers = (list(map(int, field.split())) for field in fields[1:4])
        count = int(fields[4])
        self.argv = list(map(os.fsdecode, fields[5 : 5 + count]))
        rest = fields[5 + count :]
        count = int(rest[0])
        self.orig_argv = list(map(os.fsdecode, rest[1 : 1 + count]))
        self.environment = dict(field.split(b"=", 1) for field in rest[1 + count :])
        self.directory, *self.files = files
        if len(self.files) != len(self.numbers):
            raise ValueError(f"{len(self.numbers)} files were announced, {len(self.files)} came")


def _differences(caller: int) -> str:
    """Return in what the caller differs from this process that no child can take over, or nothing.

    Args:
        caller: Its process id.
    """
    for name in ("cgroup", "oom_score_adj", "attr/current", "personality"):
        if _read(caller, name) != _read("self", name):
            return f"{name.partition('/')[0]} differs"
    for name in ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"):
        if _link(f"/proc/{caller}/ns/{name}") != _link(f"/proc/self/ns/{name}"):
            return f"the namespace {name} differs"
    if _node(f"/proc/{caller}/root") != _node("/proc/self/root"):
        return "the root directory differs"
    theirs, ours = _status(caller), _status("self")
    if theirs != ours:
        (line, *_) = sorted({*theirs} ^ {*ours})
        return f"{line.partition(b':')[0].decode()} differs"
    return ""


_STATUS = (b"Uid:", b"Gid:", b"Groups:", b"NoNewPrivs:", b"Seccomp:", b"THP_enabled:", b"Mems_allowed:", b"Cap")


def _status(process: "int | str") -> "list[bytes]":
    return [line for line in _read(process, "status").split(b"\n") if line.startswith(_STATUS)]


def _read(process: "int | str", name: str) -> bytes:
    try:
        file = os.open(f"/proc/{process}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(file, 1 << 16)
    except OSError:
        return b""
    finally:
        os.close(file)


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _node(path: str) -> "tuple[int, int] | None":
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def take_process(request: Request, caller: int, group: int, kept: int) -> None:
    """Become what the caller is, as far as the system sees it.

    Args:
        request: What it has sent.
        caller: Its process id.
        group: Its process group, to join; 0 for one of our own.
        kept: The one file descriptor to keep beside the caller's.

    Raises:
        RefusedError: That is not possible.
        OSError: And neither is that.
    """
    difference = _differences(caller)
    if difference:
        raise RefusedError(difference)
    os.setpgid(0, group)
    os.fchdir(request.directory)
    os.umask(request.umask)
    _take_files(request, kept)
    limits = _read(caller, "limits")
    if not limits or limits != _read("self", "limits"):
        _take_limits(caller)
    nice = os.getpriority(os.PRIO_PROCESS, caller)
    if nice != os.getpriority(os.PRIO_PROCESS, 0):
        os.setpriority(os.PRIO_PROCESS, 0, nice)
    if os.sched_getscheduler(caller) != os.sched_getscheduler(0):
        raise RefusedError("the scheduling policy differs")
    processors = os.sched_getaffinity(caller)
    if processors != os.sched_getaffinity(0):
        os.sched_setaffinity(0, processors)


def _take_limits(caller: int) -> None:
    is_there = "resource" in sys.modules
    import resource

    if not is_there:  # nor is it in a direct call
        del sys.modules["resource"]
    for name in (name for name in dir(resource) if name.startswith("RLIMIT_")):
        kind = getattr(resource, name)
        limits = resource.prlimit(caller, kind)
        if limits != resource.getrlimit(kind):
            try:
                resource.setrlimit(kind, limits)
            except (ValueError, OSError):
                raise RefusedError(f"{name} cannot be {limits}") from None


def _take_files(request: Request, kept: int) -> None:
    """Have the caller's open files, under their numbers, and no others; the program has none (`loading`)."""
    if kept in request.numbers:
        raise RefusedError(f"file {kept} is open")
    received = {request.directory, *request.files}
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in received and int(name) != kept:
            try:
                os.close(int(name))
            except OSError:  # what has listed them
                pass
    # Some may have come under a number that another of them is to have: so all move away first.
    free = max((*received, *request.numbers, kept)) + 1
    moved: list[int] = []
    for file in request.files:
        moved.append(free + len(moved))
        os.dup2(file, moved[-1])
    for file in received:
        os.close(file)
    for number, file in zip(request.numbers, moved, strict=True):
        os.dup2(file, number)
        os.close(file)


def take_signals(request: Request, initial: "Mapping[int, Any]") -> None:
    """Ignore what the caller ignores, unless the program has a handler of its own for it.

    Args:
        request: What it has sent.
        initial: What there was for each signal before the program was loaded.
    """
    import _signal

    for number, handler in initial.items():
        if number in request.ignored and _signal.getsignal(number) == handler:
            _signal.signal(number, _signal.SIG_IGN)


def take_python(request: Request, changes: "Mapping[str, str | None]") -> None:
    """Have the variables, arguments and standard streams that this interpreter would have, had the caller started it.

    Args:
        request: What it has sent.
        changes: The variables that the program has set or, None, removed while it was loaded.
    """
    _take_variables(request.environment, changes)
    sys.argv[:] = request.argv
    sys.orig_argv[:] = request.orig_argv
    for number, (name, stream) in enumerate(zip(("stdin", "stdout", "stderr"), streams.current(), strict=True)):
        if number not in request.numbers:
            setattr(sys, name, None)
            setattr(sys, f"__{name}__", None)
        else:
            streams.reopen(stream, number)


def _take_variables(wanted: "dict[bytes, bytes]", changes: "Mapping[str, str | None]") -> None:
    """Replace the environment as a whole, in its order, for Python and for C."""
    for name, value in changes.items():
        if value is None:
            wanted.pop(os.fsencode(name), None)
        else:
            wanted[os.fsencode(name)] = os.fsencode(value)
    now = variables_now()
    if list(now.items()) == list(wanted.items()):
        return
    for known in now:
        os.unsetenv(known)
    for known, content in wanted.items():
        os.putenv(known, content)
    now.clear()
    now.update(wanted)


def seed() -> None:
    """Give the generator of numpy, which seeds itself when it is imported, another state; `random` does so itself."""
    module = sys.modules.get("numpy.random")
    if module is not None:
        state = module.get_state(legacy=False)  # the program may have put a generator of another kind there
        if state["bit_generator"] != "MT19937":
            return
        # As it is after a seed from the system, and unused; after a seed of the program's, the position is 624.
        if state["state"]["key"][0] == 0x80000000 and state["state"]["pos"] == 623:
            module.seed()
