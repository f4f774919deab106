"""The names of modules, as text: what lies in what. Imports nothing of ours."""

from __future__ import annotations

from itertools import accumulate


def with_parents(module: str) -> list[str]:
    """Return the names of a module's packages, outermost first, and its own."""
    return list(accumulate(module.split("."), lambda parent, name: f"{parent}.{name}"))


def parents(module: str) -> list[str]:
    """Return the packages that a module lies in, the innermost first."""
    return with_parents(module)[-2::-1]


def lies_in(module: str, package: str) -> bool:
    """Tell whether a module is a package, or lies in it."""
    return f"{module}.".startswith(f"{package}.")
