"""Run time: finds the registries that are loaded, by their protocol, and reads what they declare.

A registry is any module with ``__deferred_imports__``; nothing registers and nothing is scanned but ``sys.modules``.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType
    from typing import Any

PROTOCOL = "__deferred_imports__"
FORMAT = 1


class DeferredImport:
    """One declared import.

    Attributes:
        name: What it is called in the registry, or None when it was found inside a function and has no name.
        targets: The absolute references, ``module`` or ``module:attribute``, of which the first that is there counts.
        package: The import package that declares it.
        project: The distribution that the package belongs to.
        registry: The name of the generated module.
        extra: The extra that installs it, or None.
        groups: The groups that it is in.
        importers: The modules of the package that use it.
        optional: Whether the application can do without.
        marker: The environment marker (PEP 508) that it depends on, or None.
        remedy: What to do when it is missing.
        applies: Whether the marker is true here.
        failure: What the last attempt to resolve it said when it failed, or None.
        key: What the registry knows it by: its name, or its reference in angle brackets.
        namespace: The globals of the registry, where its name gets bound.
    """

    __slots__ = (
        "applies",
        "extra",
        "failure",
        "groups",
        "importers",
        "key",
        "marker",
        "name",
        "namespace",
        "optional",
        "package",
        "project",
        "registry",
        "remedy",
        "targets",
    )

    name: "str | None"
    targets: "tuple[str, ...]"
    package: str
    project: str
    registry: str
    extra: "str | None"
    groups: "tuple[str, ...]"
    importers: "tuple[str, ...]"
    optional: bool
    marker: "str | None"
    remedy: str
    applies: bool
    key: str
    namespace: "dict[str, Any]"
    failure: "str | None"

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


class Registry:
    """A loaded registry and its entries, read once."""

    __slots__ = ("data", "entries", "graph", "module", "package", "uses")

    def __init__(self, module: "ModuleType", namespace: "dict[str, Any]", data: "dict[str, Any]") -> None:
        self.module = module
        self.data = data
        self.package: str = namespace.get("__package__") or namespace["__name__"].rpartition(".")[0]
        if data.get("format") != FORMAT:
            raise RuntimeError(
                f"{namespace['__name__']} has format {data.get('format')} and this deferred-imports reads {FORMAT}: "
                f"upgrade deferred-imports, or build {self.package} again"
            )
        self.uses = self._modules_with_words("uses")
        self.graph = self._modules_with_words("graph")
        self.entries = tuple(self._read_entries(namespace))

    def _absolute(self, reference: str) -> str:
        return self.package + reference.rstrip(".") if reference.startswith(".") else reference

    def _lines(self, key: str) -> "list[str]":
        return [line.strip() for line in self.data.get(key, "").splitlines() if line.strip()]

    def _modules_with_words(self, key: str) -> "dict[str, list[str]]":
        rows = [line.partition(": ") for line in self._lines(key)]
        return {self._absolute(module): [*map(self._absolute, words.split())] for module, _, words in rows}

    def _read_entries(self, namespace: "dict[str, Any]") -> "Iterator[DeferredImport]":
        data = self.data
        remedies = dict(line.split(": ", 1) for line in self._lines("remedies"))
        optional = set(data.get("optional", "").split())
        markers = data.get("markers", {})
        extras = _by_name(data.get("extras", {}))
        groups = _by_name(data.get("groups", {}))
        importers: dict[str, list[str]] = {}
        for module, words in self.uses.items():
            for word in words:
                importers.setdefault(word, []).append(module)
        for line in self._lines("imports"):
            key, references = line.split()
            entry = DeferredImport()
            entry.name = None if key.startswith("<") else key
            entry.targets = tuple([self._absolute(reference) for reference in references.split("|")])
            entry.package = self.package
            entry.project = data["project"]
            entry.registry = namespace["__name__"]
            entry.extra = extras.get(key, [None])[0]
            entry.groups = tuple(groups.get(key, ()))
            entry.importers = tuple(importers.get(key, ()))
            entry.optional = key in optional
            entry.marker, entry.applies = markers.get(key, (None, True))
            entry.remedy = remedies.get(key, "")
            entry.key = key
            entry.namespace = namespace
            entry.failure = None
            yield entry


def _by_name(table: "dict[str, str]") -> "dict[str, list[Any]]":
    """Turn words with their names into names with their words."""
    found: dict[str, list[str]] = {}
    for word, names in table.items():
        for name in names.split():
            found.setdefault(name, []).append(word)
    return found


_read: "dict[str, Registry]" = {}

# What was declared while the program ran, by package; deferred_imports.machinery puts it here.
declared: "dict[str, Registry]" = {}


def find_registries() -> "list[Registry]":
    """Return the registries in ``sys.modules``, in the order in which they were loaded."""
    found = []
    for name, module in sys.modules.copy().items():
        # Not vars(): a module may load itself when somebody reads its attributes (importlib.util.LazyLoader).
        try:
            namespace = object.__getattribute__(module, "__dict__")
        except AttributeError:
            continue
        if PROTOCOL in namespace:
            found.append(read_registry(name, module, namespace))
    if declared:
        found += declared.copy().values()
    return found


def read_registry(name: str, module: "ModuleType", namespace: "dict[str, Any]") -> Registry:
    """Return what a registry module declares."""
    known = _read.get(name)
    data = namespace[PROTOCOL]
    if known is None or known.data is not data or known.module is not module:
        known = _read[name] = Registry(module, namespace, data)
    return known


def is_loaded(name: str) -> bool:
    """Tell whether a module has been imported, and wholly so."""
    module = sys.modules.get(name)
    return module is not None and not is_initializing(module)


def is_initializing(module: "ModuleType") -> bool:
    """Tell whether a module is being imported just now."""
    try:
        spec = object.__getattribute__(module, "__dict__").get("__spec__")
    except AttributeError:
        return False
    return bool(getattr(spec, "_initializing", False))


def is_within(name: str, package: str) -> bool:
    """Tell whether a module is a package or in it."""
    return name == package or name.startswith(f"{package}.")


def select(
    packages: "tuple[str, ...]",
    group: "str | None" = None,
    importer: "str | None" = None,
    read: "Callable[[str], Iterable[Registry]] | None" = None,
) -> "list[DeferredImport]":
    """Return the entries that all selectors name; without any, all entries of all registries.

    Args:
        packages: Import packages, each with all below it.
        group: What the table puts into this group.
        importer: What this module uses, and the modules of its package that it imports.
        read: Reads the registry of a package whose registry is not loaded; by default it is imported.

    Raises:
        LookupError: when a selector matches nothing; it lists what there is.
    """
    registries = select_registries(packages, read)
    entries = [entry for registry in registries for entry in registry.entries]
    if group is not None:
        known = sorted({word for entry in entries for word in entry.groups})
        if group not in known:
            raise LookupError(_nothing("group", group, known, "is not declared"))
        entries = [entry for entry in entries if group in entry.groups]
    if importer is not None:
        entries = _of_importer(registries, entries, importer)
    return entries


def select_registries(
    packages: "tuple[str, ...]", read: "Callable[[str], Iterable[Registry]] | None" = None
) -> "list[Registry]":
    """Return the registries of packages, each with all below it; without any, all that are loaded."""
    registries = find_registries()
    if not packages:
        return registries
    chosen: list[Registry] = []
    for package in packages:
        matching = [registry for registry in registries if is_within(registry.package, package)]
        if not matching:
            matching = list((read or load_registries)(package))
        if not matching:
            known = sorted({registry.package for registry in registries})
            raise LookupError(_nothing("package", package, known, "has no registry that is loaded"))
        chosen += [registry for registry in matching if registry not in chosen]
    return chosen


def iter_deferred_imports(
    *packages: str, group: "str | None" = None, importer: "str | None" = None
) -> "Iterator[DeferredImport]":
    """Yield what is declared, by whom, and its state.

    Args:
        packages: Import packages whose registries to list, with all below them; all packages if there is none.
        group: Only what the table puts into this group.
        importer: Only what this module uses, and the modules of its package that it imports.

    Raises:
        LookupError: when a selector matches nothing.
    """
    yield from select(packages, group, importer)


def load_registries(package: str) -> "Iterator[Registry]":
    """Import the registry of a package that nobody has imported, as where all imports were found inside functions."""
    name = f"{package}._deferred"
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        if not is_within(name, error.name or ""):
            raise
        return
    module = sys.modules[name]
    namespace = object.__getattribute__(module, "__dict__")
    if PROTOCOL in namespace:
        yield read_registry(name, module, namespace)


def _of_importer(
    registries: "list[Registry]", entries: "list[DeferredImport]", importer: str
) -> "list[DeferredImport]":
    """Return what a module uses, and what the modules of its package that it imports use."""
    wanted: dict[str, set[str]] = {}
    for module in reachable(registries, importer):
        for registry in registries:
            wanted.setdefault(registry.module.__name__, set()).update(registry.uses.get(module, ()))
    return [entry for entry in entries if entry.key in wanted[entry.registry]]


def reachable(registries: "list[Registry]", importer: str) -> "dict[str, None]":
    """Return a module, and the modules of its package that it imports, and so on, as the registries have them.

    Raises:
        LookupError: when no registry knows the module.
    """
    graphs = [registry.graph for registry in registries if registry.graph]
    if not any(importer in registry.uses or importer in registry.graph for registry in registries):
        known = sorted({module for registry in registries for module in (*registry.uses, *registry.graph)})
        raise LookupError(_nothing("importer", importer, known, "imports nothing that is deferred"))
    reached = dict.fromkeys([importer])
    waiting = [importer]
    for module in waiting:
        for graph in graphs:
            new = [other for other in graph.get(module, ()) if other not in reached]
            reached.update(dict.fromkeys(new))
            waiting += new
    return reached


def _nothing(what: str, word: str, known: "list[str]", why: str) -> str:
    there = ", ".join(known) if known else "none"
    return f"{what} {word!r} {why}; there is: {there}"
