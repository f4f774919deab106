"""Run time, Python 3.15: a native lazy import (PEP 810) that is still unused, and how it is resolved.

The interpreter puts a proxy where the statement binds a name, and replaces it when code reads that name as a global
or as an attribute of the module; so here a proxy is only ever a local, or an attribute of other objects.
"""

import sys

from deferred_imports._entries import Declaration, DeferredImport, is_unfinished, namespace_of, watched

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    (typing,) = _named("typing")
if TYPE_CHECKING:
    import typing

# Takes the place of a proxy that is resolved: that would keep the code of its module alive.
_RESOLVED = object()
# What the last attempt to resolve a proxy said when it failed, by the key of the entry: the next listing tells, too.
_failures: "dict[str, tuple[object, str]]" = {}


class NativeImport(DeferredImport):
    """One native lazy import (PEP 810) that a module has declared, unused when it was listed.

    It has the attributes of a declared import. What the table says of its target holds for it, too; without that it is
    required in a package that has a registry, and optional elsewhere.

    Attributes:
        name: What it binds, or None for ``import a.b`` where another ``import a.c`` has bound ``a``.
        importers: The module with the statement, or none when that is unknown.
        namespace: The globals of that module.
        file: The file with the statement, or None when that is unknown.
    """

    __slots__ = ("_proxy", "file")

    file: "str | None"

    def __init__(
        self,
        name: "str | None",
        target: str,
        proxy: object,
        declaration: Declaration,
        *,
        package: str,
        namespace: "dict[str, typing.Any]",
        file: "str | None",
    ) -> None:
        module = declaration.importers[0] if declaration.importers else ""
        self.name, self.targets, self.package, self.namespace, self.file = name, (target,), package, namespace, file
        self.registry, self.key, self.applies = "<native>", f"{module}: {name or target}", True
        self._proxy: typing.Any = proxy
        self._declaration = declaration

    @property
    def is_pending(self) -> bool:
        """Whether resolving has something to do, and its module is complete."""
        return not self._is_over and not is_unfinished(self.namespace)

    @property
    def is_unbound(self) -> bool:
        """The same: what it binds, it binds when it is imported."""
        return self.is_pending

    @property
    def state(self) -> "typing.Literal['failed', 'pending', 'resolved']":
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

    def _import(self) -> "typing.Any":
        """Import it and bind the name, unless the name has been bound to something else in the meantime."""
        if self._proxy is _RESOLVED:
            return self.namespace.get(str(self.name), sys.modules.get(self.module))
        value = watched(self, self._load)
        if self._proxy is not None:
            self._proxy = _RESOLVED
        return value

    def _load(self) -> "typing.Any":
        proxy = self._proxy
        module, _, attribute = self.targets[0].partition(":")
        try:
            if proxy is None:  # nothing is bound, or it came from another process
                value = __import__(module, None, None, [attribute or "__name__"])
                return getattr(value, attribute) if attribute else sys.modules[module]
            value = proxy.resolve()
            if not attribute and module not in sys.modules:  # import a.b: that was only a
                __import__(module)
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
        if (error.name, getattr(error, "name_from", None)) != (module, attribute):
            return None
        return None if is_unfinished(namespace_of(sys.modules.get(module))) else f"{attribute} of {module}"

    def _explain(self, what: str, error: ImportError) -> "typing.Any":
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

    def __reduce__(self) -> "tuple[typing.Any, ...]":
        said = {name: getattr(self, name) for name in Declaration.__slots__}
        return _received, (self.name, self.targets[0], said, self.package, self.file)

    def __repr__(self) -> str:
        what = f"{self.name} = {self.targets[0]}" if self.name else self.targets[0]
        return f"<NativeImport {self._importer}: {what} ({self.state})>"


def _received(
    name: "str | None", target: str, said: "dict[str, typing.Any]", package: str, file: "str | None"
) -> NativeImport:
    """Return the native import that another process has sent: here it is not bound, whatever it is there."""
    return NativeImport(name, target, None, Declaration(**said), package=package, namespace={}, file=file)
