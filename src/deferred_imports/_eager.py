"""Run time: says which packages are eager, by variable or by call: those are resolved once they have been imported."""

import os
import sys
from _thread import RLock

from deferred_imports._cpython import has_fork_server
from deferred_imports._entries import is_within, quoted
from deferred_imports._registries import (
    UnreadableRegistryError,
    find_registries,
    known_packages,
    package_of,
    read_registry,
    warn_of,
)
from deferred_imports._waiting import resolve_once_imported, resolve_when_imported

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    abc, types, _registries = _named("collections.abc", "types", "deferred_imports._registries")
if TYPE_CHECKING:
    import types
    from collections import abc

    from deferred_imports import _registries

VARIABLE = "PYDEFER_EAGER"
_GRAMMAR = (
    "expected 1, true, yes or on; 0, false, no, off or nothing; or import packages separated by commas, "
    '"*" for all and with a leading "-" those that stay deferred'
)
_ON = frozenset({"1", "true", "yes", "on"})
_OFF = frozenset({"0", "false", "no", "off", ""})

# Words that somebody may take for one of those; those that differ from a longer one in a letter or two are found, too.
_LIKE_BOOLEANS = frozenset(
    {"all", "any", "auto", "eager", "every", "f", "n", "nil", "none", "null", "of", "ok", "t", "y"}
)
_SPELT = ("true", "false", "yes", "always", "disable", "disabled", "enable", "enabled", "never")

_lock = RLock()  # guards the three that follow, and the variable
_forced: "list[force_eager]" = []
# What the variable said before force_eager() changed it, and what it has been changed to.
_found: "str | None" = None
_written: "str | None" = None


class force_eager:  # noqa: N801 - a function to its users, which happens to be a context manager
    """Resolve registries as soon as their package has been imported, from here on; those that are there, now.

    As a context manager it restores what held before. Child processes inherit it, as they do the variable; those of a
    fork server get what held when the server started. It beats ``PYDEFER_EAGER``.

    Args:
        packages: Import packages, each with all below it; all packages if there is none.

    Attributes:
        packages: What it was called with.

    Raises:
        DeferredImportError: when required imports of registries that are there fail; then it has no effect.
        RuntimeError: when the registry of a package that is named is of a later format.
        ValueError: when a package is no name.
    """

    def __init__(self, *packages: str) -> None:
        for package in packages:
            if not _is_package(package) or package.lower() in _ON | _OFF:  # child processes would take it for the word
                raise ValueError(
                    f'force_eager: expected the name of an import package, got "{package}"{_meant(package)}'
                )
        self.packages = packages
        try:
            with _lock:
                _forced.append(self)
                _write()
            _resolve(find_registries(packages))
        except BaseException:
            self._restore()
            raise
        _warn_of_fork_server()

    def __enter__(self) -> "force_eager":  # noqa: PYI034 - typing.Self is of 3.11
        return self

    def __exit__(
        self, kind: "type[BaseException] | None", error: "BaseException | None", traceback: "types.TracebackType | None"
    ) -> None:
        self._restore()

    def _restore(self) -> None:
        with _lock:
            if self in _forced:
                _forced.remove(self)
                _write()


def is_eager(package: str) -> bool:
    """Tell whether a package is to be resolved at once.

    Raises:
        ValueError: when ``PYDEFER_EAGER`` has no valid value.
    """
    if any(_covers(call.packages, package) for call in _forced.copy()):
        return True
    value = os.environ.get(VARIABLE, "")
    if value != _written:
        _look_for_packages(value)
    return _is_eager_by(value, package)


def registry_loaded(name: str) -> None:
    """Take note of a registry that is being imported; registries call this when ``PYDEFER_EAGER`` is set."""
    module = sys.modules.get(name)
    # Otherwise somebody only reads it, outside the import system; or it concerns a package that stays deferred.
    if module is not None and is_eager(package_of(module.__dict__)):
        try:
            registry = read_registry(name, module, module.__dict__)
        except UnreadableRegistryError as error:
            warn_of(error)
        else:
            _resolve([registry])


def resolve_if_eager(registry: "_registries.Registry") -> None:
    """Resolve a registry, now or when its package has been imported, if that is to be eager."""
    if is_eager(registry.package):
        _resolve([registry])


class LazyModules:
    """What a registry publishes as ``__lazy_modules__`` when its package is eager: PEP 810 asks it at every import.

    While the package is being imported, an import that is not lazy can be one too many in a circle. So until then the
    answer is yes, and what is lazy because of that is resolved when the package has been imported.
    """

    __slots__ = ("_names", "_registry")

    def __init__(self, names: "frozenset[str]", registry: "_registries.Registry") -> None:
        self._names = names
        self._registry = registry

    def __contains__(self, name: object) -> bool:
        if name not in self._names:
            return False
        registry = self._registry
        return not is_eager(registry.package) or resolve_once_imported(registry) or registry.stays_deferred(str(name))

    def __iter__(self) -> "abc.Iterator[str]":
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _resolve(registries: "list[_registries.Registry]") -> None:
    for registry in registries:
        names = _lazy_modules_of(registry.module)
        if isinstance(names, frozenset):
            registry.module.__dict__["__lazy_modules__"] = LazyModules(names, registry)
    resolve_when_imported(registries)


