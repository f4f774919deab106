"""Declares imports while the program runs, for code that learns only then what it will need.

This is the API that the python.org thread *Async imports to reduce startup times* arrived at. A declaration executes
nothing, binds nothing and leaves ``sys.modules`` alone; it finds the module's spec (PEP 451), so that a module that is
not there is reported at once. When the import happens, the application decides: with ``resolve_now()``, which treats
declarations of both kinds alike, or with the functions here. Plain ``import`` statements work as ever.

All of it is safe to call from several threads.
"""

import os
import sys

from deferred_imports._entries import Declaration, DeferredImport, namespace_of, watched
from deferred_imports._finding import find_spec
from deferred_imports._now import resolve_now
from deferred_imports._registries import Registry, declared
from deferred_imports._selection import select
from deferred_imports._specs import ModuleSpecConflictError, import_by_name, import_module_from_spec

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, machinery, types, typing, _reports = _named(
        "collections.abc", "importlib.machinery", "types", "typing", "deferred_imports._reports"
    )
if TYPE_CHECKING:
    import types
    import typing
    from collections import abc
    from importlib import machinery

    from deferred_imports import _reports

__all__ = [
    "ModuleSpecConflictError",
    "defer_runtime_import",
    "import_module_from_spec",
    "iter_deferred_imports",
    "resolve_deferred_import",
    "resolve_deferred_imports",
]

_REMEDY = "install the distribution that provides it"


def defer_runtime_import(
    name: str, package: "str | None" = None, importing_name: "str | None" = None
) -> "machinery.ModuleSpec":
    """Declare that a module will be imported at run time, and return the spec that it will be imported from.

    It is found and not executed, nor is any package that it is in. Where its package is eager (``force_eager()``,
    ``PYDEFER_EAGER``), it is resolved as soon as that has been imported. Declaring it again adds another importing
    module, and takes the spec that is found then.

    Args:
        name: The module's absolute name, or with leading dots one relative to ``package``.
        package: The package that a relative name is relative to, as the importing module's ``__package__``.
        importing_name: The module that will import it; the one that calls if there is none.

    Returns:
        The module's spec, as PEP 451 describes it; that of a namespace package (PEP 420) has no loader.

    Raises:
        ModuleNotFoundError: when there is no such module; its ``name`` is the first package on the way that is not
            there, or the module itself. Modules that only exist once their package has been executed are not found.
        ImportError: when a relative name has no package, or leaves it.
        DeferredImportError: when its package is eager and has been imported, and the import fails.
    """
    if importing_name is None:
        # As collections.namedtuple finds its caller; there is no other way.
        importing_name = str(sys._getframe(1).f_globals.get("__name__", ""))  # noqa: SLF001
    name = _absolute(name, package)
    spec = find_spec(name)
    if spec is None:
        raise _not_found(name, importing_name)
    owner = _package_of(importing_name)
    found = declared.get(owner) or declared.setdefault(owner, _Declarations(owner))
    registry: typing.Any = found  # only this module fills `declared`
    registry.add(name, spec, importing_name)
    if os.environ.get("PYDEFER_EAGER"):  # force_eager() sets it, too
        from deferred_imports._eager import resolve_if_eager

        resolve_if_eager(registry)
    return spec


def iter_deferred_imports(
    importing_name: "str | None" = None,
) -> "abc.Iterator[tuple[str, machinery.ModuleSpec | None, tuple[str, ...]]]":
    """Iterate over what is still deferred, declared at run time or baked at build time, each module once.

    Args:
        importing_name: Only what this module uses, and the modules of its package that it imports.

    Returns:
        For each the module's absolute name, its spec (None when it is baked and cannot be found), and the names of the
        modules that use it. Of several candidates it is the first that can be found; what a marker excludes is left
        out, and so is what has been resolved.

    Raises:
        LookupError: when nothing is known of the importing module; it lists those that there are.
    """
    specs: dict[str, machinery.ModuleSpec | None] = {}
    importers: dict[str, dict[str, None]] = {}
    for entry in select((), None, importing_name):
        if entry.is_pending:
            name, spec = _candidate(entry)
            if specs.get(name) is None:
                specs[name] = spec
            importers.setdefault(name, {}).update(dict.fromkeys(entry.importers))
    return iter([(name, spec, tuple(importers[name])) for name, spec in specs.items()])


def resolve_deferred_import(name: str) -> "types.ModuleType | None":
    """Import one deferred module, wherever it was declared, and return it.

    Args:
        name: The module's absolute name.

    Returns:
        The module, or None when it is not declared.

    Raises:
        ImportError: when it cannot be imported, or lacks an attribute that was declared.
        ModuleSpecConflictError: when it is loaded, but from another spec than the declared one.
    """
    # The finders are asked only about those that may be meant.
    meant = [entry for entry in select(()) if entry.applies and name in _modules_of(entry)]
    chosen = [entry for entry in meant if _candidate(entry)[0] == name]
    for entry in chosen:
        entry.resolve()
    return import_by_name(name) if chosen else None


