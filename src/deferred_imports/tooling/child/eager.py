"""Imports a package, resolves all that it defers, and writes down what fails; `check/eager.py` runs this by its path.

The arguments: the file for the report, the package, the directory that holds our own package, and the directories that
come first and last on `sys.path`, each separated by `os.pathsep`. Of our own package only itself is lent: what else is
installed beside it shall not stand in for what the program lacks.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def main(report: str, package: str, ours: str, before: str, after: str) -> None:
    """Write the report: whether the package could be imported, and what became of its deferred imports."""
    sys.path[:1] = [place for place in before.split(os.pathsep) if place]
    sys.path += [place for place in after.split(os.pathsep) if place and place not in sys.path]
    runtime = _runtime(ours)
    found: dict[str, Any] = {"error": None, "failed": [], "resolved": 0}
    try:
        __import__(package)
    except BaseException as error:  # noqa: BLE001 - whatever it does, it is reported
        found["error"] = f"{type(error).__name__}: {error}"
    else:
        resolution = runtime.resolve_now(package, on_error="report")
        found["resolved"] = len(resolution.resolved)
        found["failed"] = [_plain(item, "missing") for item in resolution.missing]
        found["failed"] += [_plain(item, "broken") for item in resolution.broken]
    import json

    with open(report, "w", encoding="utf-8", errors="backslashreplace") as file:
        json.dump(found, file)
    sys.stderr.flush()
    os._exit(0)  # threads and exit handlers of what was imported shall not hold us up


def _runtime(ours: str) -> "ModuleType":
    """Return the runtime that the program has, else ours, which is lent for this."""
    try:
        import deferred_imports
    except ModuleNotFoundError:
        sys.path.append(ours)
        import deferred_imports

        sys.path.remove(ours)
    return deferred_imports


def _plain(item: "Any", kind: str) -> "dict[str, object]":
    return {
        "kind": kind,
        "name": item.entry.name,
        "targets": list(item.entry.targets),
        "optional": bool(item.entry.optional),
        "said": str(item),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
