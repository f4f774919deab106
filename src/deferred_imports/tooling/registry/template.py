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

_targets = {}  # pragma: no cover - what to import for each name; read when one is asked for
_pending = set()  # pragma: no cover - the names not bound yet


# Imports what a name stands for, and binds it as a plain global.
def _resolve(name, watch=True):  # pragma: no cover
    if name not in _table():
        return _look_up(name)
    if watch and _is_prompt():
        raise AttributeError(name)
    if watch and "deferred_imports._watching" in sys.modules:
        return __import__("deferred_imports._watching", None, None, ("watched",)).watched(_resolve, __name__, name)
    absent = []
    for text in _targets[name].split("|"):
        target = __name__.rpartition(".")[0] * (text[0] == ".") + text
        try:
            value, is_whole = _import_target(target)
        except ModuleNotFoundError as error:
            if not f"{target}:".startswith((f"{error.name}.", f"{error.name}:")):
                raise  # it is there, and fails
            absent.append(error)
        else:
            if is_whole:  # else it may still fail: the next access asks again
                globals()[name] = value
                _pending.discard(name)
                # 3.11 to 3.14 read faster without __getattr__. Without a GIL, threads may look for it.
                fast = 0x30B0000 < sys.hexversion < 0x30F0000 and "free-threading" not in sys.version
                spec = f"{__spec__}"  # in a tree the table may change
                if not _pending and fast and ("site-packages" in spec or "dist-packages" in spec):
                    _look_up("__all__")
                    globals().setdefault("__lazy_modules__", ())
                    globals().pop("__getattr__", None)
            return value
    raise _failure(name, absent, f"for {name!r} (declared in [tool.deferred-imports])")


if not TYPE_CHECKING:  # pragma: no cover - for type checkers, every name would be there
    __getattr__ = _resolve  # PEP 562


# Returns the targets of each name. Names for other environments stay pending.
def _table():  # pragma: no cover
    if not _targets:
        # What functions import stands last, in angle brackets.
        targets = dict(map(str.split, __deferred_imports__["imports"].partition("<")[0].split("\n")[1:-1]))
        markers = __deferred_imports__.get("markers", {})
        for name in [*targets]:
            if name not in globals():
                _pending.add(name)
            if name in markers and not markers[name][1]:
                del targets[name]
        _targets.update(targets)
    return _targets


# Tells whether a prompt asks for all names that it offers, or a traceback for similar ones.
def _is_prompt():  # pragma: no cover
    prompts = [*filter(sys.modules.get, ("rlcompleter", "jedi.inference.compiled.access", "traceback"))]
    frame = sys._getframe() if prompts else None  # slow
    while frame is not None and frame.f_globals is globals():
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") in prompts


# Imports a target as "from module import attribute" does, and tells whether that is all executed.
def _import_target(target):  # pragma: no cover
    module, _, attribute = target.partition(":")
    path = attribute.split(".") if attribute else []
    for end, char in enumerate(module):
        if char == ".":  # threads at a child and at its parent may deadlock
            __import__(module[:end])
    for tries in range(100):
        try:
            # The attribute may be a submodule. Any name there has the module returned.
            value = __import__(module, None, None, path[:1] or ("__name__",))
            if tries < 99 and value is not sys.modules.get(module):
                continue  # up to 3.13, who waits for a failing import gets what is left of it
            is_whole = not getattr(getattr(value, "__spec__", None), "_initializing", False)
            for name in path:
                value = getattr(value, name, path)  # type: ignore[assignment]  # path: it is absent
            break
        except RuntimeError as error:
            # Of two threads in each other's way one steps back (python/cpython#83065).
            if error.__class__.__name__ != "_DeadlockError" or tries > 4:
                raise
            __import__("time").sleep(0.001 * 4**tries)
    if value is not path:
        return value, is_whole
    if is_whole:
        raise ModuleNotFoundError(name=target)
    text = f"cannot import name {attribute!r} from partially initialized module {module!r} "
    raise ImportError(f"{text}(most likely due to a circular import)", name=module)


# Returns the error for a name of which nothing is there.
def _failure(name, absent, where):  # pragma: no cover
    cause, targets = None, []
    for error in absent:
        targets.append(error.name)
        if ":" not in error.name:
            cause = cause or error
    text = f"{__deferred_imports__['project']} needs {' or '.join(targets)} {where}: "
    if cause:
        remedy = __deferred_imports__["remedies"].partition(f"\n    {name}: ")[2].partition("\n")[0]
        if getattr(sys, "frozen", getattr(globals().get("__compiled__"), "standalone", "pex" in sys.modules)):
            remedy = "this program was built without it"
        error = ModuleNotFoundError(text + remedy, name=cause.name)
        error.__cause__ = cause
    else:
        error = ImportError(f"{text}the installed version does not have it", name=targets[0].partition(":")[0])
    absent.clear()  # the tracebacks in it lead to it
    error.declared_by = __name__, name  # missing, not failing inside
    return error


