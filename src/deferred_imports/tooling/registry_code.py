"""The part of a generated registry that is the same in each: how a declared name becomes a module.

It is text, not a module, because it runs in other people's packages: on any Python from 3.8 on and without this
distribution. Loading it should cost about what an empty module costs, and there each function and each name in it
counts; that is why it reads its own table only on first use, at the speed of C, and says little twice.
"""

CODE = '''\
_state = {}


def __getattr__(name, watch=True):
    """Import a declared name on its first access (PEP 562); from then on it is a plain global of this module."""
    here = globals()
    pending = _state.get("pending")
    if pending is None:
        pending = dict(map(str.split, __deferred_imports__["imports"].split("\\n")[1:-1]))
        pending.update(dict.fromkeys(_excluded))
        pending = _state.setdefault("pending", pending)
    targets = pending.get(name)
    if targets is None:
        if name in here:  # another thread was faster
            return here[name]
        why = "has no attribute"
        if name in _excluded:
            why = f"declares only where {__deferred_imports__['markers'][name][0]}:"
        raise AttributeError(f"module {__name__!r} {why} {name!r}")
    if watch and ("watched" in _state or os.environ.get("PYDEFER_TRACE")):
        runtime = _runtime("PYDEFER_TRACE", "_watching")
        if runtime is not None:
            return runtime.watched(__getattr__, __name__, name)
    absent = []
    for target in targets.split("|"):
        module, _, attribute = target.partition(":")
        if module[0] == ".":
            module = __package__ + module
        path = attribute.split(".") if attribute else ()
        try:
            value = __import__(module, here, None, path or ("__name__",))
        except ModuleNotFoundError as error:
            if not f"{module}.".startswith(f"{error.name}."):
                raise  # the module is there, but something that it imports is not
            absent.append((error.name, error))
            continue
        try:
            for part in path:
                value = getattr(value, part)
        except AttributeError as error:
            absent.append((f"{attribute} of {module}", error))
            continue
        here[name] = value
        pending.pop(name, None)
        if not pending and "free-threading" not in sys.version:
            # A module without __getattr__ is read faster. Under a GIL nobody stands between looking for a name and
            # looking for __getattr__ now; without one somebody may.
            here.pop("__getattr__", None)
        return value
    needs, error = " or ".join(what for what, _ in absent), absent[0][1]
    text = f"{__deferred_imports__['project']} needs {needs} for {name!r} (declared in [tool.deferred-imports])"
    if isinstance(error, ModuleNotFoundError):
        remedy = __deferred_imports__["remedies"].partition(f"\\n        {name}: ")[2].partition("\\n")[0]
        failure = ModuleNotFoundError(f"{text}: {remedy}", name=error.name)
    else:
        failure = ImportError(f"{text}, which the installed version does not have", name=module)
    failure.declared_by = __name__, name  # tells a module that is missing from one that fails inside
    raise failure from error


def __dir__():
    return sorted(filter(str.isidentifier, {*globals(), *__deferred_imports__["imports"].split()[::2]}.difference(_excluded)))


def _runtime(variable, module):
    """Return the runtime's module that an environment variable asks for; where there is none, say so and go on."""
    try:
        return __import__(f"deferred_imports.{module}", None, None, ("__name__",))
    except ModuleNotFoundError as error:
        if error.name != "deferred_imports":
            raise
    if variable not in _state and os.environ[variable].strip().lower() not in ("", "0", "false", "no", "off"):
        import warnings

        _state[variable] = "reported"
        text = f"{variable} is set, but what reads it is not installed and {__package__} stays deferred"
        warnings.warn(f"{text}: pip install deferred-imports", RuntimeWarning, stacklevel=2)
    return None


if os.environ.get("PYDEFER_EAGER"):
    _state["eager"] = _runtime("PYDEFER_EAGER", "_eager")
    if _state["eager"] is not None:
        _state["eager"].registry_loaded(__name__)
'''
