"""Run time, Python 3.15: finds the native lazy imports (PEP 810) that nobody has used yet, and resolves them.

The interpreter has no way to ask for them. It puts a proxy where the statement binds a name, and replaces it when
somebody reads that name; so this looks through the globals of modules. A proxy resolves itself when it is read as a
global or as an attribute of a module, which is why it is only ever a local or an attribute of other objects here.

``import a.b`` and ``import a.c`` bind the same name, the last one wins, and resolving it imports ``a`` alone. What
remains waits in a table of the interpreter; ``sys.lazy_modules`` has its name among others, but not who declared it.
"""

import sys

from deferred_imports._finding import find_spec
from deferred_imports._registries import DeferredImport, namespace_of, watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType
    from typing import Any

    from deferred_imports._registries import Registry


# Takes the place of a proxy that is resolved: that would keep the code of its module alive.
_RESOLVED = object()
# What the last attempt to resolve a proxy said when it failed, by the key of the entry: the next listing tells, too.
_failures: "dict[str, tuple[object, str]]" = {}


class NativeImport(DeferredImport):
    """One native lazy import (PEP 810) that a module has declared and nobody had used when it was listed.

    It has the attributes of a declared import. What the table says of its target holds for it, too; without that it is
    required in a package that has a registry, and optional elsewhere.

    Attributes:
        name: What it binds, or None for ``import a.b`` where another ``import a.c`` has bound ``a``.
        importers: The module with the statement, or none when nobody knows.
        namespace: The globals of that module.
        file: The file with the statement, or None when nobody knows.
    """

    __slots__ = ("_proxy", "file")

    file: "str | None"
    _proxy: "Any"

    @property
    def is_pending(self) -> bool:
        """Whether resolving has something to do, and its module is complete."""
        return not self._is_over and not _is_unfinished(self.namespace)

    @property
    def state(self) -> str:
        """``"resolved"``, ``"failed"`` (when last tried) or ``"pending"``."""
        return "resolved" if self._is_over else "failed" if self.failure else "pending"

    @property
    def failure(self) -> "str | None":
        """What the last attempt to resolve it said when it failed, or None."""
        proxy, text = _failures.get(self.key, (None, None))
        return text if proxy is self._proxy else None

    @failure.setter
    def failure(self, text: "str | None") -> None:
        if text is None:
            _failures.pop(self.key, None)
        else:
            _failures[self.key] = self._proxy, text

    @property
    def _is_over(self) -> bool:
        if self._proxy is None:
            return self.module in sys.modules
        return self.namespace.get(str(self.name)) is not self._proxy

    def resolve(self) -> "Any":
        """Import it and bind the name, unless somebody has bound something else meanwhile."""
        value = watched(self, self._load)
        self._proxy = _RESOLVED
        return value

    def _load(self) -> "Any":
        proxy = self._proxy
        try:
            value = proxy.resolve() if proxy is not None else None
            if ":" not in self.targets[0] and self.module not in sys.modules:  # import a.b: that was only a
                __import__(self.module)
        except ImportError as error:
            what = self._absent(error)
            if what is None:
                raise
            failure = self._explain(what, error)
            raise failure from error
        # The native resolve() does not bind; reading the attribute would, but on 3.15.0 a __getattr__ gets in between.
        if self.name is not None and self.namespace.get(self.name) is proxy:
            self.namespace[self.name] = value
        return value

    def _absent(self, error: ImportError) -> "str | None":
        """Return what is not there, or None when something else is the matter."""
        module, _, attribute = self.targets[0].partition(":")
        if isinstance(error, ModuleNotFoundError):
            return error.name if f"{module}.".startswith(f"{error.name}.") else None
        if not attribute or (error.name, getattr(error, "name_from", None)) != (module, attribute):
            return None
        return None if _is_unfinished(namespace_of(sys.modules.get(module))) else f"{attribute} of {module}"

    def _explain(self, what: str, error: ImportError) -> "Any":
        where = "" if self.file is None else f" in {self.file}"
        # The cause that the interpreter gives to the error has the statement as its traceback.
        statement = None if error.__cause__ is None else error.__cause__.__traceback__
        known = statement is not None and statement.tb_frame.f_code.co_filename == self.file
        line = f", line {statement.tb_lineno}" if statement is not None and known else ""
        name = "" if self.name is None else f' for "{self.name}"'
        text = f"{self._importer} needs {what}{name} (lazy import{where}{line}): {self.remedy}"
        kind = ModuleNotFoundError if isinstance(error, ModuleNotFoundError) else ImportError
        failure = kind(text, name=error.name)
        failure.declared_by = self.registry, self.key  # type: ignore[attr-defined]  # as the errors of registries have
        return failure

    @property
    def _importer(self) -> str:
        return self.importers[0] if self.importers else "some code"

    def __repr__(self) -> str:
        what = f"{self.name} = {self.targets[0]}" if self.name else self.targets[0]
        return f"<NativeImport {self._importer}: {what} ({self.state})>"


class Natives:
    """The native imports that a call resolves; it asks again and again, for resolving some reveals others.

    What is declared in the table or imported by several modules fails once: as long as the first has not been
    imported, the others with the same target are held back.
    """

    def __init__(self, everything: bool = False) -> None:
        self.everything = everything
        self._first: dict[str, DeferredImport] = {}

    def __call__(
        self, registries: "list[Registry]", entries: "list[DeferredImport]", reached: "set[str] | None"
    ) -> "list[DeferredImport]":
        """Return what there is now; see `list_natives`."""
        for entry in entries:
            for target in entry.targets:
                self._first.setdefault(target.replace(":", "."), entry)
        found: list[DeferredImport] = []
        for native in list_natives(registries, reached, everything=self.everything):
            first = self._first.setdefault(native.targets[0].replace(":", "."), native)
            if not first.is_pending or first.key == native.key:
                found.append(native)
        return found


