"""Run time: finds the registries that are loaded, by their protocol, and reads what they declare.

A registry is any module with ``__deferred_imports__``; nothing registers and nothing is scanned but ``sys.modules``.
Every format up to `FORMAT` is read, for ever, and keys that are not known are ignored. What cannot be read disturbs
nobody but those who name its package.
"""

import sys

from deferred_imports._cpython import lazy_type
from deferred_imports._entries import PROTOCOL, Declaration, DeferredImport, UnloadedImport, is_within, namespace_of

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name; typeguard knows a generator by this one, where it is not quoted
    from _collections_abc import Iterator

    from deferred_imports import _named

    abc, types, typing = _named("collections.abc", "types", "typing")
if TYPE_CHECKING:
    import types
    import typing
    from collections import abc
    from collections.abc import Iterator

#: The latest format of the protocol that this version reads; it reads all before it, too.
FORMAT = 1
# What stands in a table, for those that no generator of ours has written.
_KINDS = {
    "format": int,
    "project": str,
    "imports": str,
    "remedies": str,
    "optional": str,
    "not_eager": str,
    "extras": dict,
    "groups": dict,
    "markers": dict,
    "uses": str,
    "graph": str,
    "caught": dict,
}


class UnreadableRegistryError(RuntimeError):
    """A registry that this version cannot read: of a later format, or none that a generator of ours has written."""


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

    entries: "abc.Sequence[DeferredImport]"

    def __init__(
        self,
        module: "types.ModuleType",
        namespace: "dict[str, typing.Any]",
        kind: "type[DeferredImport]" = DeferredImport,
    ) -> None:
        self.module = module
        self.data: dict[str, typing.Any] = _checked(namespace[PROTOCOL], namespace["__name__"])
        self.package = package_of(namespace)
        self.uses = self._modules_with_words("uses")
        self.graph = {
            module: [self._absolute(word) for word in words]
            for module, words in self._modules_with_words("graph").items()
        }
        self.entries = tuple(self._read_entries(namespace, kind))
        self._tables: dict[str, typing.Any] | None = None  # what is said of entries, by kind

    def describe(self, key: str) -> Declaration:
        """Return the facts about an entry that resolving does not need."""
        data = self.data
        if self._tables is None:
            self._tables = {
                "remedies": dict(line.partition(": ")[::2] for line in self._lines("remedies")),
                "optional": set(data.get("optional", "").split()),
                "extras": _by_name(data.get("extras", {}).items()),
                "groups": _by_name(data.get("groups", {}).items()),
                "importers": _by_name((module, " ".join(words)) for module, words in self.uses.items()),
            }
        tables = self._tables
        return Declaration(
            data.get("project", self.package),
            tables["remedies"].get(key, ""),
            extra=tables["extras"].get(key, [None])[0],
            groups=tuple(tables["groups"].get(key, ())),
            importers=tuple(tables["importers"].get(key, ())),
            marker=data.get("markers", {}).get(key, (None,))[0],
            optional=key in tables["optional"],
            eager=key not in data.get("not_eager", "").split(),
        )

    @property
    def discovers(self) -> bool:
        """Whether it would have what functions import in sources that are newer than it."""
        return bool(self.data.get("discover")) or any(entry.key[0] == "<" for entry in self.entries)

    def eager_entries(self) -> "list[DeferredImport]":
        """Return the entries that are resolved when the package is eager."""
        stays = self.data.get("not_eager", "").split()
        return [entry for entry in self.entries if entry.key not in stays]

    def stays_deferred(self, module: str) -> bool:
        """Tell whether a module is what the table keeps deferred when the package is eager, or lies in it."""
        stays = self.data.get("not_eager", "").split()
        targets = (target.partition(":")[0] for entry in self.entries if entry.key in stays for target in entry.targets)
        return any(f"{module}.".startswith(f"{target}.") for target in targets)

    def _absolute(self, reference: str) -> str:
        return self.package + reference.rstrip(".") if reference.startswith(".") else reference

    def _lines(self, key: str) -> "list[str]":
        return [line.strip() for line in self.data.get(key, "").splitlines() if line.strip()]

    def _modules_with_words(self, key: str) -> "dict[str, list[str]]":
        rows = [line.partition(":") for line in self._lines(key)]
        return {self._absolute(module): words.split() for module, _, words in rows}

    def _read_entries(
        self, namespace: "dict[str, typing.Any]", kind: "type[DeferredImport]"
    ) -> Iterator["DeferredImport"]:
        registry, package = namespace["__name__"], self.package
        excluded = {key for key, (_, applies) in self.data.get("markers", {}).items() if not applies}
        for key, references in filter(None, map(str.split, self.data.get("imports", "").splitlines())):
            entry = kind()
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


def _by_name(table: "abc.Iterable[tuple[str, str]]") -> "dict[str, list[typing.Any]]":
    """Turn words with their names into names with their words."""
    found: dict[str, list[str]] = {}
    for word, names in table:
        for name in names.split():
            found.setdefault(name, []).append(word)
    return found


def package_of(namespace: "dict[str, typing.Any]") -> str:
    """Return the package that a registry is in."""
    return str(namespace["__name__"]).rpartition(".")[0]


