"""The registry of which each generated one is a copy: only this docstring, what type checkers see and the table differ.

It runs in other people's packages, on any Python from 3.8 on, without this distribution, and whenever their program
starts. So it imports nothing but what each interpreter has loaded, and has no annotations, which would be loaded, too.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import colorsys
    from typing import Any

    __all__ = ["colorsys"]
    __lazy_modules__ = frozenset([""])

__deferred_imports__: "dict[str, Any]" = {
    "format": 1,
    "project": "sample",
    "imports": """
        colorsys colorsys
        """,
    "remedies": """
        colorsys: it is part of the standard library, but this Python was built without it
        """,
}

# What follows is the same in all registries.

_targets = {}  # what to import for each name: the table, read when a name is first asked for
_pending = set()  # the names not bound yet


# Imports what a name stands for and binds it: from then on it is a plain global of this module.
def _resolve(name, watch=True, pause=0.001):
    here = globals()
    targets = _table().get(name)
    if name in here:  # another thread was faster
        return here[name]
    if targets is None:
        return _look_up(name)
    if watch and getattr(sys._getframe().f_back, "f_globals", {}).get("__name__") in (
        "rlcompleter",
        "jedi.inference.compiled.access",
    ):
        raise AttributeError(name)  # a prompt asks for the value of each name that it offers
    if watch and "deferred_imports._watching" in sys.modules:
        return __import__("deferred_imports._watching", None, None, ("watched",)).watched(_resolve, __name__, name)
    absent, causes = [], []
    for target in targets.split("|"):
        module, _, attribute = target.partition(":")
        if module[0] == ".":
            module = __name__.rpartition(".")[0] + module
        path = attribute.split(".") if attribute else []
        try:
            value = _import(module, path)
            unfinished = getattr(getattr(value, "__spec__", None), "_initializing", False)
            while path and value is not absent:
                value = getattr(value, path.pop(0), absent)
        except BaseException as error:
            if error.__class__ is ModuleNotFoundError and f"{module}.".startswith(f"{error.name}."):
                absent.append(error.name)
                causes.append(error)
            elif error.__class__.__name__ == "_DeadlockError" and pause < 0.3:
                # Of two threads that import modules in opposite orders one steps back (python/cpython#83065).
                __import__("time").sleep(pause)
                return _resolve(name, watch, pause * 4)
            elif not _falls_back(name, target, error):
                raise  # it is there, and fails
            continue
        if value is absent:
            if unfinished:
                raise ImportError(
                    f"cannot import name {attribute!r} from partially initialized module {module!r} "
                    "(most likely due to a circular import)",
                    name=module,
                )
            absent.append(f"{module}:{attribute}")
            if name[0] == "<" and not _falls_back(name, target, ImportError()):
                break
        elif unfinished:
            return value  # it may still fail, so the next access asks again
        else:
            here[name] = value
            _pending.discard(name)
            # Python 3.11 to 3.14 read a module without __getattr__ faster. Without a GIL a thread may just look for it.
            if not _pending and "free-threading" not in sys.version and 0x30B0000 < sys.hexversion < 0x30F0000:
                _look_up("__all__")
                here.setdefault("__lazy_modules__", ())
                here.pop("__getattr__", None)
            return value
    raise _failure(name, absent, causes)


if not TYPE_CHECKING:  # with it, type checkers would take every name to be there
    __getattr__ = _resolve  # PEP 562


# Returns the targets of each name. Names for other environments stay pending: asking for them says so.
def _table():
    if not _targets:
        targets = dict(map(str.split, __deferred_imports__["imports"].split("\n")[1:-1]))
        _pending.update(targets.keys() - globals().keys())
        for name, (_, holds) in __deferred_imports__.get("markers", {}).items():
            if not holds:
                del targets[name]
                if name[0] == "<":
                    _pending.discard(name)
        _targets.update(targets)
    return _targets


def __dir__():  # PEP 562
    return sorted({*_look_up("__all__"), *(name for name in globals() if name[0] != "_" or name[1] == "_")})


# Imports a module as "from module import path[0]" does, and returns it.
def _import(module, path):
    # Parents first: a thread at a child and another at its parent may wait for each other for ever.
    for end, char in enumerate(module):
        if char == ".":
            __import__(module[:end])
    for _ in range(99):
        # The attribute may be a submodule. With any name there, the module itself is returned.
        value = __import__(module, globals(), None, path[:1] or ("__name__",))
        if value is sys.modules.get(module):
            break  # up to 3.13, a thread that waits for a failing import gets what is left of it
    return value


# Tells whether the function with this import catches the error, and imports the next candidate.
def _falls_back(name, target, error):
    if name[0] != "<":
        return False
    caught = __deferred_imports__.get("caught", {}).get(name, name.count("|") * "ImportError|")
    kinds = f"{caught}|".split("|")[_targets[name].split("|").index(target)].split()
    return isinstance(error, (*map(__import__("builtins").__dict__.get, kinds),))


# Returns what Python itself asks a module for, or says why there is no such name.
def _look_up(name):
    if name == "__all__":  # from ._deferred import *
        return globals().setdefault(name, [*filter(str.isidentifier, _table())])  # what functions import has no name
    if name == "__lazy_modules__":  # for native lazy imports (PEP 810)
        modules = set()
        for key in _look_up("__all__"):
            for target in _table()[key].split("|"):
                modules.add(__name__.rpartition(".")[0] * (target[0] == ".") + target.partition(":")[0])
        return globals().setdefault(name, frozenset(modules))
    text = f"module {__name__!r} has no attribute {name!r}"
    if name in __deferred_imports__.get("markers", ()):
        text += f" here: it is declared for {__deferred_imports__['markers'][name][0]}"
    elif name[:1] != "_":
        text += ": when this was made, pyproject.toml declared none; to renew it install again, or run "
        text += '"deferred-imports generate"'
    raise AttributeError(text)


# Returns the error for a name of which nothing is there.
def _failure(name, absent, causes):
    table, where = __deferred_imports__, f"for {name!r} (declared in [tool.deferred-imports])"
    if name[0] == "<":
        users = []
        for row in table["uses"].split("\n"):
            module, *names = row.split() or [""]
            if name in names:
                users.append(__name__.rpartition(".")[0] + module.rstrip(".:"))
        where = f"in a function of {' and '.join(users)}"
    text = f"{table['project']} needs {' or '.join(absent)} {where}: "
    if not causes:
        failure = ImportError(f"{text}the installed version does not have it", name=absent[0].partition(":")[0])
    else:
        remedy = table["remedies"].partition(f"\n        {name}: ")[2].partition("\n")[0]
        if getattr(sys, "frozen", getattr(globals().get("__compiled__"), "standalone", "pex" in sys.modules)):
            remedy = "this program was built without it"  # and nothing can be installed into it
        failure = ModuleNotFoundError(text + remedy, name=causes[0].name)
        failure.__cause__ = causes[0]
        causes.clear()  # the tracebacks in it lead to it
    # Tells a module that is missing from one that fails inside.
    failure.declared_by = __name__, name  # type: ignore[attr-defined]
    return failure


# Only registries with exports have what follows, up to the line that ends it.

_ONLOOKERS = ("rlcompleter", "jedi.inference.compiled.access", "traceback")
_attached = {}  # the globals of the modules that export something, by what the keys of that begin with


# Has a module offer what the table exports from it: each name is imported when somebody first asks for it (PEP 562).
def _attach(namespace):
    module = namespace["__name__"] if namespace["__name__"] != "__main__" else namespace["__spec__"].name
    prefix = module[len(__name__.rpartition(".")[0]) :] + "."
    if namespace.get("attach") is _attach:
        del namespace["attach"]  # it is not offered
    for key in _exported(prefix, _table()) if _attached.get(prefix) is namespace else ():  # it is loaded again
        namespace.pop(key[len(prefix) :], None)
        globals().pop(key, None)
        _pending.add(key)
    _attached[prefix] = namespace
    hidden = _exported(prefix, __deferred_imports__.get("over_submodules", "").split())
    if hidden:
        _put_over_submodules(module, {key[len(prefix) :]: key for key in hidden}, namespace)

    def load(name):
        key = prefix + name
        if key in _table():
            if getattr(sys._getframe().f_back, "f_globals", {}).get("__name__") in _ONLOOKERS:
                raise AttributeError(name)  # a prompt, as above; and what looks for a name that was meant
            return _bind(key)
        if name == "__all__" and "__path__" in namespace:  # from package import *
            own = [name for name in namespace if name[0] != "_" and not isinstance(namespace[name], type(sys))]
            return sorted({*own, *(one[len(prefix) :] for one in exported())})
        if name[:2] != "__" and any(f"{_table()[one]}.".startswith((f"{key}.", f"{key}:")) for one in exported()):
            return __import__(f"{module}.{name}", None, None, ("__name__",))  # a submodule that exports come from
        if key in __deferred_imports__.get("markers", ()):
            name = f"{name!r} here: it is declared for {__deferred_imports__['markers'][key][0]}"
        else:
            name = repr(name)
        raise AttributeError(f"module {module!r} has no attribute {name}")

    def listing():
        return sorted({*namespace, *(one[len(prefix) :] for one in exported())})

    def exported():
        return _exported(prefix, _table())

    namespace["__getattr__"], namespace["__dir__"] = load, listing
    return load  # some write `__getattr__ = attach(globals())`, which linters understand


# Returns those of the keys that stand for what one module exports.
def _exported(prefix, keys):
    return [key for key in keys if key.startswith(prefix) and "." not in key[len(prefix) :]]


# Imports what a key stands for; what a module exports is bound there, unless something else has been put in its place.
def _bind(key):
    if key == "__lazy_modules__":
        rows = [row.split("|") for name, row in _table().items() if name.isidentifier()]
        modules = {target.partition(":")[0] for row in rows for target in row}
        own = __name__.rpartition(".")[0]
        return globals().setdefault(key, frozenset(own * (name[0] == ".") + name for name in modules))
    value = _resolve(key)
    prefix, dot, name = key.rpartition(".")
    namespace = _attached.get(prefix + dot)
    if namespace is not None and key in globals():
        there = namespace.get(name, namespace)
        if there is namespace or there is sys.modules.get(f"{namespace['__name__']}.{name}"):
            namespace[name] = value
    return value


# Has what a module exports come before submodules of the same name, which Python binds there when they are imported.
def _put_over_submodules(module, keys, namespace):
    class Exporting(type(sys)):  # type: ignore[misc]  # `types` would be one more module
        def __setattr__(self, name, value):
            if name not in keys or value is not sys.modules.get(f"{module}.{name}"):
                super().__setattr__(name, value)

    for name in keys:
        if name in namespace and namespace[name] is sys.modules.get(f"{module}.{name}"):
            del namespace[name]
    if getattr(sys.modules.get(module), "__dict__", None) is namespace:
        sys.modules[module].__class__ = Exporting


# Returns the names of this module: `__all__` has another use here.
def _names():
    names = {*_table(), *(name for name in globals() if name[0] != "_" or name[1] == "_")}
    return sorted(filter(str.isidentifier, names))


if not TYPE_CHECKING:  # which sees above what it exports
    __all__ = ("attach",)
    __dir__ = _names
    __getattr__ = _bind
    attach = _attach


# Only registries with exports have what precedes.


# Has deferred-imports do what the variables ask for; where it is not installed, says so and goes on.
def _obey():
    try:
        variables = __import__("deferred_imports._variables", None, None, ("obey",))
    except ModuleNotFoundError as error:
        if not f"{error.name}.".startswith("deferred_imports."):
            raise
        for name in ("PYDEFER_EAGER", "PYDEFER_PREFETCH", "PYDEFER_TRACE"):
            if os.environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off"):
                import warnings

                warnings.warn(
                    f"{name} is set, but deferred-imports, which obeys it, is not there: install it, or build it in",
                    RuntimeWarning,
                    stacklevel=3,
                )
    else:
        variables.obey(__name__)


if (
    "PYDEFER_EAGER" in os.environ
    or "PYDEFER_PREFETCH" in os.environ
    or "PYDEFER_TRACE" in os.environ
    or "deferred_imports._eager" in sys.modules  # force_eager() has been called
):
    _obey()
