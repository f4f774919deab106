"""Run time: imports what functions import, and falls back as their code does; registries import what has a name."""

from deferred_imports._cpython import is_executing

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    typing, _entries = _named("typing", "deferred_imports._entries")
if TYPE_CHECKING:
    import typing

    from deferred_imports import _entries


def import_unnamed(entry: "_entries.DeferredImport", registry: "dict[str, typing.Any]") -> "typing.Any":
    """Import the first candidate that is there, and bind it in the registry, so that it is known to be resolved.

    Args:
        entry: An entry without a name.
        registry: The globals of its registry, which knows how to import.

    Returns:
        The module, or the attribute of it.

    Raises:
        ImportError: when none of the candidates is there, with the remedy; and what the code does not catch either.
    """
    # Each candidate but the last stands in an `except ImportError` as long as nothing else is said.
    usual = "|".join(["ImportError"] * (len(entry.targets) - 1))
    caught = registry["__deferred_imports__"].get("caught", {}).get(entry.key, usual)
    absent: list[BaseException] = []
    try:
        for target, kinds in zip(entry.targets, f"{caught}|".split("|"), strict=False):  # of a single one, none
            try:
                value, is_whole = _import(target, entry.package, registry)
            except BaseException as error:
                is_absent = _is_absent(error, target)
                if is_absent:
                    absent.append(error)
                if _is_caught(error, kinds):
                    continue
                if is_absent:
                    break
                raise  # it is there, and fails
            if is_whole:  # otherwise it may still fail, so the next call asks again
                registry[entry.key] = value
            return value
        raise registry["_failure"](entry.key, absent, f"in a function of {' and '.join(entry.importers)}")
    finally:
        absent.clear()  # the tracebacks in it lead here


def _import(target: str, package: str, registry: "dict[str, typing.Any]") -> "tuple[typing.Any, bool]":
    """Import a target; of a module of the package, take what `from package import module` gives.

    The package may have another thing of that name, in whose place importing the module would put it.
    """
    parent, _, name = target.rpartition(".")
    if not f"{parent}.".startswith(f"{package}.") or ":" in target:
        value, is_whole = registry["_import_target"](target)
        return value, is_whole
    try:
        value, _ = registry["_import_target"](f"{parent}:{name}")
    except ModuleNotFoundError as error:
        if error.name == f"{parent}:{name}":
            error.name = target
        raise
    return value, not is_executing(getattr(value, "__spec__", None))


def _is_absent(error: BaseException, target: str) -> bool:
    """Tell whether what a target names is not there: a module or, as a registry says it, an attribute of one."""
    return isinstance(error, ModuleNotFoundError) and f"{target}:".startswith((f"{error.name}.", f"{error.name}:"))


def _is_caught(error: BaseException, kinds: str) -> bool:
    """Tell whether the function with this import catches the error, and imports the next candidate."""
    import builtins

    if isinstance(error, ModuleNotFoundError) and ":" in str(error.name):
        error = ImportError()  # what `from module import attribute` raises
    return isinstance(error, tuple([getattr(builtins, kind) for kind in kinds.split()]))