def _checked(data: object, name: str) -> "dict[str, typing.Any]":
    """Return what a registry publishes, or raise ``UnreadableRegistryError``; keys that are not known do not matter."""
    if not isinstance(data, dict):
        raise UnreadableRegistryError(f"{name} is no registry of deferred-imports: expected a dictionary")
    version = data.get("format")
    package = name.rpartition(".")[0]
    if isinstance(version, int) and version > FORMAT:
        raise UnreadableRegistryError(
            f"{name} has format {version}, and this deferred-imports reads up to {FORMAT}: upgrade deferred-imports, "
            f"or build {package} with the version that is installed"
        )
    wrong = [key for key, kind in _KINDS.items() if key in data and not isinstance(data[key], kind)]
    wrong += [key for key in ("format", "imports") if key not in data]
    wrong += [key for key in ("caught", "extras", "groups") if key not in wrong and not _is_text(data.get(key, {}))]
    if wrong or data["format"] < 1:
        keys = ", ".join(sorted(wrong) or ["format"])
        raise UnreadableRegistryError(f"{name} is no registry of deferred-imports: missing or of another type: {keys}")
    if not package:
        raise UnreadableRegistryError(f"{name} is no registry of deferred-imports: it is in no package")
    return data


def _is_text(table: "dict[object, object]") -> bool:
    return {str}.issuperset(map(type, (*table, *table.values())))


_read: "dict[str, Registry]" = {}
_warned: "set[str]" = set()
# What has been declared at run time, by package; deferred_imports.machinery fills it.
declared: "dict[str, Registry]" = {}


def find_registries(packages: "tuple[str, ...]" = ()) -> "list[Registry]":
    """Return the registries in ``sys.modules``, in the order in which they were loaded, and what is their like.

    Args:
        packages: Only those of these packages, and of what is below them.

    Raises:
        UnreadableRegistryError: when that of a package that is named cannot be read; of others it is a warning, once.
    """
    plain = type(sys)
    found: dict[int, Registry] = {}  # one module may be there under several names
    for name, module in sys.modules.copy().items():
        namespace = module.__dict__ if type(module) is plain else namespace_of(module)
        if PROTOCOL in namespace and id(module) not in found:
            if not (isinstance(namespace.get("__name__"), str) and namespace["__name__"]):
                warn_of(UnreadableRegistryError(f"{name} is no registry of deferred-imports: it has no name"))
                continue
            package = package_of(namespace)
            if packages and not any(is_within(package, named) for named in packages):
                continue
            try:
                found[id(module)] = read_registry(name, module, namespace)
            except UnreadableRegistryError as error:
                if package in packages:
                    raise
                warn_of(error)
    others = declared.copy().values()
    return [
        *found.values(),
        *[one for one in others if not packages or any(is_within(one.package, p) for p in packages)],
    ]


def known_packages() -> "dict[str, str]":
    """Return the packages that have a registry in this process, with the project that each says that it belongs to."""
    found = {}
    for module in sys.modules.copy().values():
        namespace = namespace_of(module)
        if isinstance(namespace.get(PROTOCOL), dict) and isinstance(namespace.get("__name__"), str):
            found[package_of(namespace)] = str(namespace[PROTOCOL].get("project"))
    return {**found, **{package: package for package in declared.copy()}}


def read_registry(name: str, module: "types.ModuleType", namespace: "dict[str, typing.Any]") -> Registry:
    """Return what a registry module declares.

    Raises:
        UnreadableRegistryError: when it is of a later format, or not what a generator of ours writes.
    """
    known = _read.get(name)
    if known is None or known.module is not module or known.data is not namespace[PROTOCOL]:
        if known is not None:
            _read.pop(name, None)
        # Of two threads, both get the one whose entries tell what has failed; no lock, which a fork might leave taken.
        known = _read.setdefault(name, _registry_of(name, lambda: Registry(module, namespace)))
    return known


def read_unloaded(module: "types.ModuleType", code: "types.CodeType") -> Registry:
    """Return what the code of a registry declares, which is executed in a module that is in no ``sys.modules``.

    Raises:
        UnreadableRegistryError: as ``read_registry``.
    """

    def read() -> Registry:
        exec(code, module.__dict__)  # noqa: S102 - data, and functions that nobody calls
        return Registry(module, module.__dict__, UnloadedImport)

    return _registry_of(module.__name__, read)


def _registry_of(name: str, read: "abc.Callable[[], Registry]") -> Registry:
    try:
        return read()
    except UnreadableRegistryError:
        raise
    except Exception as error:
        text = f"{name} is no registry of deferred-imports: {type(error).__name__}: {error}"
        raise UnreadableRegistryError(text) from error


def warn_of(error: UnreadableRegistryError) -> None:
    """Warn of a registry that cannot be read, once: what it declares stays deferred."""
    if str(error) not in _warned:
        import warnings

        _warned.add(str(error))
        warnings.warn(f"{error}; what it declares stays deferred", RuntimeWarning, stacklevel=2)


def has_natives(packages: "set[str]") -> bool:
    """Tell whether modules of packages may hold native lazy imports (PEP 810) that are unused; Python 3.15."""
    lazy = lazy_type()
    # Where "import a.b" and "import a.c" stand in one module, one of them waits without a trace in it but "a".
    pending = sys.lazy_modules.copy()  # type: ignore[attr-defined]  # of 3.15
    waiting = {name.partition(".")[0] for name in pending if "." in name and name not in sys.modules}
    tops = {"__main__", *(package.partition(".")[0] for package in packages)}
    for name, module in sys.modules.copy().items():
        if name.partition(".")[0] in tops:
            namespace = namespace_of(module).copy()
            if lazy in {*map(type, namespace.values())} or not waiting.isdisjoint(namespace):
                return True
    return False