def list_natives(
    registries: "list[Registry]", reached: "set[str] | None" = None, *, everything: bool = False
) -> "list[NativeImport]":
    """Return the native imports that nobody has used, of modules that have been imported; nothing is imported.

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


def _modules(packages: "set[str]", everything: bool) -> "Iterator[tuple[str, dict[str, Any]]]":
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

    def __init__(self, registries: "list[Registry]") -> None:
        from _types import LazyImportType  # type: ignore[import-not-found]  # no stub has it

        self.lazy: type = LazyImportType
        self.registries = registries
        self.projects = {registry.package: registry.data.get("project") for registry in registries}
        self.found: list[NativeImport] = []
        # What is outstanding by the name of its outermost package.
        self.waiting: dict[str, set[str]] = {}
        for name in sys.lazy_modules.copy():  # type: ignore[attr-defined]  # of 3.15
            if name not in sys.modules:
                self.waiting.setdefault(name.partition(".")[0], set()).add(name)
        self._declared: dict[str, DeferredImport] | None = None

    def look_through(self, module: str, namespace: "dict[str, Any]", package: str) -> None:
        """Find what a module has declared."""
        self.module, self.namespace, self.package = module, namespace, package
        lazy = self.lazy
        contents = namespace.copy()
        codes: dict[int, CodeType | None] = {}  # by identity: hashing code would hash all that is in it
        seen = set()
        for name, value in contents.items():
            if type(value) is lazy:
                target, code = _anatomy(value)
                codes[id(code)] = code
                seen |= {target, target.partition(":")[0]}
                self._add(name, target, code, value)
        for top in self.waiting.keys() & contents.keys():
            unseen = self.waiting[top] - seen - {top}
            if unseen and (type(contents[top]) is lazy or contents[top] is sys.modules.get(top)):
                for code in codes.values() if codes else [_code_of(module, namespace)]:
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

    def _add(self, name: "str | None", target: str, code: "CodeType | None" = None, proxy: object = None) -> None:
        native = NativeImport()
        native.name, native.targets = name, (target,)
        native.registry, native.key = "<native>", f"{self.module}: {name or target}"
        native.namespace = self.namespace
        native.importers = (self.module,) if self.module else ()
        native.package = self.package or self.module.partition(".")[0] or "unknown"
        native.file = code.co_filename if code is not None else self.namespace.get("__file__")
        native._proxy = proxy  # noqa: SLF001 - a class of this module
        native.groups, native.marker, native.applies = (), None, True
        declared = self._said_of(target)
        if declared is not None:
            native.project, native.extra, native.remedy = declared.project, declared.extra, declared.remedy
            native.optional = declared.optional
        else:
            native.project, native.extra = self.projects.get(self.package) or native.package, None
            native.remedy = "install the distribution that has it"
            native.optional = not self.package
        self.found.append(native)

    def _said_of(self, target: str) -> "DeferredImport | None":
        """Return what the table says of a target, or at least of its module."""
        if self._declared is None:
            self._declared = {}
            for registry in self.registries:
                for entry in registry.entries:
                    for reference in entry.targets:
                        self._declared.setdefault(reference.replace(":", "."), entry)
                        self._declared.setdefault(reference.partition(":")[0], entry)
        return self._declared.get(target.replace(":", ".")) or self._declared.get(target.partition(":")[0])


def _anatomy(proxy: "Any") -> "tuple[str, CodeType | None]":
    """Return what a proxy imports, ``module`` or ``module:attribute``, and the code that has declared it.

    Only its repr is public: ``<lazy_import 'a.b'>``. That ``from a import b`` looks the same shows in what it holds.
    """
    import gc

    text = repr(proxy)
    target = text[text.index("'") + 1 : text.rindex("'")]
    code = None
    for part in gc.get_referents(proxy):
        if type(part) is type(proxy) and repr(part).endswith("...'>"):  # <lazy_import 'a...'>
            module, _, attribute = target.rpartition(".")
            target = f"{module}:{attribute}"
        elif hasattr(part, "co_filename"):
            code = part
    return target, code


def _code_of(module: str, namespace: "dict[str, Any]") -> "CodeType | None":
    """Return the code of a module that holds no proxy any more, from where it was loaded; it is not executed."""
    spec = namespace.get("__spec__")
    known = _codes.get(module)
    if known is None or known[0] is not spec:
        try:
            code = spec.loader.get_code(module)  # type: ignore[union-attr]  # whatever it is not, is caught
        except Exception:  # noqa: BLE001 - no such method, no such file: then nothing is known of it
            code = None
        known = _codes[module] = (spec, code)
    return known[1]


_codes: "dict[str, tuple[Any, CodeType | None]]" = {}


def _package_of(name: str, packages: "Iterable[str]") -> str:
    """Return the innermost of the packages that a module is in, or nothing."""
    while name and name not in packages:
        name = name.rpartition(".")[0]
    return name


def _is_unfinished(namespace: "dict[str, Any]") -> bool:
    """Tell whether a module is being executed; it may need what it imports to be as it is until it has finished."""
    spec = namespace.get("__spec__")
    return bool(getattr(spec, "_initializing", False)) and not getattr(spec, "_executed", False)