def resolve_deferred_imports(importing_name: "str | None" = None) -> "_reports.Resolution":
    """Import what is deferred; the same as ``resolve_now(importer=importing_name)``.

    Args:
        importing_name: Only what this module uses, and the modules of its package that it imports.

    Returns:
        What was resolved, what was not, and how long it took.

    Raises:
        DeferredImportError: when required imports fail; everything else has been resolved by then.
        LookupError: when nothing is known of the importing module; it lists those that there are.
    """
    return resolve_now(importer=importing_name)


class _Declarations(Registry):
    """What the modules of a package have declared at run time. It only ever grows, so it needs no lock."""

    __slots__ = ("_by_name", "_namespace")

    def __init__(self, package: str) -> None:
        self.module = type(sys)(f"{package}.<run time>")  # in no sys.modules
        self.data = {}
        self.package = package
        self.uses = {}
        self.graph = {}
        self._by_name: dict[str, _RuntimeImport] = {}
        self._namespace: dict[str, typing.Any] = {}

    @property
    def entries(self) -> "abc.Sequence[DeferredImport]":  # type: ignore[override]  # there are more and more of them
        """What has been declared by now."""
        return [*self._by_name.copy().values()]

    def add(self, name: str, spec: "machinery.ModuleSpec", importing_name: str) -> None:
        """Add a declaration, or to one that is there another module that uses it."""
        entry = self._by_name.get(name) or self._by_name.setdefault(
            name, _RuntimeImport(name, spec, self.package, self.module.__name__, self._namespace)
        )
        entry.spec = spec
        if importing_name not in entry.known_importers:
            entry.known_importers.setdefault(importing_name)
            self.uses.setdefault(importing_name, []).append(name)


class _RuntimeImport(DeferredImport):
    """A declaration made at run time: it has a spec, and no registry module to be bound in."""

    __slots__ = ("known_importers", "spec")

    def __init__(
        self, name: str, spec: "machinery.ModuleSpec", package: str, registry: str, namespace: "dict[str, typing.Any]"
    ) -> None:
        self.name = None
        self.targets = (name,)
        self.package = package
        self.registry = registry
        self.failure = None
        self.applies = True
        self.key = name
        self._declaration = Declaration(package, _REMEDY)
        self.namespace = namespace
        self.spec = spec
        self.known_importers: dict[str, None] = {}

    @property
    def importers(self) -> "tuple[str, ...]":  # type: ignore[override]  # there may be more of them each time
        """The modules that use it; several threads add to them."""
        return tuple(self.known_importers.copy())

    def _import(self) -> "typing.Any":
        """Import it from the spec that was found."""
        return watched(self, self._load)

    def _load(self) -> "types.ModuleType":
        name = self.key
        try:
            # What a loaded module's spec says may be another name, as with os.path.
            module = import_module_from_spec(self.spec) if self.spec.name == name else import_by_name(name)
        except (FileNotFoundError, ModuleNotFoundError) as error:
            if find_spec(name) is not None:
                raise
            failure = _not_found(name, *self.known_importers)
            failure.declared_by = self.registry, name
            raise failure from error
        self.namespace[name] = module
        return module


def _absolute(name: str, package: "str | None") -> str:
    """Return the absolute name of a module, as ``importlib.util.resolve_name`` does."""
    relative = name.lstrip(".")
    level = len(name) - len(relative)
    if not level:
        return name
    if not package:
        raise ImportError(f'package: expected what "{name}" is relative to, got nothing; pass __package__', name=name)
    parents = package.rsplit(".", level - 1)
    if len(parents) < level:
        raise ImportError(f'name: expected a module below "{parents[0]}", got "{name}", which leaves it', name=name)
    return f"{parents[0]}.{relative}" if relative else parents[0]


def _not_found(name: str, *importers: str) -> "typing.Any":
    parts = name.split(".")
    prefixes = [".".join(parts[: index + 1]) for index in range(len(parts))]
    absent = next((prefix for prefix in prefixes if find_spec(prefix) is None), name)
    needy = f"{' and '.join(filter(None, importers)) or 'the program'} need{'' if len(importers) > 1 else 's'}"
    return ModuleNotFoundError(f"{needy} {name} (declared at run time): {_REMEDY}", name=absent)


def _package_of(module: str) -> str:
    """Return the package that a module belongs to, as far as it is loaded: the outermost that is not a namespace."""
    parts = module.split(".")
    for index in range(1, len(parts)):
        package = ".".join(parts[:index])
        if package not in sys.modules or namespace_of(sys.modules[package]).get("__file__") is not None:
            return package
    return module


def _candidate(entry: DeferredImport) -> "tuple[str, machinery.ModuleSpec | None]":
    """Return the name and the spec of the module that an entry comes down to: its first target that is there."""
    if isinstance(entry, _RuntimeImport):
        return entry.key, entry.spec
    names = _modules_of(entry)
    for name in names:
        spec = find_spec(name)
        if spec is not None:
            return name, spec
    return names[0], None


def _modules_of(entry: DeferredImport) -> "list[str]":
    return [target.partition(":")[0] for target in entry.targets]
