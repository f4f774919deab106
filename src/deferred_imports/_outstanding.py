"""Run time, Python 3.15: finds the native lazy imports (PEP 810) that are still unused.

The interpreter has no way to ask for them, so this looks for proxies in the globals of modules. That is not all:
``import a.b`` and ``import a.c`` bind the same name, the last one wins, and using it imports ``a`` alone. What remains
waits in a table of the interpreter; ``sys.lazy_modules`` has its name among others, but not who has declared it.
"""

import sys

from deferred_imports._cpython import anatomy, lazy_type
from deferred_imports._entries import Declaration, namespace_of
from deferred_imports._finding import code_of, find_spec
from deferred_imports._native import NativeImport

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name; typeguard knows a generator by this one, where it is not quoted
    from _collections_abc import Iterator

    from deferred_imports import _named

    abc, types, typing, _entries, _registries = _named(
        "collections.abc", "types", "typing", "deferred_imports._entries", "deferred_imports._registries"
    )
if TYPE_CHECKING:
    import types
    import typing
    from collections import abc
    from collections.abc import Iterator

    from deferred_imports import _entries, _registries


class Natives:
    """The native imports that a call resolves; it asks again and again, for resolving some reveals others.

    What is declared in the table or imported by several modules fails once: as long as the first has not been
    imported, the others with the same target are held back.
    """

    def __init__(self, everything: bool = False) -> None:
        self.everything = everything
        self._first: dict[str, _entries.DeferredImport] = {}

    def __call__(
        self,
        registries: "list[_registries.Registry]",
        entries: "list[_entries.DeferredImport]",
        reached: "set[str] | None",
    ) -> "list[_entries.DeferredImport]":
        """Return the list as of now; see `list_natives`."""
        for entry in entries:
            for name in _names_of(entry):
                self._first.setdefault(name, entry)
        found: list[_entries.DeferredImport] = []
        for native in list_natives(registries, reached, everything=self.everything):
            first = self._first.setdefault(native.targets[0].replace(":", "."), native)
            if not first.is_pending or first.key == native.key:
                found.append(native)
        return found


def list_natives(
    registries: "list[_registries.Registry]", reached: "set[str] | None" = None, *, everything: bool = False
) -> "list[NativeImport]":
    """Return the native imports that are unused, of modules that have been imported; nothing is imported.

    Args:
        registries: Those whose packages to look through, with all below them.
        reached: Only these modules of them.
        everything: Look through all modules, and list what is outstanding in none of them, too.
    """
    packages = {registry.package for registry in registries}
    walk = _Walk(registries)
    for name, namespace in _modules(packages, everything):
        if everything or reached is None or name in reached:
            walk.look_through(name, namespace, _package_of(name, packages))
    if everything:
        walk.look_at_the_rest()
    return walk.found


def _modules(packages: "set[str]", everything: bool) -> Iterator["tuple[str, dict[str, typing.Any]]"]:
    """Yield the name and the globals of each module in packages, or of all modules."""
    tops = {package.partition(".")[0] for package in packages}
    seen = set()
    for key, module in sys.modules.copy().items():
        if everything or key.partition(".")[0] in tops or key == "__main__":
            namespace = namespace_of(module)
            # The true name of what `python -m` runs, and of what stands there under another name.
            name = getattr(namespace.get("__spec__"), "name", None)
            if not isinstance(name, str):
                name = key
            if id(namespace) not in seen and (everything or _package_of(name, packages)):
                seen.add(id(namespace))
                yield name, namespace


