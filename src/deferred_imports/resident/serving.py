"""The resident process: the program itself, stopped where it calls its function. Read this first, then `server`.

It loads the program (`readiness`), and waits for calls (`server`). In the child of a call `serve` returns, and the
program goes on as if it had just been started.
"""

import os
import sys

from deferred_imports.resident import ending, identity, outcome
from deferred_imports.resident.readiness import Start, get_ready
from deferred_imports.resident.server import Server
from deferred_imports.resident.staleness import Snapshot
from deferred_imports.resident.starting import READY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def serve(target: str, wanted: str, find: "Callable[[str], object]") -> "Callable[[object], object]":
    """Load the program and serve calls; return in the child of a call only, with what to do with the function's value.

    Args:
        target: The function, as `run` has it.
        wanted: ``serve LOCK ANSWER TIME TERMINALS IDLE PROGRAM NAME VALUE``, as its client has put into the variable.
        find: What imports the function.
    """
    _, lock, answer, since, terminals, idle, known, name, value = wanted.split(" ", 8)
    if value:
        os.environ["PYDEFER_RESIDENT"] = value
    else:
        del os.environ["PYDEFER_RESIDENT"]
    directory = identity.directory()
    program = identity.program(target)
    start = Start(int(lock), int(answer), int(since), terminals, directory=directory, name=name, program=known)
    if identity.name_of(program) != known:
        start.give_up("the program is another one when it is started in the background", Snapshot([sys.executable]))
    ending.prepare(is_certain=outcome.is_certain(sys._getframe(2)))  # noqa: SLF001 - no other way
    server = Server(get_ready(target, find, program, start), start, seconds(idle))
    ending.keep(server)  # to take it down would take longer than many a call
    start.answer(READY)
    in_child = server.run()
    if in_child is None:
        os._exit(0)
    in_child()
    return ending.finish


def seconds(idle: str) -> float:
    """Return how many seconds an idle time has, like ``15m``."""
    return float(idle[:-1]) * {"s": 1, "m": 60, "h": 3600}[idle[-1]]
