"""Run time: one declared import, its state, and how it is resolved."""

import os
import sys

from deferred_imports._cpython import is_executing

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, typing, _registries = _named("collections.abc", "typing", "deferred_imports._registries")
if TYPE_CHECKING:
    import typing
    from collections import abc

    from deferred_imports import _registries

PROTOCOL = "__deferred_imports__"


class Declaration:
    """The facts about an import that resolving does not need: read on request only."""

    __slots__ = ("eager", "extra", "groups", "importers", "marker", "optional", "project", "remedy")

    def __init__(
        self,
        project: str,
        remedy: str,
        *,
        extra: "str | None" = None,
        groups: "tuple[str, ...]" = (),
        importers: "tuple[str, ...]" = (),
        marker: "str | None" = None,
        optional: bool = False,
        eager: bool = True,
    ) -> None:
        self.project = project
        self.remedy = remedy
        self.extra = extra
        self.groups = groups
        self.importers = importers
        self.marker = marker
        self.optional = optional
        self.eager = eager


class DeferredImport:
    """One declared import.

    Attributes:
        name: What it is called in the registry, or None when it was found inside a function and has no name. What a
            module of the package exports has a dot in front, as ``.Forecast`` and ``.commands.report``.
        targets: The absolute references, ``module`` or ``module:attribute``, of which the first that is there counts.
        package: The import package that declares it.
        project: The distribution that the package belongs to.
        extra: The extra that installs it, or None.
        groups: The groups that it is in.
        importers: The modules of the package that use it.
        marker: The environment marker (PEP 508) that it depends on, or None.
        optional: Whether the application can do without.
        eager: Whether it is resolved when its package is eager.
        remedy: What to do when it is missing; into a frozen program nothing can be installed.
        registry: The name of the generated module.
        applies: Whether the marker is true here.
        failure: What the last attempt to resolve it said when it failed, or None.
        key: What the registry knows it by: its name, or its reference in angle brackets.
        namespace: The globals of the registry, where its name gets bound.
    """

    __slots__ = (
        "_declaration",
        "_is_told",
        "_source",
        "applies",
        "failure",
        "key",
        "name",
        "namespace",
        "package",
        "registry",
        "targets",
    )

    name: "str | None"
    targets: "tuple[str, ...]"
    package: str
    registry: str
    applies: bool
    failure: "str | None"
    key: str
    namespace: "dict[str, typing.Any]"
    _is_told: bool
    _source: "_registries.Registry"
    _declaration: "Declaration | None"
    # What is said of it besides.
    project: str
    extra: "str | None"
    groups: "tuple[str, ...]"
    importers: "tuple[str, ...]"
    marker: "str | None"
    optional: bool
    eager: bool
    remedy: str

    if not TYPE_CHECKING:  # pragma: no branch - where it could be seen, every attribute would seem to be there

        def __getattr__(self, name: str) -> object:
            if name not in Declaration.__slots__:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            if name == "remedy" and is_frozen():
                return "this program was built without it"
            if self._declaration is None:
                self._declaration = self._source.describe(self.key)
            return getattr(self._declaration, name)

    @property
    def module(self) -> str:
        """The absolute name of the module that is tried first."""
        return self.targets[0].partition(":")[0]

    @property
    def state(self) -> "typing.Literal['excluded', 'failed', 'pending', 'resolved']":
        """``"excluded"`` by its marker, ``"resolved"``, ``"failed"`` (when last tried) or ``"pending"``.

        It is resolved when the registry has bound it, and when all that it stands for is there by a plain import: a
        later candidate only where no earlier one can be found.
        """
        if not self.applies:
            return "excluded"
        if not self.is_unbound:
            return "resolved"
        if self.failure:
            return "failed"
        return "resolved" if _is_chosen_there(self.targets) else "pending"

    @property
    def is_pending(self) -> bool:
        """Whether it is not resolved yet: pending, or failed when last tried."""
        return self.is_unbound and self.state != "resolved"

    @property
    def is_unbound(self) -> bool:
        """Whether resolving has something to do, if only to bind what a plain import has loaded."""
        is_unbound = self.applies and self.key not in self.namespace
        if is_unbound:
            _reopen(self.namespace)
        return is_unbound

    def resolve(self) -> "typing.Any":
        """Import it through its registry, which binds it there and explains what is missing.

        Returns:
            The module, or the attribute of it; what is bound by then, if it is resolved already.

        Raises:
            ImportError: when none of its candidates is there, with the remedy; and whatever the module that
                is imported raises.
        """
        try:
            value = self._import()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.failure = text_of(error) or type(error).__name__
            raise
        self.failure = None
        return value

    def _import(self) -> "typing.Any":
        registry = sys.modules.get(self.registry) or __import__(self.registry, None, None, ("__name__",))
        if self.name is None and "_import_target" in namespace_of(registry):  # earlier ones did it themselves
            from deferred_imports._unnamed import import_unnamed

            return watched(self, lambda: import_unnamed(self, namespace_of(registry)))
        if self.key not in self.namespace:
            _reopen(self.namespace)
        try:
            return getattr(registry, self.key)
        except Exception:
            # To fall back from it, as functions of the package do, is no failure.
            if self.key not in self.namespace.get(PROTOCOL, {}).get("caught", ()):
                raise
            from deferred_imports._unnamed import import_unnamed

            return import_unnamed(self, namespace_of(registry))

    def forget(self) -> None:
        """Forget what came of resolving it."""
        self.failure, self._is_told = None, False

    def __reduce__(self) -> "tuple[typing.Any, ...]":
        # A process pool sends reports home. What leads to modules stays here: there its own registry counts.
        facts = {name: getattr(self, name) for name in _FACTS}
        return _received, (facts, {name: getattr(self, name) for name in Declaration.__slots__})

    def __repr__(self) -> str:
        if not hasattr(self, "targets"):
            return "<DeferredImport of nothing>"  # nobody but a registry can make one
        what = " or ".join(self.targets)
        return f"<DeferredImport {self.package}: {self.name or 'unnamed'} = {what} ({self.state})>"