class _Walk:
    """A walk through modules, and the native imports that it has found."""

    def __init__(self, registries: "list[_registries.Registry]") -> None:
        self.lazy = lazy_type()
        self.registries = registries
        self.projects = {registry.package: registry.data.get("project") for registry in registries}
        self.found: list[NativeImport] = []
        # What is outstanding by the name of its outermost package.
        self.waiting: dict[str, set[str]] = {}
        for name in sys.lazy_modules.difference(sys.modules.copy()):  # type: ignore[attr-defined]  # of 3.15
            self.waiting.setdefault(name.partition(".")[0], set()).add(name)
        self._declared: dict[str, _entries.DeferredImport] | None = None

    def look_through(self, module: str, namespace: "dict[str, typing.Any]", package: str) -> None:
        """Find what a module has declared."""
        self.module, self.namespace, self.package = module, namespace, package
        contents = namespace.copy()
        proxies = {name: value for name, value in contents.items() if type(value) is self.lazy}
        codes: dict[int, types.CodeType | None] = {}  # by identity: hashing code would hash all that is in it
        seen = set()
        for name, proxy in proxies.items():
            target, code = anatomy(proxy)
            codes[id(code)] = code
            seen |= {target, target.partition(":")[0]}
            self._add(name, target, code, proxy)
        for top in self.waiting.keys() & contents.keys():
            unseen = self.waiting[top] - seen - {top}
            if unseen and (top in proxies or contents[top] is sys.modules.get(top)):
                self._look_below(unseen, [*codes.values()] or [_code_of(module, namespace)])

    def _look_below(self, unseen: "set[str]", codes: "list[types.CodeType | None]") -> None:
        """Find which of the names that wait below a package these codes have declared: nothing bound tells of them."""
        for code in codes:
            for target in sorted(unseen.intersection(code.co_names if code else ())):
                unseen.remove(target)
                self._add(None, target, code)

    def look_at_the_rest(self) -> None:
        """Find what is outstanding, but in none of the modules: in the globals of ``exec()``, say."""
        self.module, self.namespace, self.package = "", {}, ""
        seen = {part for native in self.found for part in (native.module, native.targets[0].replace(":", "."))}
        for target in sorted(set().union(*self.waiting.values()) - seen):
            if find_spec(target) is not None:  # otherwise it is an attribute, or not there
                self._add(None, target)

    def _add(self, name: "str | None", target: str, code: "types.CodeType | None" = None, proxy: object = None) -> None:
        package = self.package or self.module.partition(".")[0] or "unknown"
        importers = (self.module,) if self.module else ()
        said = self._said_of(target)
        if said is not None:
            declaration = Declaration(
                said.project, said.remedy, extra=said.extra, importers=importers, optional=said.optional
            )
        else:
            project = self.projects.get(self.package) or package
            remedy = "install the distribution that provides it"
            declaration = Declaration(project, remedy, importers=importers, optional=not self.package)
        file = code.co_filename if code is not None else self.namespace.get("__file__")
        self.found.append(
            NativeImport(name, target, proxy, declaration, package=package, namespace=self.namespace, file=file)
        )

    def _said_of(self, target: str) -> "_entries.DeferredImport | None":
        """Return what the table says of a target, or at least of its module."""
        if self._declared is None:
            self._declared = {}
            for registry in self.registries:
                for entry in registry.entries:
                    modules = [target.partition(":")[0] for target in entry.targets]
                    for name in (*_names_of(entry), *modules):
                        self._declared.setdefault(name, entry)
        return self._declared.get(target.replace(":", ".")) or self._declared.get(target.partition(":")[0])


def _names_of(entry: "_entries.DeferredImport") -> "list[str]":
    """Return what an import statement may say that means an entry: its targets, and its name in the registry."""
    return [f"{entry.registry}.{entry.name}", *(target.replace(":", ".") for target in entry.targets)]


def _code_of(module: str, namespace: "dict[str, typing.Any]") -> "types.CodeType | None":
    """Return the code of a module that holds no proxy any more, from where it was loaded; it is not executed."""
    spec = namespace.get("__spec__")
    known = _codes.get(module)
    if known is None or known[0] is not spec:
        known = _codes[module] = (spec, code_of(spec))
    return known[1]


_codes: "dict[str, tuple[typing.Any, types.CodeType | None]]" = {}


def _package_of(name: str, packages: "abc.Iterable[str]") -> str:
    """Return the innermost of the packages that a module is in, or nothing."""
    while name and name not in packages:
        name = name.rpartition(".")[0]
    return name
