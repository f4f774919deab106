"""Loads the program in the process that becomes the resident one, and takes down of which files it is made."""

import gc
import os
import sys
import time

from deferred_imports.resident import identity, streams
from deferred_imports.resident.staleness import Snapshot
from deferred_imports.resident.watching import UnfitError, Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


PATIENCE = 0.5
"""Seconds in which a thread that has ended is no longer listed."""


class Loaded:
    """A program that has been loaded.

    Attributes:
        snapshot: The files and directories that loading has used.
        reads: What else it depended on, see `identity.with_reads`.
        environment: The variables, as they were before.
        changes: The variables that it has set, and those that it has removed, as None.
        seconds: How long it took.
        hooks: Empty as long as no one hears of all that is done here.
    """

    snapshot: Snapshot
    hooks: "list[str]"
    reads: "list[str]"
    environment: "dict[bytes, bytes]"
    changes: "dict[str, str | None]"
    seconds: float


def load(target: str, find: "Callable[[str], object]", since: int, terminals: str) -> Loaded:
    """Import the program's module, and all that is deferred.

    Args:
        target: The function, as `run` has it.
        find: What imports it.
        since: When this process was started, in nanoseconds since the epoch.
        terminals: Which of its client's standard streams are terminals, see `identity.terminals`.

    Raises:
        UnfitError: It cannot be handed to several calls.
    """
    from deferred_imports import resolve_now

    loaded = Loaded()
    begin = time.perf_counter()
    loaded.environment = dict(identity.variables_now())
    before = dict(os.environ)
    instead = streams.Terminals(terminals)
    try:
        with Watch() as watch:
            find(target)
            resolve_now(on_error="report", native="all")
            streams.flush()
    finally:
        written = instead.close()
        os.write(2, written)
    loaded.seconds = time.perf_counter() - begin
    after = dict(os.environ)
    both = {**before, **after}  # in the order in which they were set
    loaded.changes = {name: after.get(name) for name in both if before.get(name) != after.get(name)}
    loaded.hooks = watch.hooks
    loaded.reads = sorted(watch.reads)
    loaded.snapshot = Snapshot(_files(watch), _searched())
    watch.check()
    if _has_threads_after_a_fork():
        raise UnfitError("a library in C starts threads while it is imported that it does not end for a fork")
    newer = loaded.snapshot.newer_than(since)
    if newer:
        error = UnfitError(newer)
        error.is_passing = True
        raise error
    return loaded


def _has_threads_after_a_fork() -> bool:
    """Tell whether threads go on in this process when it forks: a child lacks them, and GNU's OpenMP waits for them.

    OpenBLAS, for one, ends its own before a fork, and starts them anew where they are needed.
    """
    child = os.fork()
    if not child:
        os._exit(0)
    try:
        os.waitpid(child, 0)
    except ChildProcessError:  # the program ignores SIGCHLD
        pass
    end = time.monotonic() + PATIENCE
    while len(os.listdir("/proc/self/task")) > 1:  # one that has ended may be there for a moment
        if time.monotonic() >= end:
            return True
        time.sleep(0.001)
    return False


def unfinished_snapshot(error: BaseException) -> Snapshot:
    """Return what has to change before loading is tried again, after it has failed."""
    files = set(_of_modules())
    trace = error.__traceback__
    while trace is not None:  # a module that failed is no longer among them
        files.add(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        files.add(error.filename)
    return Snapshot((file for file in files if file.startswith("/")), _searched())


def _files(watch: Watch) -> "Iterator[str]":
    """Yield the absolute paths of all files that this process is made of, as far as anybody can change them."""
    unchecked = ("/proc/", "/sys/", "/dev/")
    yield from _of_modules()
    yield from (path for path in watch.opened if not path.startswith(unchecked))
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            path = line.rstrip("\n").split(None, 5)[5:]
            if path and path[0].startswith("/") and not path[0].startswith(unchecked) and "(deleted)" not in path[0]:
                yield path[0]
    yield os.path.realpath(sys.executable)
    for prefix in {sys.prefix, os.path.dirname(sys.executable), os.path.dirname(os.path.dirname(sys.executable))}:
        yield f"{prefix}/pyvenv.cfg"
    for directory in sys.path:
        if directory.endswith("site-packages") and os.path.isdir(directory):
            yield from (f"{directory}/{name}" for name in os.listdir(directory) if name.endswith(".pth"))


def _of_modules() -> "Iterator[str]":
    for module in list(sys.modules.values()):
        namespace = getattr(module, "__dict__", {})
        spec = namespace.get("__spec__")
        for path in (namespace.get("__file__"), getattr(spec, "origin", None), getattr(spec, "cached", None)):
            if isinstance(path, str) and path.startswith("/"):  # a module may hold anything
                yield path


def _searched() -> "list[str]":
    """Return the directories in which the import system has looked, those that are not there, too."""
    return [path for path in sys.path_importer_cache if path.startswith("/")]


def freeze() -> None:
    """Keep the garbage collector, here and in the children, from touching what is loaded."""
    gc.collect()
    gc.freeze()
