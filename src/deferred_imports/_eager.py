"""Run time: makes registries resolve as soon as their package has been imported, by variable or by call.

Not at the declaration: there the package is half imported, and a deferred module that imports its own package would
fail. A registry is resolved when the outermost module of its package that this thread is importing has finished, which
is before that ``import`` statement returns.
"""

import os
import sys

from deferred_imports._registries import find_registries, is_initializing, is_within, read_registry
from deferred_imports._resolution import failed, resolve_entries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec
    from types import ModuleType, TracebackType

    from deferred_imports._registries import Registry

VARIABLE = "PYDEFER_EAGER"
GRAMMAR = (
    "expected 1, true, yes or on; 0, false, no, off or nothing; or import packages separated by commas, "
    'with a leading "-" for each that stays deferred'
)
_ON = frozenset({"1", "true", "yes", "on"})
_OFF = frozenset({"0", "false", "no", "off", ""})

# What force_eager() has asked for, one tuple of packages a call; () stands for all packages.
_forced: "list[tuple[str, ...]]" = []


class force_eager:  # noqa: N801 - a function to its users, which happens to be a context manager
    """Resolve registries as soon as their package has been imported, from here on; those that are there, now.

    As a context manager it restores what held before. Child processes inherit it, as they do the variable. It beats
    ``PYDEFER_EAGER``.

    Args:
        packages: Import packages, each with all below it; all packages if there is none.

    Raises:
        DeferredImportError: when required imports of registries that are there fail.
    """

    def __init__(self, *packages: str) -> None:
        for package in packages:
            if not _is_package(package):
                raise ValueError(f"force_eager: expected the name of an import package, got {package!r}")
        self._packages = packages
        self._before = os.environ.get(VARIABLE)
        _forced.append(packages)
        os.environ[VARIABLE] = _with_forced(self._before or "", packages)
        try:
            _resolve([registry for registry in find_registries() if _matches(registry.package, packages)])
        except BaseException:
            self._restore()
            raise

    def __enter__(self) -> "force_eager":
        return self

    def __exit__(
        self, kind: "type[BaseException] | None", error: "BaseException | None", traceback: "TracebackType | None"
    ) -> None:
        self._restore()

    def _restore(self) -> None:
        if self._packages in _forced:
            _forced.remove(self._packages)
        if self._before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = self._before


def is_eager(package: str) -> bool:
    """Tell whether a package is to be resolved at once.

    Raises:
        ValueError: when ``PYDEFER_EAGER`` is not what it may be.
    """
    return any(_matches(package, packages) for packages in _forced) or _is_eager_by(
        os.environ.get(VARIABLE, ""), package
    )


def registry_loaded(name: str) -> None:
    """Take note of a registry that is being imported; registries call this when ``PYDEFER_EAGER`` is set."""
    module = sys.modules.get(name)
    if module is None:  # somebody only reads it, outside the import system
        return
    registry = read_registry(name, module, module.__dict__)
    if is_eager(registry.package):
        _resolve([registry])


def _parse(value: str) -> "tuple[bool, tuple[str, ...], tuple[str, ...]]":
    """Return what a value says of packages that it does not name, which it includes and which it excludes."""
    word = value.strip().lower()
    if word in _ON or word in _OFF:
        return word in _ON, (), ()
    included, excluded = [], []
    for item in value.split(","):
        package = item.strip()
        chosen = excluded if package.startswith("-") else included
        package = package.removeprefix("-")
        if package != "*" and (not _is_package(package) or package.lower() in _ON | _OFF):
            raise ValueError(f"{VARIABLE}={value!r}: {GRAMMAR}")
        chosen.append(package)
    everything = "*" in included or not included
    return everything, tuple(included), tuple(excluded)


def _is_eager_by(value: str, package: str) -> bool:
    """Tell what a value of the variable says of a package; the longest name that covers it decides."""
    eager, included, excluded = _parse(value)
    longest = 0
    for packages, verdict in ((excluded, False), (included, True)):
        for name in packages:
            if is_within(package, name) and len(name) >= longest:
                longest, eager = len(name), verdict
    return eager


def _with_forced(value: str, packages: "tuple[str, ...]") -> str:
    """Return a value of the variable that says what this one says, and in addition makes packages eager."""
    if not packages:
        return "1"
    everything, included, excluded = _parse(value)
    rest = [f"-{name}" for name in excluded if not any(is_within(name, package) for package in packages)]
    return ",".join([*(["*"] if everything else []), *(name for name in included if name != "*"), *packages, *rest])


def _is_package(name: object) -> bool:
    return isinstance(name, str) and all(part.isidentifier() for part in name.split("."))


def _matches(package: str, packages: "tuple[str, ...]") -> bool:
    return not packages or any(is_within(package, name) for name in packages)


def _resolve(registries: "list[Registry]") -> None:
    """Resolve each registry now, or when what this thread is importing of its package has been imported."""
    now = []
    for registry in registries:
        outermost = None
        for spec in _importing():  # innermost first
            if is_within(spec.name, registry.package) or is_within(registry.package, spec.name):
                outermost = spec
        if outermost is None:
            now.append(registry)
        else:
            _when_imported(outermost, registry)
    if now:
        _resolve_now(now)


def _importing() -> "Iterator[ModuleSpec]":
    """Yield the specs of the modules that this thread is importing, the innermost first."""
    frame = sys._getframe(1)
    while frame is not None:
        # Every loader, those of compiled modules included, is run from this function of the import system.
        if frame.f_code.co_name == "_load_unlocked" and "spec" in frame.f_locals:
            spec = frame.f_locals["spec"]
            if getattr(spec, "_initializing", False):
                yield spec
        frame = frame.f_back  # type: ignore[assignment]


def _when_imported(spec: "ModuleSpec", registry: "Registry") -> None:
    """Resolve a registry when a module has been imported: when the import system clears the spec's ``_initializing``.

    That is the last thing that it does before the import returns, while it still holds the module's lock.
    """
    waiting = spec.__dict__.get("_waiting_registries")
    if waiting is not None:
        waiting.append(registry)
        return
    original = type(spec)

    class Watched(original):  # type: ignore[misc, valid-type]
        @property
        def _initializing(self) -> bool:
            return bool(self.__dict__.get("_initializing"))

        @_initializing.setter
        def _initializing(self, value: bool) -> None:
            self.__dict__["_initializing"] = value
            if not value:
                self.__class__ = original
                _imported(self, self.__dict__.pop("_waiting_registries"))

    Watched.__name__, Watched.__qualname__ = original.__name__, original.__qualname__
    spec.__dict__["_waiting_registries"] = [registry]
    spec.__class__ = Watched


def _imported(spec: "ModuleSpec", registries: "list[Registry]") -> None:
    """Resolve what has waited for a module, unless its import has failed; a failure here fails that import."""
    try:
        if spec.name not in sys.modules:
            raise ImportError  # it has its own error on the way
        _resolve_now(registries)
    except BaseException as error:
        # As after any failing import the next one must start anew: with the registry, which then asks again.
        imported = spec.name in sys.modules
        sys.modules.pop(spec.name, None)
        for registry in registries:
            sys.modules.pop(registry.module.__name__, None)
        if imported or not isinstance(error, ImportError):
            raise


def _resolve_now(registries: "list[Registry]") -> None:
    resolution = resolve_entries(lambda: [entry for registry in registries for entry in registry.entries])
    if resolution.failures:
        raise failed(resolution)