def _lazy_modules_of(module: "types.ModuleType") -> object:
    try:
        return getattr(module, "__lazy_modules__", None)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - it is none of ours; what else it raises, resolving it tells
        return None


_parsed: "dict[str, tuple[bool, list[str], list[str]]]" = {}


def _parse(value: str) -> "tuple[bool, list[str], list[str]]":
    """Return what a value says of packages that it does not name, which it includes and which it excludes."""
    if value not in _parsed:
        _parsed[value] = _read(value)
    return _parsed[value]


def _read(value: str) -> "tuple[bool, list[str], list[str]]":
    word = value.strip().lower()
    if word in _ON or word in _OFF:
        return word in _ON, [], []
    included: list[str] = []
    excluded: list[str] = []
    for item in map(str.strip, value.split(",")):
        package = item.removeprefix("-")
        if item != "*" and (not _is_package(package) or package.lower() in _ON | _OFF):
            raise ValueError(f"{VARIABLE}={quoted(value)}: {_GRAMMAR}{_meant(package)}")
        (included if package == item else excluded).append(package)
    if not set(included).isdisjoint(excluded):
        raise ValueError(f"{VARIABLE}={quoted(value)}: {_GRAMMAR}")
    return "*" in included or not included, included, excluded


_looked: "set[str]" = set()


def _look_for_packages(value: str) -> None:
    """Raise for a word that looks like a boolean gone wrong, and warn of what is not installed, once for each value."""
    if value in _looked:
        return
    from deferred_imports._finding import find_spec

    _, included, excluded = _parse(value)
    for package in dict.fromkeys([name.partition(".")[0] for name in (*included, *excluded) if name != "*"]):
        if package not in sys.modules and find_spec(package) is None:
            word = package.lower()
            if word in _LIKE_BOOLEANS or any(_is_near(word, right) for right in _SPELT):
                raise ValueError(f"{VARIABLE}={quoted(value)}: {_GRAMMAR}; no package {quoted(package)} is installed")
            import warnings

            text = f"{VARIABLE}={quoted(value)}: no package {quoted(package)} is installed{_meant(package)}"
            warnings.warn(text, RuntimeWarning, stacklevel=2)
    _looked.add(value)


def _is_near(word: str, right: str) -> bool:
    """Tell whether a word becomes another by one letter more, less or changed, or by two that change places."""
    longer, shorter = (word, right) if len(word) >= len(right) else (right, word)
    cut = {longer[:i] + longer[i + 1 :] for i in range(len(longer))}
    if len(longer) > len(shorter):
        return shorter in cut
    swapped = {word[:i] + word[i + 1 : i + 2] + word[i : i + 1] + word[i + 2 :] for i in range(len(word))}
    changed = sum(a != b for a, b in zip(word, right, strict=True))
    return changed <= 1 or right in swapped


def _meant(name: object) -> str:
    """Return a hint for a name that is no package: the package that was probably meant."""
    from deferred_imports._selection import meant_by

    meant = meant_by(name) if isinstance(name, str) else None
    if meant is None and isinstance(name, str):
        from difflib import get_close_matches

        meant = next(iter(get_close_matches(name, sorted(known_packages()), 1)), None)
    return "" if meant is None else f'; did you mean "{meant}"?'


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
    names = ["*", *included] if everything else included
    rest = [f"-{name}" for name in excluded if not any(is_within(name, package) for package in packages)]
    return ",".join(dict.fromkeys([*names, *packages, *rest]))


def _write() -> None:
    """Let the variable say what force_eager() has asked for, so that child processes do the same."""
    global _found, _written  # noqa: PLW0603 - there is one environment
    value = os.environ.get(VARIABLE)
    if value != _written:  # somebody else has changed it meanwhile
        _look_for_packages(value or "")
        _found = value
    value = _found
    for call in _forced:
        value = _with_forced(value or "", call.packages)
    _written = value
    if value is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = value


def _warn_of_fork_server() -> None:
    if has_fork_server():
        import warnings

        text = "force_eager: the fork server of multiprocessing runs already, and its children will not be eager"
        warnings.warn(f"{text}; call force_eager() before the first process is started", RuntimeWarning, stacklevel=3)


def _covers(packages: "tuple[str, ...]", package: str) -> bool:
    return not packages or any(is_within(package, name) for name in packages)


def _is_package(name: object) -> bool:
    return isinstance(name, str) and all(part.isidentifier() for part in name.split("."))
