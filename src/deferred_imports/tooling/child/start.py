"""Starts a program as Python would, and writes down what it loads; `start/running.py` runs this file by its path.

There are two ways of watching. Of some modules it notes who asked for them, with a finder that finds nothing. Of all
("*") it notes every import that runs, cached or not, with a wrapped `__import__`, and each function that is called; the
interpreter adds `-X importtime`, which shows only who came first.

It is one file, however long: a second one would have to be imported, and so stand among what the program loads.

The arguments: the file for the report; what to watch, "*" or names separated by commas; the first directory of
`sys.path`; the directories that come next and those that come last, each separated by `os.pathsep`; how to start
("import", "call", "module", "file" or "code"); what to start; what the program shall find as its own arguments.
"""

import _frozen_importlib
import builtins
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import CodeType, FrameType
    from typing import Any, NoReturn

_TOOL = 4  # for sys.monitoring: one that no debugger, profiler or measure of coverage has taken
_MACHINERY = frozenset({"importlib", "importlib._bootstrap", "importlib._bootstrap_external", "_frozen_importlib"})


def main() -> "NoReturn":
    """Start the program, and write the report when it has ended, or leaves, or becomes another one."""
    report, watched, first, before, after, how, what, *arguments = sys.argv[1:]
    wanted = set(watched.split(",")) - {"", "*"}
    _set_path(first, before.split(os.pathsep), after.split(os.pathsep))
    sys.argv = arguments or [what]
    if how == "module" or _is_archive(how, what):
        import runpy  # noqa: F401 - the interpreter itself loads it for `-m`
    loaded = sorted(sys.modules)
    process, leave = os.getpid(), os._exit
    watch = _Edges() if watched == "*" else _Chains(wanted)

    def tell(code: object, error: "str | None" = None, names: "list[str] | None" = None) -> None:
        """Write the report; what the program forks is of no interest."""
        if os.getpid() == process:
            if code is not None and not isinstance(code, int):
                _say(f"{code}\n")
            exit_code = code if isinstance(code, int) else int(code is not None)
            found = {"exit": exit_code, "error": error, "before": loaded, "loaded": names or list(sys.modules)}
            _write(report, {**found, **watch.told(set(loaded))})

    _tell_before_leaving(tell)
    try:
        watch.begin()
        _run_as(how, what)
    except SystemExit as exit_:
        # What the interpreter itself makes of it.
        tell(exit_.code, None if exit_.code or how != "import" else "ended while it was imported")
    except BaseException as error:  # noqa: BLE001 - it ends here as it would end in the interpreter
        watch.end()
        names = list(sys.modules)  # what is loaded to print a traceback is not the program's doing
        _say_traceback()
        tell(1, f"{type(error).__name__}: {error}", names)
    else:
        tell(None)
    leave(0)  # threads and exit handlers of the program shall not hold us up


def _set_path(first: str, before: "list[str]", after: "list[str]") -> None:
    """Make `sys.path` what the program finds; the first directory so far is that of this file, or there is none."""
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = first
        sys.path[1:1] = filter(None, before)
    else:
        sys.path[:0] = filter(None, before)
    sys.path += [place for place in after if place and place not in sys.path]


def _tell_before_leaving(tell: "Callable[..., None]") -> None:
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


def _say(text: str) -> None:
    try:
        sys.stderr.write(text)
    except (AttributeError, OSError, ValueError):  # the program has taken or closed it
        return


def _say_traceback() -> None:
    try:
        import traceback

        traceback.print_exc()
    except BaseException:  # noqa: BLE001 - the program may have left nothing to print with
        return


def _write(report: str, found: "dict[str, Any]") -> None:
    import json

    with open(report, "w", encoding="utf-8", errors="backslashreplace") as file:
        json.dump(found, file, default=str)
    try:
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # as above
        return


# Starting


def _run_as(how: str, what: str) -> None:
    """Run the program as Python would."""
    if how == "import":
        __import__(what)
    elif how == "call":
        module, _, attribute = what.partition(":")
        __import__(module)
        value: Any = sys.modules[module]
        for part in attribute.split("."):
            value = getattr(value, part)
        sys.exit(value())
    elif how == "module":
        import runpy

        runpy.run_module(what, run_name="__main__", alter_sys=True)
    elif _is_archive(how, what):
        import runpy

        runpy.run_path(what, run_name="__main__")
    else:
        name = what
        if how == "file":
            with open(what, "rb") as file:
                source: bytes | str = file.read()
        else:
            source, name = what, "<string>"
        main_module = type(sys)("__main__")
        main_module.__dict__["__builtins__"] = builtins
        if how == "file":
            main_module.__file__ = what
        sys.modules["__main__"] = main_module
        exec(compile(source, name, "exec", dont_inherit=True), main_module.__dict__)  # noqa: S102 - as the interpreter does


def _is_archive(how: str, what: str) -> bool:
    """Tell whether the file is no source, but a zip or a directory with a `__main__` (`python -m zipapp`)."""
    if how != "file":
        return False
    if os.path.isdir(what):
        return True
    with open(what, "rb") as file:
        start = file.read(200)
    return b"PK\x03\x04" in (start[:4], start.partition(b"\n")[2][:4])


# Watching some modules: who asked for them


