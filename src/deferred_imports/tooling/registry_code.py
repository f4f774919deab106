"""The part of a generated registry that is the same in each: how a declared name becomes a module.

It is text, not a module, because it runs in other people's packages: on any Python from 3.8 on and without this
distribution. Loading a registry should cost about what an empty module costs, and most of that is unmarshalling
functions with every name and constant in them. So what a first access needs is a function, and what is needed seldom
(errors, ``dir()``, ``__lazy_modules__``, the way to the runtime) is text in that text, compiled when it is needed.
"""

SELDOM = '''\
import os
import sys


def access(here, name, absent):
    """Return the value for a name that is no pending import, or raise; ``absent`` tells what was looked for in vain."""
    table, package = here["__deferred_imports__"], here["__package__"]
    if absent:
        needs = [package * (item[0] == ".") + item if isinstance(item, str) else item.name for item in absent]
        where = f"for {name!r} (declared in [tool.deferred-imports])"
        if name[0] == "<":
            rows = [line.split() for line in table["uses"].split("\\n")]
            where = f"in a function of {' and '.join([package + row[0].rstrip('.:') for row in rows if name in row])}"
        text = f"{table['project']} needs {' or '.join(needs)} {where}"
        if isinstance(absent[0], str):
            text += ", which the installed version does not have"
            failure = ImportError(text, name=needs[0].partition(":")[0])
        else:
            remedy = table["remedies"].partition(f"\\n        {name}: ")[2].partition("\\n")[0]
            failure = ModuleNotFoundError(f"{text}: {remedy}", name=absent[0].name)
            failure.__cause__ = absent[0]
        absent.clear()  # the tracebacks in it lead to whoever has it
        failure.declared_by = here["__name__"], name  # tells a module that is missing from one that fails inside
        return failure
    if name == "__dir__":
        excluded = {name for name, (_, holds) in table.get("markers", {}).items() if not holds}
        return sorted(filter(str.isidentifier, {*here, *table["imports"].split()[::2]} - excluded))
    if name == "__lazy_modules__":
        # What a module that imports natively (PEP 810) takes from here: from ._deferred import __lazy_modules__
        rows = [line.split() for line in table["imports"].split("\\n")[1:-1]]
        targets = [target.partition(":")[0] for key, value in rows if key[0] != "<" for target in value.split("|")]
        modules = [package + target if target[0] == "." else target for target in targets]
        return here.setdefault(name, frozenset(modules))
    if name in here:  # another thread was faster
        return here[name]
    # The interactive prompt asks for the value of each name that it completes: that is no reason to import it.
    if here["_state"]["pending"].get(name) and sys._getframe(2).f_globals.get("__name__") != "rlcompleter":
        if "deferred_imports._watching" in sys.modules or os.environ.get("PYDEFER_TRACE"):
            watching = runtime(here, "PYDEFER_TRACE", "_watching")
            if watching is not None:
                return watching.watched(here["_resolve"], here["__name__"], name)
        return here["_resolve"](name, False)
    why = "has no attribute"
    if name in table.get("markers", ()):
        why = f"declares only where {table['markers'][name][0]}:"
    return AttributeError(f"module {here['__name__']!r} {why} {name!r}")


def refused(here, name, watch, pause):
    """Try again after a pause what the import system has refused because of another thread (python/cpython#83065)."""
    if sys.exc_info()[0].__name__ != "_DeadlockError" or pause > 0.3:
        raise
    from time import sleep

    sleep(pause)
    return here["_resolve"](name, watch, pause * 4)


def loaded(here):
    """Do what the environment asks for as soon as there is a registry."""
    module = runtime(here, "PYDEFER_PREFETCH", "prefetch") if os.environ.get("PYDEFER_PREFETCH") else None
    if module is not None:
        module.prefetch()
    module = runtime(here, "PYDEFER_EAGER", "_eager") if os.environ.get("PYDEFER_EAGER") else None
    if module is not None:
        module.registry_loaded(here["__name__"])


def runtime(here, variable, module):
    """Return the runtime's module that a variable asks for; where there is none, say so, once, and go on."""
    module = f"deferred_imports.{module}"
    try:
        return __import__(module, None, None, ("__name__",))
    except ModuleNotFoundError as error:
        if error.name != "deferred_imports":
            raise
    wanted = os.environ.get(variable, "").strip().lower() not in ("", "0", "false", "no", "off")
    if wanted and variable not in here["_state"]:
        import warnings

        here["_state"][variable] = "reported"
        text = f"{variable} is set, but what reads it is not installed and {here['__package__']} stays deferred"
        place = here.get("__file__", ""), 1, here["__name__"], here.setdefault("__warningregistry__", {})
        warnings.warn_explicit(f"{text}: pip install deferred-imports", RuntimeWarning, *place)
    return None
'''

