"""Run time: finds the registries that are loaded, by their protocol, and reads what they declare.

A registry is any module with ``__deferred_imports__``; nothing registers and nothing is scanned but ``sys.modules``.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import ModuleType
    from typing import Any

PROTOCOL = "__deferred_imports__"
FORMAT = 1


class Declaration:
    """What is said of an import besides what it is: read when somebody asks, since resolving needs nothing of it."""

    __slots__ = ("extra", "groups", "importers", "marker", "optional", "project", "remedy")

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
    ) -> None:
        self.project = project
        self.remedy = remedy
        self.extra = extra
        self.groups = groups
        self.importers = importers
        self.marker = marker
        self.optional = optional


class DeferredImport:
    """One declared import.

    Attributes:
        name: What it is called in the registry, or None when it was found inside a function and has no name.
        targets: The absolute references, ``module`` or ``module:attribute``, of which the first that is there counts.
        package: The import package that declares it.
        registry: The name of the generated module.
        applies: Whether the marker is true here.
        failure: What the last attempt to resolve it said when it failed, or None.
        key: What the registry knows it by: its name, or its reference in angle brackets.
        namespace: The globals of the registry, where its name gets bound.
    """

    __slots__ = (
        "_declaration",
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
    namespace: "dict[str, Any]"
    _source: "Registry"
    _declaration: "Declaration | None"

    @property
    def _said(self) -> Declaration:
        if self._declaration is None:
            self._declaration = self._source.describe(self.key)
        return self._declaration

    @property
    def project(self) -> str:
        """The distribution that the package belongs to."""
        return self._said.project

    @property
    def extra(self) -> "str | None":
        """The extra that installs it, or None."""
        return self._said.extra

    @property
    def groups(self) -> "tuple[str, ...]":
        """The groups that it is in."""
        return self._said.groups

    @property
    def importers(self) -> "tuple[str, ...]":
        """The modules of the package that use it."""
        return self._said.importers

    @property
    def optional(self) -> bool:
        """Whether the application can do without."""
        return self._said.optional

    @property
    def marker(self) -> "str | None":
        """The environment marker (PEP 508) that it depends on, or None."""
        return self._said.marker

    @property
    def remedy(self) -> str:
        """What to do when it is missing; into a frozen program nothing can be installed."""
        return "this program was built without it" if is_frozen() else self._said.remedy

    @property
    def module(self) -> str:
        """The absolute name of the module that is tried first."""
        return self.targets[0].partition(":")[0]

    @property
    def state(self) -> str:
        """``"resolved"``, ``"failed"`` (when last tried), ``"pending"``, or ``"excluded"`` by its marker."""
        if not self.applies:
            return "excluded"
        if self.key in self.namespace or any(is_loaded(target.partition(":")[0]) for target in self.targets):
            return "resolved"
        return "failed" if self.failure else "pending"

    @property
    def is_pending(self) -> bool:
        """Whether resolving has something to do: it applies, and nobody has bound it."""
        return self.applies and self.key not in self.namespace

    def resolve(self) -> "Any":
        """Import it through its registry, which binds it there and explains what is missing."""
        return getattr(sys.modules[self.registry], self.key)

    def __repr__(self) -> str:
        what = " or ".join(self.targets)
        return f"<DeferredImport {self.package}: {self.name or 'unnamed'} = {what} ({self.state})>"


def is_frozen() -> bool:
    """Tell whether this is part of a frozen program; PyInstaller and cx_Freeze say so in `sys`, Nuitka in modules."""
    return bool(getattr(sys, "frozen", getattr(globals().get("__compiled__"), "standalone", False)))


def watched(entry: DeferredImport, load: "Callable[[], Any]") -> "Any":
    """Return what ``load`` returns, and tell those who watch: what a registry does for the entries that it loads."""
    if "deferred_imports._watching" in sys.modules or os.environ.get("PYDEFER_TRACE"):
        # As registries do it; an import statement would make a circle, for it is built upon this module.
        return __import__("deferred_imports._watching", None, None, ("watch",)).watch(entry, load)
    return load()


class Registry:
    """A registry and its entries, read once.

    Attributes:
        module: The generated module.
        package: The import package that declares what is in it.
        data: What the module publishes.
        entries: The declared imports.
        uses: The keys that a module of the package uses, by its name.
        graph: The modules of the package that a module of it imports, by its name.
    """

    __slots__ = ("_tables", "data", "entries", "graph", "module", "package", "uses")

    entries: "Sequence[DeferredImport]"

    def __init__(self, module: "ModuleType", namespace: "dict[str, Any]") -> None:
        self.module = module
        self.data: dict[str, Any] = namespace[PROTOCOL]
        self.package: str = namespace.get("__package__") or namespace["__name__"].rpartition(".")[0]
        if self.data.get("format") != FORMAT:
            raise RuntimeError(
                f"{namespace['__name__']} has format {self.data.get('format')} and this deferred-imports reads "
                f"{FORMAT}: upgrade deferred-imports, or build {self.package} again"
            )
        self.uses = self._modules_with_words("uses")
        self.graph = {
            module: [self._absolute(word) for word in words]
            for module, words in self._modules_with_words("graph").items()
        }
        self.entries = tuple(self._read_entries(namespace))
        self._tables: dict[str, Any] | None = None  # what is said of entries, by kind

    def describe(self, key: str) -> Declaration:
        """Return what is said of an entry besides what it is."""
        data = self.data
        if self._tables is None:
            self._tables = {
                "remedies": dict(line.split(": ", 1) for line in self._lines("remedies")),
                "optional": set(data.get("optional", "").split()),
                "extras": _by_name(data.get("extras", {}).items()),
                "groups": _by_name(data.get("groups", {}).items()),
                "importers": _by_name((module, " ".join(words)) for module, words in self.uses.items()),
            }
        tables = self._tables
        return Declaration(
            data["project"],
            tables["remedies"].get(key, ""),
            extra=tables["extras"].get(key, [None])[0],
            groups=tuple(tables["groups"].get(key, ())),
            importers=tuple(tables["importers"].get(key, ())),
            marker=data.get("markers", {}).get(key, (None,))[0],
            optional=key in tables["optional"],
        )

    def _absolute(self, reference: str) -> str:
        return self.package + reference.rstrip(".") if reference.startswith(".") else reference

    def _lines(self, key: str) -> "list[str]":
        return [line.strip() for line in self.data.get(key, "").splitlines() if line.strip()]

    def _modules_with_words(self, key: str) -> "dict[str, list[str]]":
        rows = [line.partition(":") for line in self._lines(key)]
        return {self._absolute(module): words.split() for module, _, words in rows}

    def _read_entries(self, namespace: "dict[str, Any]") -> "Iterator[DeferredImport]":
        registry, package = namespace["__name__"], self.package
        excluded = {key for key, (_, applies) in self.data.get("markers", {}).items() if not applies}
        for key, references in filter(None, map(str.split, self.data.get("imports", "").splitlines())):
            entry = DeferredImport()
            entry.key = key
            entry.name = None if key[0] == "<" else key
            entry.targets = tuple(
                [package + target if target[0] == "." else target for target in references.split("|")]
            )
            entry.package = package
            entry.registry = registry
            entry.applies = key not in excluded
            entry.namespace = namespace
            entry.failure = None
            entry._source, entry._declaration = self, None  # noqa: SLF001 - a call per entry would cost as much again
            yield entry


def _by_name(table: "Iterable[tuple[str, str]]") -> "dict[str, list[Any]]":
    """Turn words with their names into names with their words."""
    found: dict[str, list[str]] = {}
    for word, names in table:
        for name in names.split():
            found.setdefault(name, []).append(word)
    return found


_read: "dict[str, Registry]" = {}
# What has been declared at run time, by package; deferred_imports.machinery fills it.
declared: "dict[str, Registry]" = {}


def find_registries() -> "list[Registry]":
    """Return the registries in ``sys.modules``, in the order in which they were loaded, and what is their like."""
    plain = type(sys)
    found: dict[int, Registry] = {}  # one module may be there under several names
    for name, module in sys.modules.copy().items():
        namespace = module.__dict__ if type(module) is plain else namespace_of(module)
        if PROTOCOL in namespace and id(module) not in found:
            found[id(module)] = read_registry(name, module, namespace)
    return [*found.values(), *declared.copy().values()]


def read_registry(name: str, module: "ModuleType", namespace: "dict[str, Any]") -> Registry:
    """Return what a registry module declares."""
    known = _read.get(name)
    if known is None or known.module is not module or known.data is not namespace[PROTOCOL]:
        known = _read[name] = Registry(module, namespace)
    return known


def namespace_of(module: object) -> "dict[str, Any]":
    """Return the globals of what is in ``sys.modules``, which need not be a module, and run no code of its own."""
    try:
        # Not vars(): a module may load itself when somebody reads its attributes (importlib.util.LazyLoader).
        namespace = object.__getattribute__(module, "__dict__")
    except Exception:  # noqa: BLE001 - whatever a class makes of this attribute, it is no registry
        return {}
    return namespace if type(namespace) is dict else {}


def has_natives(packages: "set[str]") -> bool:
    """Tell whether modules of packages may hold native lazy imports (PEP 810) that nobody has used; Python 3.15."""
    # Where types has it from: that would load a good part of the standard library.
    from _types import LazyImportType  # type: ignore[import-not-found]  # no stub has it

    # Where "import a.b" and "import a.c" stand in one module, one of them waits without a trace in it but "a".
    pending = sys.lazy_modules.copy()  # type: ignore[attr-defined]  # of 3.15
    waiting = {name.partition(".")[0] for name in pending if "." in name and name not in sys.modules}
    tops = {"__main__", *(package.partition(".")[0] for package in packages)}
    for name, module in sys.modules.copy().items():
        if name.partition(".")[0] in tops:
            namespace = namespace_of(module).copy()
            if LazyImportType in map(type, namespace.values()) or not waiting.isdisjoint(namespace):
                return True
    return False


def is_loaded(name: str) -> bool:
    """Tell whether a module has been imported, and wholly so."""
    module = sys.modules.get(name)
    return module is not None and not is_initializing(module)


def is_initializing(module: object) -> bool:
    """Tell whether a module is being imported just now."""
    return bool(getattr(namespace_of(module).get("__spec__"), "_initializing", False))


def is_within(name: str, package: str) -> bool:
    """Tell whether a module is a package or in it."""
    return name == package or name.startswith(f"{package}.")