class _Chains:
    """A finder that finds nothing: it notes who asks for the watched modules, and lets the others do the work."""

    def __init__(self, watched: "set[str]") -> None:
        self._chains: dict[str, list[tuple[str, int, str]]] = {}
        self._watched = watched

    def begin(self) -> None:
        """Stand before all finders."""
        sys.meta_path.insert(0, self)

    def end(self) -> None:
        """Note nothing more: what comes now is not the program's doing."""
        self._watched = set()

    def told(self, before: "set[str]") -> "dict[str, Any]":
        """Return the chain of each watched module that has been loaded."""
        new = [name for name in sys.modules if name not in before]
        return {"chains": {name: self._chains[name] for name in new if name in self._chains}}

    def find_spec(self, name: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        """Note the stack; the last one counts, since those before may only have looked."""
        if name in self._watched and name not in sys.modules:
            self._chains[name] = _stack(sys._getframe(1))  # noqa: SLF001 - what `inspect` and `traceback` use, too
        return None


def _stack(frame: "FrameType | None") -> "list[tuple[str, int, str]]":
    """Return the file, line and function of each frame of the program, outermost first."""
    found = []
    while frame is not None:
        name = frame.f_code.co_filename
        if name == __file__:  # below is only this wrapper
            break
        is_machinery = name.startswith("<frozen ") or frame.f_globals.get("__name__") in {*_MACHINERY, "runpy"}
        if not is_machinery and "__deferred_imports__" not in frame.f_globals:  # nor a registry, in between
            found.append((name, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    return found[::-1]


# Watching all: which import runs where, and what is called


class _Edges:
    """Wraps what imports go through, and notes every one, and every function that is called."""

    _BY_NAME = "_gcd_import"  # what `importlib.import_module` calls

    def __init__(self) -> None:
        self._asked: list[tuple[object, ...]] = []
        self._mains: set[str] = set()
        self._import = builtins.__import__
        self._import_by_name = getattr(_frozen_importlib, self._BY_NAME)
        self._called: Callable[[], set[CodeType]] = set

    def begin(self) -> None:
        """Stand before the import system."""
        builtins.__import__ = self._wrapped()
        setattr(_frozen_importlib, self._BY_NAME, self._record_by_name)
        self._called = _watch_calls()

    def end(self) -> None:
        """Note nothing more."""
        builtins.__import__ = self._import

    def told(self, before: "set[str]") -> "dict[str, Any]":
        """Return what ran; which names stand for one module; and the modules that ran as `__main__`."""
        functions = self._called()
        self.end()
        first: dict[int, str] = {}
        for name in list(sys.modules):
            first.setdefault(id(sys.modules[name]), name)
        same = {name: real for name in list(sys.modules) if (real := first[id(sys.modules[name])]) != name}
        called = sorted({(code.co_filename, code.co_firstlineno) for code in functions})
        return {"same": same, "asked": self._asked, "called": called, "mains": sorted(self._mains)}

    def _wrapped(self) -> "Callable[..., Any]":
        """Return what stands for `__import__`: a plain function, as some look at it, and bound methods are slower."""
        original, note, name_of = self._import, self._note, self._name

        # The signature is that of `__import__`: callers may pass its arguments by name. Anything may be among them.
        def record(name, globals=None, locals=None, fromlist=(), level=0):  # type: ignore[no-untyped-def]  # noqa: A002, ANN001, ANN202 - see above
            site = sys._getframe(1)  # noqa: SLF001 - there is no other way
            importer = name_of(site)
            if importer not in _MACHINERY:
                package = ""
                if level and globals:
                    package = globals.get("__package__")
                    if package is None:
                        package = importer if "__path__" in globals else importer.rpartition(".")[0]
                note(site, str(name), [str(item) for item in fromlist or ()], int(level), str(package), seen=True)
            return original(name, globals, locals, fromlist, level)

        return record

    def _record_by_name(self, name: str, package: "str | None" = None, level: int = 0) -> object:
        site: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no other way
        # The machinery comes here for the parents of what it imports, too.
        if site is not None and site.f_code.co_name != "_call_with_frames_removed":
            while site is not None and site.f_globals.get("__name__") in _MACHINERY:
                site = site.f_back
            if site is not None:
                self._note(site, name, [], level, package or "", seen=False)
        return self._import_by_name(name, package, level)

    def _note(self, site: "FrameType", name: str, names: "list[str]", level: int, package: str, *, seen: bool) -> None:
        """Note an import that runs; `seen` if there is a statement for it."""
        holder: FrameType | None = site
        while holder is not None and holder.f_code.co_name != "<module>":
            holder = holder.f_back
        held = self._name(holder) if holder is not None else "__main__"
        place = (held, self._name(site), site.f_code.co_filename, site.f_lineno, seen and site is holder)
        self._asked.append((*place, name, names, level, package))

    def _name(self, frame: "FrameType") -> str:
        """Return the module that a frame belongs to; one that runs as `__main__` by its own name, if it has one."""
        name = str(frame.f_globals.get("__name__"))
        if name == "runpy":
            return "__main__"
        spec = frame.f_globals.get("__spec__") if name == "__main__" else None
        if spec is None:
            return name
        self._mains.add(str(spec.name))
        return str(spec.name)


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


if __name__ == "__main__":
    main()