def text_of(error: "BaseException | None") -> str:
    """Return what an error says."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - other people's exceptions can be as broken as their modules
        return "(an error that has no readable message)"


def quoted(text: str) -> str:
    """Return in quotes what comes from outside: of what a terminal would obey, and of what is long, not all."""
    shown = "".join([char if char.isprintable() else repr(char)[1:-1] for char in text[:1000]])
    return f'"{shown}{"..." if len(text) > 1000 else ""}"'


def is_frozen() -> bool:
    """Tell whether this is part of a frozen program.

    PyInstaller and cx_Freeze say so in `sys`, Nuitka in modules. A pex has a module of that name; it leaves out what
    its interpreter has.
    """
    return bool(getattr(sys, "frozen", getattr(globals().get("__compiled__"), "standalone", "pex" in sys.modules)))


class UnloadedImport(DeferredImport):
    """A declared import whose registry was read from its file: by the time that it is resolved, it may be loaded."""

    __slots__ = ("_read",)

    _read: "dict[str, typing.Any]"

    if not TYPE_CHECKING:  # pragma: no branch - to a checker the attribute is that of the class above

        @property
        def namespace(self) -> "dict[str, typing.Any]":
            loaded = namespace_of(sys.modules.get(self.registry))
            return loaded if PROTOCOL in loaded else self._read

        @namespace.setter
        def namespace(self, namespace: "dict[str, typing.Any]") -> None:
            self._read = namespace


_FACTS = ("name", "targets", "package", "registry", "applies", "failure", "key")


def _received(facts: "dict[str, typing.Any]", said: "dict[str, typing.Any]") -> DeferredImport:
    """Return the declaration that another process has sent."""
    entry = UnloadedImport()
    for name, value in facts.items():
        setattr(entry, name, value)
    entry.namespace = {}
    entry._declaration = Declaration(**said)  # noqa: SLF001 - made here
    return entry


def _reopen(namespace: "dict[str, typing.Any]") -> None:
    """Have an access bring back what was deleted after all had been resolved, as ``resolve_now()`` and listings say."""
    if "__getattr__" not in namespace:
        revive(namespace)


def revive(namespace: "dict[str, typing.Any]") -> None:
    """Let a registry import again what was deleted from it: it may have retired, for all of it was resolved."""
    with_exports = isinstance(namespace.get("_attached"), dict)
    names = "_bind" if with_exports else "_resolve", "_targets", "_pending"
    resolve, targets, pending = map(namespace.get, names)
    if isinstance(targets, dict) and isinstance(pending, set):
        pending.update(targets.keys() - namespace.keys())
    elif isinstance(namespace.get("_state"), dict):  # of the first generator: it reads its table again
        namespace["_state"].pop("pending", None)
    if callable(resolve):  # otherwise it is somebody's own
        namespace.setdefault("__getattr__", resolve)


def namespace_of(module: object) -> "dict[str, typing.Any]":
    """Return the globals of what is in ``sys.modules``, which need not be a module, and run no code of its own."""
    try:
        # Not vars(): a module may load itself when somebody reads its attributes (importlib.util.LazyLoader).
        namespace = object.__getattribute__(module, "__dict__")
    except Exception:  # noqa: BLE001 - whatever a class makes of this attribute, it is no registry
        return {}
    return namespace if type(namespace) is dict else {}


def is_unfinished(namespace: "dict[str, typing.Any]") -> bool:
    """Tell from its globals whether a module is being executed."""
    return is_executing(namespace.get("__spec__"))


def is_within(name: str, package: str) -> bool:
    """Tell whether a module is a package or in it."""
    return name == package or name.startswith(f"{package}.")


def _is_there(target: str) -> bool:
    """Tell whether a module has been imported, and wholly so, and has the attribute of a reference to it."""
    module, _, attribute = target.partition(":")
    if sys.modules.get(module) is None:
        return False
    namespace = namespace_of(sys.modules[module])
    # What lies deeper, or is made up when it is asked for, cannot be seen without running code.
    return not is_unfinished(namespace) and (not attribute or attribute in namespace)


def _is_chosen_there(targets: "tuple[str, ...]") -> bool:
    """Tell whether of several references that is there of which resolving would make use."""
    place = next((place for place, target in enumerate(targets) if _is_there(target)), None)
    if not place:
        return place == 0
    # Not by an import statement: that module is built upon this one.
    find_spec = __import__("deferred_imports._finding", None, None, ("find_spec",)).find_spec
    return all(find_spec(target.partition(":")[0]) is None for target in targets[:place])


def watched(entry: DeferredImport, load: "abc.Callable[[], typing.Any]") -> "typing.Any":
    """Return what ``load`` returns, and tell those who watch: what a registry does for the entries that it loads."""
    watching = load_watching()
    return load() if watching is None else watching.watch(entry, load)


def asked_for() -> "abc.Callable[[], object]":
    """Return what a thread that this one starts calls first: so the lines that ask for something are known in it."""
    watching = load_watching()
    if watching is None:
        return int  # which does nothing
    place = watching.asking("")
    return lambda: watching.stand_in_for(place)


def only_try(entry: "DeferredImport | None") -> None:
    """Let those who watch know that a failure of this thread to import an entry is not the last word, or end that."""
    watching = load_watching()
    if watching is not None:
        watching.only_try(entry)


def load_watching() -> "typing.Any":
    """Return the module that reports resolutions, or None where no report is wanted, or a frozen program lacks it."""
    if "deferred_imports._watching" in sys.modules or os.environ.get("PYDEFER_TRACE"):
        try:
            # As registries do it; an import statement would make a circle, for it is built upon this module.
            return __import__("deferred_imports._watching", None, None, ("watch",))
        except ModuleNotFoundError as error:
            if error.name != "deferred_imports._watching":
                raise
    return None
