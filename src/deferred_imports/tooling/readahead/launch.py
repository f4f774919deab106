"""Starts commands whose Pythons first run a module of ours, whatever the program: through `sitecustomize`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from deferred_imports.tooling.child import site as site_child
from deferred_imports.tooling.project.temporary import temporary_directory


@contextmanager
def customized(payload: ModuleType, **beside: ModuleType) -> Iterator[tuple[Path, dict[str, str]]]:
    """Make a directory with the payload, and yield it with the variables that let every Python run it.

    Args:
        payload: A module with `main()`. A copy of its file runs, so it must not import what it is packaged with.
        beside: Modules that it imports, by the name under which it does.
    """
    with temporary_directory() as directory:
        modules: Mapping[str, ModuleType] = {
            "sitecustomize": site_child,
            "deferred_imports_payload": payload,
            **beside,
        }
        for name, module in modules.items():
            shutil.copyfile(str(module.__file__), Path(directory, f"{name}.py"))
        before = os.environ.get("PYTHONPATH")
        yield directory, {"PYTHONPATH": os.pathsep.join([str(directory), *([before] if before else [])])}
