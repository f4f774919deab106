"""Why a call runs directly whatever there is: something watches this process, or it is not what it was at its start."""

import _thread
import os
import sys

from deferred_imports.resident.identity import NOT_LINUX, variables_now

# Each changes how an interpreter runs, or has it watched.
_VARIABLES = (
    b"PYTHONBREAKPOINT PYTHONINSPECT PYTHONDEVMODE PYTHONFAULTHANDLER PYTHONTRACEMALLOC PYTHONPROFILEIMPORTTIME "
    b"PYTHONASYNCIODEBUG PYTHONMALLOCSTATS PYTHONDUMPREFS PYTHONVERBOSE PYTHONPERFSUPPORT PYTHONDEBUG "
    b"PYTHON_LAZY_IMPORTS COVERAGE_PROCESS_START COVERAGE_PROCESS_CONFIG COV_CORE_SOURCE SUDO_UID PKEXEC_UID DOAS_USER"
).split()


class DirectError(Exception):
    """The call has to be made here; the text says why.

    Attributes:
        is_missing: Whether there is only no process that could have made the call, but may be one next time.
    """

    def __init__(self, reason: str, *, is_missing: bool = False) -> None:
        super().__init__(reason)
        self.is_missing = is_missing


def find(depth: int) -> str:
    """Return why the call has to run here, or nothing.

    Args:
        depth: How many frames up `run` was called.
    """
    doubt = of_system() or _of_options() or of_watchers() or _of_state()
    if doubt:
        return doubt
    return "" if _is_the_program(sys._getframe(depth)) else "another program has called it"  # noqa: SLF001 - no other way


def of_system() -> str:
    """Return why no resident process can be here at all, or nothing."""
    if sys.platform != "linux":
        return NOT_LINUX
    if not hasattr(os, "pidfd_open"):
        return "this Python has no os.pidfd_open: it was built for an older Linux"
    if sys.implementation.name != "cpython":
        return "the interpreter is not CPython"
    if os.getresuid() != (os.getuid(),) * 3 or os.getresgid() != (os.getgid(),) * 3:
        return "real, effective and saved user or group differ"
    return ""


def _of_options() -> str:
    flags = sys.flags
    if sys._xoptions or flags.inspect or flags.interactive or flags.debug or flags.verbose:  # noqa: SLF001 - documented
        return "an option of the interpreter (-X, -i, -d or -v)"
    variables = variables_now()
    if variables.keys().isdisjoint(_VARIABLES):
        return ""
    found = next(filter(variables.get, _VARIABLES), b"")
    return f"the variable {found.decode()} is set" if found else ""


def of_watchers() -> str:
    """Return what watches this process, or nothing."""
    if sys.gettrace() or sys.getprofile() or _is_monitored():
        return "a debugger, a profiler or coverage is at work"
    faulthandler = sys.modules.get("faulthandler")
    return "faulthandler is enabled" if faulthandler is not None and faulthandler.is_enabled() else ""


def _of_state() -> str:
    atexit = sys.modules.get("atexit")
    if atexit is not None and atexit._ncallbacks():  # noqa: SLF001 - there is no other way to ask
        return "something is to be done when this process exits"
    if _thread._count():  # noqa: SLF001 - `threading` does not know them all
        return "threads are running"
    return "" if streams() == streams("__") else "standard input or output was replaced"


def streams(mark: str = "") -> "list[Any]":
    """Return the standard streams, or with a mark around their names those that the interpreter has made."""
    return [getattr(sys, f"{mark}{name}{mark}") for name in ("stdout", "stderr", "stdin")]


def _is_monitored() -> bool:
    """Tell whether a tool has registered itself (PEP 669), Python 3.12."""
    monitoring = getattr(sys, "monitoring", None)
    return monitoring is not None and any(map(monitoring.get_tool, range(6)))


def _is_the_program(frame: "object") -> bool:
    """Tell whether this frame, or the one that called it, is the program's own outermost one.

    Whatever else has called, a test or another function, wants to go on when the call is over.
    """
    here: Any = frame
    main = sys.modules["__main__"].__dict__
    if here.f_globals is not main or here.f_code.co_name != "<module>":
        here = here.f_back
    if here is None or here.f_globals is not main or here.f_code.co_name != "<module>":
        return False
    above = here.f_back
    while above is not None and above.f_globals.get("__name__") == "runpy":  # python -m
        above = above.f_back
    return above is None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