_CODE = '''\
_state = {"__name__": __name__}


def _resolve(name="__dir__", watch=True, pause=0.001):
    """Import a declared name on its first access; from then on it is a plain global of this module."""
    here = globals()
    pending = _state.get("pending")
    if pending is None:
        pending = dict(map(str.split, __deferred_imports__["imports"].split("\\n")[1:-1]))
@markers@        _state["trace"] = os.environ.get("PYDEFER_TRACE")
        pending = _state.setdefault("pending", pending)
    targets = pending.get(name)
    absent = []
    loaded = sys.modules
    if watch and ("deferred_imports._watching" in loaded or "rlcompleter" in loaded or _state["trace"]):
        targets = None
    for target in targets.split("|") if targets else ():
        module, _, attribute = target.partition(":")
        path = attribute.split(".") if attribute else ()
        if module[0] == ".":
            module = __package__ + module
        try:
            # Parents first: who asks for a child while another thread imports its parent may make them wait for ever.
            end = module.find(".")
            while end > 0:
                __import__(module[:end])
                end = module.find(".", end + 1)
            value = absent
            while value is not loaded.get(module):  # up to 3.13 whoever waits for an import that fails gets its remains
                # As "from module import attribute" does: the attribute may be a submodule that nobody has imported.
                value = __import__(module, here, None, path[:1] or ("__name__",))
        except ModuleNotFoundError as error:
            if not f"{module}.".startswith(f"{error.name}."):
                raise  # the module is there, but something that it imports is not
            absent.append(error)
            continue
        except RuntimeError:
            exec(_SELDOM, _state)
            return _state["refused"](here, name, watch, pause)
        loading = getattr(getattr(value, "__spec__", None), "_initializing", False)
        for part in path:
            value = getattr(value, part, ...)
        if value is ...:
            absent.append(target)
            continue
        if loading:  # not whole yet, and who knows whether it ever will be
            return value
        here[name] = value
        pending.pop(name, None)
        # A module without __getattr__ is read faster. Under a GIL nobody can stand between looking for the name and
        # looking for __getattr__ just now; without one somebody may.
        if not pending and "free-threading" not in sys.version:
            here.setdefault("__lazy_modules__", ())
            here.pop("__getattr__", None)
        return value
    if "access" not in _state:
        exec(_SELDOM, _state)
    value = _state["access"](here, name, absent)
    if isinstance(value, (ImportError, AttributeError)):
        try:
            raise value
        finally:
            del value  # its traceback leads here: together they would outlive their use
    return value


if not TYPE_CHECKING:  # where it could be seen, every name would seem to be there
    __getattr__ = __dir__ = _resolve  # PEP 562

# What is needed seldom: as text it costs next to nothing as long as it is not.
_SELDOM = r\'\'\'
@seldom@\'\'\'

if os.environ.get("PYDEFER_EAGER") or os.environ.get("PYDEFER_PREFETCH"):
    exec(_SELDOM, _state)
    _state["loaded"](globals())
'''

_MARKERS = """\
        for excluded, (_, holds) in __deferred_imports__["markers"].items():
            if not holds:
                pending[excluded] = None
"""


def code(*, markers: bool) -> str:
    """Return the code of a registry.

    Args:
        markers: Whether entries of it have markers.
    """
    return _CODE.replace("@markers@", _MARKERS if markers else "").replace("@seldom@", SELDOM)
