"""Run time: obeys the variables of the environment for a registry that is being imported; registries call this."""

import os
import sys

TYPE_CHECKING = False
if not TYPE_CHECKING:  # what the annotations name
    from deferred_imports import _named

    (abc,) = _named("collections.abc")
if TYPE_CHECKING:
    from collections import abc


def obey(registry: str) -> None:
    """Do what the environment, or a call of ``force_eager()``, asks for.

    Args:
        registry: The name of the registry, which stands in ``sys.modules``; otherwise it is only being read.
    """
    if registry not in sys.modules:
        return
    if os.environ.get("PYDEFER_TRACE"):
        _do("PYDEFER_TRACE", _trace)
    if os.environ.get("PYDEFER_PREFETCH"):
        _do("PYDEFER_PREFETCH", _read_ahead)
    if os.environ.get("PYDEFER_EAGER") or "deferred_imports._eager" in sys.modules:
        _do("PYDEFER_EAGER", lambda: _resolve(registry))


def _do(variable: str, act: "abc.Callable[[], object]") -> None:
    """Do what a variable asks for; where a frozen program lacks a part of this package, say so and go on."""
    try:
        act()
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("deferred_imports."):
            raise
        import warnings

        text = f"{variable} is set, but {error.name}, which obeys it, is not there"
        warnings.warn(f"{text}: install deferred-imports, or build it in", RuntimeWarning, stacklevel=4)


def _trace() -> None:
    __import__("deferred_imports._watching")  # once it is there, registries tell it of each resolution


def _resolve(registry: str) -> None:
    from deferred_imports._eager import registry_loaded

    registry_loaded(registry)


def _read_ahead() -> None:
    """Have the record read that the variable names; say once when there is none."""
    from deferred_imports.prefetch import HEADER, VARIABLE, prefetch

    status = prefetch()
    why = status.why if status.status == "nothing recorded" else ""
    if status.status == "started":
        try:
            with open(status.record, "rb") as file:
                why = "" if file.read(len(HEADER)) == HEADER.encode() else "it is something else"
        except OSError as error:
            why = str(error)
    if why and status.record not in _said:
        import warnings

        from deferred_imports._entries import quoted

        _said.add(status.record)
        text = f"{VARIABLE}={quoted(os.environ[VARIABLE])}: expected the path of a record, got none: {why}"
        remedy = '"deferred-imports record -- COMMAND" writes one'
        warnings.warn(f"{text}; {remedy}", RuntimeWarning, stacklevel=5)


_said: "set[str]" = set()