# Returns what Python asks a module for, or says why a name is absent.
def _look_up(name):  # pragma: no cover
    if name == "__all__":  # from ._deferred import *
        return globals().setdefault(name, [*filter(str.isidentifier, _table())])
    if name == "__lazy_modules__":  # for native lazy imports (PEP 810)
        modules = set()
        for key in filter(str.isidentifier, _table()):
            for target in _targets[key].split("|"):
                modules.add(__name__.rpartition(".")[0] * (target[0] == ".") + target.partition(":")[0])
        return globals().setdefault(name, frozenset(modules))
    text = f"module {__name__!r} has no attribute {name!r}"
    if name in __deferred_imports__.get("markers", ()):
        text += f" here: it is declared for {__deferred_imports__['markers'][name][0]}"
    elif name[:1] != "_":
        text += ": when this was made, pyproject.toml declared none; to renew it install again, or run "
        text += '"deferred-imports generate"'
    raise AttributeError(text)


def __dir__():  # pragma: no cover
    return sorted({*filter(str.isidentifier, _table()), "__deferred_imports__", "__doc__", "__file__", "__name__"})


# Only registries with exports have what follows, up to the line that ends it.

_attached = {}  # pragma: no cover - globals of the modules that export something, by what the keys of that begin with


# Has a module offer what the table exports from it: each name is imported when somebody first asks for it (PEP 562).
def _attach(namespace):  # pragma: no cover
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
            return _bind(key)
        if name == "__all__" and "__path__" in namespace:  # from package import *
            own = [name for name in namespace if name[0] != "_" and not isinstance(namespace[name], type(sys))]
            return sorted({*own, *(one[len(prefix) :] for one in exported())})
        if name[:2] != "__" and any(f"{_table()[one]}.".startswith((f"{key}.", f"{key}:")) for one in exported()):
            return __import__(f"{module}.{name}", None, None, ("__name__",))  # a submodule that exports come from
        marker = __deferred_imports__.get("markers", {}).get(key)
        where = f" here: it is declared for {marker[0]}" if marker else ""
        raise AttributeError(f"module {module!r} has no attribute {name!r}{where}")

    def listing():
        return sorted({*namespace, *(one[len(prefix) :] for one in exported())})

    def exported():
        return _exported(prefix, _table())

    namespace["__getattr__"], namespace["__dir__"] = load, listing
    return load  # some write `__getattr__ = attach(globals())`, which linters understand


# Returns those of the keys that stand for what one module exports.
def _exported(prefix, keys):  # pragma: no cover
    return [key for key in keys if key.startswith(prefix) and "." not in key[len(prefix) :]]


# Imports what a key stands for; what a module exports is bound there, unless something else has been put in its place.
def _bind(key):  # pragma: no cover
    value = _resolve(key)
    prefix, dot, name = key.rpartition(".")
    namespace = _attached.get(prefix + dot)
    if namespace is not None and key in globals():
        there = namespace.get(name, namespace)
        if there is namespace or there is sys.modules.get(f"{namespace['__name__']}.{name}"):
            namespace[name] = value
    return value


# Has what a module exports come before submodules of the same name, which Python binds there when they are imported.
def _put_over_submodules(module, keys, namespace):  # pragma: no cover
    class Exporting(type(sys)):  # type: ignore[misc]  # `types` would be one more module
        def __setattr__(self, name, value):
            if name not in keys or value is not sys.modules.get(f"{module}.{name}"):
                super().__setattr__(name, value)

    for name in keys:
        if name in namespace and namespace[name] is sys.modules.get(f"{module}.{name}"):
            del namespace[name]
    if getattr(sys.modules.get(module), "__dict__", None) is namespace:
        sys.modules[module].__class__ = Exporting


if not TYPE_CHECKING:  # pragma: no cover - which sees above what it exports
    __all__ = ("attach",)
    __getattr__ = _bind
    attach = _attach


# Only registries with exports have what precedes.


# Has deferred-imports obey the variables; where it is absent, says so and goes on.
_variables = [*filter(os.environ.get, ("PYDEFER_EAGER", "PYDEFER_PREFETCH", "PYDEFER_TRACE"))]  # pragma: no cover
if _variables or "deferred_imports._eager" in sys.modules:  # pragma: no cover - after force_eager()
    try:
        __import__("deferred_imports._variables", None, None, ("obey",)).obey(__name__)
    except ModuleNotFoundError as _error:
        if not f"{_error.name}.".startswith("deferred_imports."):
            raise
        for _name in _variables:
            if os.environ[_name].strip().lower() not in ("0", "false", "no", "off"):
                _why = f"{_name} is set, but deferred-imports, which obeys it, is not there: install it, or build it in"
                __import__("warnings").warn(_why, RuntimeWarning, 2)
