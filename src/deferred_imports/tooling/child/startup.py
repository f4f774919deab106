"""Runs in a child process of `check --startup`: starts a program and notes what led to certain imports.

Run by its path, never imported. It must not load what a program might: only `sys` and `os`, which every interpreter has
loaded, until the program has ended. The arguments: the file for the report, the names to watch separated by commas, the
directories to look in last separated by `os.pathsep`, how to start ("import", "call", "module" or "file"), what to
start, and for all but "import" what the program shall find as its own arguments.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import FrameType
    from typing import Any, NoReturn


class Watcher:
    """A finder that finds nothing: it notes who asks for the watched modules, and lets the others do the work."""

    def __init__(self, watched: "set[str]") -> None:
        self.chains: dict[str, list[tuple[str, int, str]]] = {}
        self._watched = watched

    def find_spec(self, name: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        """Note the stack; the last one counts, since those before may only have looked."""
        if name in self._watched and name not in sys.modules:
            self.chains[name] = _stack(sys._getframe(1))  # noqa: SLF001, what `inspect` and `traceback` use, too
        return None


def _stack(frame: "FrameType | None") -> "list[tuple[str, int, str]]":
    """Return the file, line and function of each frame of the program, outermost first."""
    found = []
    while frame is not None:
        name = frame.f_code.co_filename
        if name == __file__:  # below is only this wrapper
            break
        is_machinery = name.startswith("<frozen ") or frame.f_globals.get("__name__") in _MACHINERY
        if not is_machinery and "__deferred_imports__" not in frame.f_globals:  # nor a registry, in between
            found.append((name, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    return found[::-1]


_MACHINERY = {"importlib", "importlib._bootstrap", "importlib._bootstrap_external", "runpy"}


def main() -> None:
    """Start the program, and write the report when it has ended."""
    report, watched, places, how, what, *arguments = sys.argv[1:]
    wanted = set(watched.split(",")) - {""}
    watcher = Watcher(wanted)
    first = "" if how == "import" else arguments.pop(0)
    if not getattr(sys.flags, "safe_path", False):  # else the first is not the directory of this file
        sys.path[0] = first
    sys.path += [place for place in places.split(os.pathsep) if place and place not in sys.path]
    sys.argv = arguments or [what]
    before = set(sys.modules)
    process = os.getpid()

    def tell(failure: object) -> None:
        """Write the report; for what the program forks, nobody has asked."""
        if os.getpid() != process:
            return
        loaded = {name: watcher.chains.get(name, []) for name in wanted if name in sys.modules and name not in before}
        import json

        if failure is not None and not isinstance(failure, int):
            sys.stderr.write(f"{failure}\n")
            failure = 1
        with open(report, "w", encoding="utf-8") as file:
            json.dump({"exit": failure or 0, "loaded": loaded}, file)

    _tell_before_leaving(tell)
    sys.meta_path.insert(0, watcher)
    failure: object = None
    try:
        start(how, what)
    except SystemExit as exit_:
        # What the interpreter itself makes of it.
        failure = exit_.code
    except BaseException:  # noqa: BLE001, it ends here as it would end in the interpreter
        import traceback

        traceback.print_exc()
        failure = 1
    finally:
        tell(failure)


def _tell_before_leaving(tell: "Callable[[object], None]") -> None:
    """Tell also when the program leaves by a way on which nothing else runs, or becomes another one."""
    leave, execv, execve = os._exit, os.execv, os.execve

    def told_leave(status: int) -> "NoReturn":
        tell(status)
        leave(status)

    def told_execv(path: "Any", argv: "Any", /) -> "NoReturn":
        tell(0)
        execv(path, argv)

    def told_execve(path: "Any", argv: "Any", env: "Any") -> "NoReturn":
        tell(0)
        execve(path, argv, env)

    os._exit, os.execv, os.execve = told_leave, told_execv, told_execve


def start(how: str, what: str) -> None:
    """Run the program as Python would."""
    if how == "import":
        __import__(what)
    elif how == "call":
        module, _, attribute = what.partition(":")
        value: Any = __import__(module, None, None, ("__name__",))
        for part in attribute.split("."):
            value = getattr(value, part)
        sys.exit(value())
    else:
        import runpy

        if how == "module":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(what, run_name="__main__")


if __name__ == "__main__":
    main()
