"""Run time: obeys the variables of the environment for a registry that is being imported; registries call this."""

import os
import sys


def obey(registry: str) -> None:
    """Do what the environment, or a call of ``force_eager()``, asks for.

    Args:
        registry: The name of the registry, which stands in ``sys.modules``; otherwise somebody only reads it.
    """
    if registry not in sys.modules:
        return
    if os.environ.get("PYDEFER_TRACE"):
        __import__("deferred_imports._watching")  # once it is there, registries tell it of each resolution
    if os.environ.get("PYDEFER_PREFETCH"):
        from deferred_imports.prefetch import prefetch

        prefetch()
    if os.environ.get("PYDEFER_EAGER") or "deferred_imports._eager" in sys.modules:
        from deferred_imports._eager import registry_loaded

        registry_loaded(registry)
