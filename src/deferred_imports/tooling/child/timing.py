"""What runs in the child process of `timing`: starts a program, and writes down who imports what while it starts.

Run as a script, never imported. The interpreter adds `-X importtime`; what that cannot tell, since it shows only who
came first, is told by a wrapped `__import__`: every import that runs, from which line, cached or not.
"""

import _frozen_importlib
import builtins
import os
import sys

_TOOL = 4  # for sys.monitoring: one that no debugger, profiler or measure of coverage has taken
_MACHINERY = frozenset({"importlib", "importlib._bootstrap", "_frozen_importlib"})


TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import NoReturn

_asked: list[tuple[object, ...]] = []
_import = builtins.__import__
_BY_NAME = "_gcd_import"  # what `importlib.import_module` calls
_import_by_name = getattr(_frozen_importlib, _BY_NAME)


def main(result: str, module: str, attribute: str, *arguments: str) -> None:
    """Import a module, call something in it if an attribute is given, and write what happened into a file."""
    before = sorted(sys.modules)
    process, leave = os.getpid(), os._exit
    builtins.__import__ = _record
    setattr(_frozen_importlib, _BY_NAME, _record_by_name)
    told = _watch_calls()

    def left(status: int) -> "NoReturn":
        """Leave as the program does, on a way on which nothing else runs; what was forked goes without a word."""
        if os.getpid() == process and not status:
            _tell(result, before, told(), None)
        leave(status)

    os._exit = left
    failure = _run(module, attribute, list(arguments))
    if os.getpid() == process:
        _tell(result, before, told(), failure)
    leave(0)  # threads and exit handlers of the program shall not hold us up


def _tell(result: str, before: "list[str]", functions: "set[CodeType]", failure: "str | None") -> None:
    """Write what happened into a file."""
    builtins.__import__ = _import
    loaded = list(sys.modules)

    import json

    first: dict[int, str] = {}
    for name in loaded:
        first.setdefault(id(sys.modules[name]), name)
    same = {name: real for name in loaded if (real := first[id(sys.modules[name])]) != name}
    called = sorted({(code.co_filename, code.co_firstlineno) for code in functions})
    found = {"before": before, "loaded": loaded, "same": same, "asked": _asked, "called": called, "failure": failure}
    with open(result, "w", encoding="utf-8", errors="backslashreplace") as file:
        json.dump(found, file, default=str)
    sys.stderr.flush()


def _run(module: str, attribute: str, arguments: list[str]) -> "str | None":
    try:
        __import__(module)
        if attribute:
            function = sys.modules[module]
            for part in attribute.split("."):
                function = getattr(function, part)
            sys.argv = arguments
            function()  # type: ignore[operator]  # what an entry point names can be called
    except SystemExit:
        return None if attribute else f"{module} exits while it is imported"
    except BaseException as error:  # noqa: BLE001 - whatever the program does, it is reported
        return f"{type(error).__name__}: {error}"
    return None


# The signature is that of `__import__`: callers may pass its arguments by name. Anything may be among them.
def _record(name, globals=None, locals=None, fromlist=(), level=0):  # type: ignore[no-untyped-def]  # noqa: A002, ANN001, ANN202 - see above
    site = sys._getframe(1)  # noqa: SLF001 - there is no other way
    importer = str(site.f_globals.get("__name__"))
    if importer not in _MACHINERY:
        package = ""
        if level and globals:
            package = globals.get("__package__")
            if package is None:
                package = importer if "__path__" in globals else importer.rpartition(".")[0]
        _note(site, str(name), [str(item) for item in fromlist or ()], int(level), str(package), seen=True)
    return _import(name, globals, locals, fromlist, level)


def _record_by_name(name: str, package: "str | None" = None, level: int = 0) -> object:
    site: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no other way
    # The machinery comes here for the parents of what it imports, too.
    if site is not None and site.f_code.co_name != "_call_with_frames_removed":
        while site is not None and site.f_globals.get("__name__") in _MACHINERY:
            site = site.f_back
        if site is not None:
            _note(site, name, [], level, package or "", seen=False)
    return _import_by_name(name, package, level)


def _note(site: "FrameType", name: str, names: list[str], level: int, package: str, *, seen: bool) -> None:
    """Note an import that runs; `seen` if there is a statement for it."""
    holder: FrameType | None = site
    while holder is not None and holder.f_code.co_name != "<module>":
        holder = holder.f_back
    held = str(holder.f_globals.get("__name__")) if holder is not None else "__main__"
    importer = str(site.f_globals.get("__name__"))
    place = (held, importer, site.f_code.co_filename, site.f_lineno, seen and site is holder)
    _asked.append((*place, name, names, level, package))


def _watch_calls() -> "Callable[[], set[CodeType]]":
    """Note every function that is called, at little cost; return what tells them in the end."""
    called: set[CodeType] = set()
    if sys.version_info >= (3, 12):
        monitoring = sys.monitoring

        def started(code: "CodeType", _: int) -> object:
            called.add(code)
            return monitoring.DISABLE  # once is enough

        def told() -> "set[CodeType]":
            monitoring.set_events(_TOOL, 0)
            return called

        monitoring.use_tool_id(_TOOL, "deferred-imports")
        monitoring.register_callback(_TOOL, monitoring.events.PY_START, started)
        monitoring.set_events(_TOOL, monitoring.events.PY_START)
        return told

    import _lsprof  # what cProfile is made of: a function in Python would double the time that imports take

    profiler = _lsprof.Profiler(builtins=False)

    def stopped() -> "set[CodeType]":
        profiler.disable()
        return {entry.code for entry in profiler.getstats() if not isinstance(entry.code, str)}

    del sys.modules["_lsprof"]
    profiler.enable()
    return stopped


del sys.path[0]  # where this file lies
if __name__ == "__main__":
    sys.path[:0] = [path for path in sys.argv[1].split("\n") if path]
    main(*sys.argv[2:])
