"""The environment that is asked what is installed: that of this interpreter, without what was lent to run the command.

The command runs in the interpreter of the project's environment, so this is the one; see `cli.environment`.
"""

from __future__ import annotations

import sys
from collections.abc import Container
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from deferred_imports import _finding
from deferred_imports._finding import Known


def find_spec(name: str, known: Known | None = None) -> ModuleSpec | None:
    """Return the spec that importing a module would use in this environment; execute nothing.

    Args:
        name: The absolute name of the module.
        known: What the caller has found before; it becomes more.
    """
    if name.partition(".")[0] not in _lent():
        return _finding.find_spec(name, known)
    spec, path = None, None
    parts = name.split(".")
    for index in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: index + 1]), path)
        if spec is None or (spec.submodule_search_locations is None and index + 1 < len(parts)):
            return None
        path = list(spec.submodule_search_locations or ())
    return spec


def here() -> str:
    """Return what a user calls this environment: its directory, from here if it is below, else its interpreter."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    prefix = Path(sys.prefix)
    try:
        return prefix.relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError):
        return str(prefix)


def _lent() -> Container[str]:
    for finder in sys.meta_path:
        if (lent := getattr(finder, "lent", None)) is not None and type(finder).__name__ == "Lender":
            return lent if isinstance(lent, dict) else ()
    return ()
