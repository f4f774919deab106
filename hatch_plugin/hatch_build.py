"""Has the hook require the distribution that holds the core in the version of both, which stands there alone."""

from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Lockstep(MetadataHookInterface):
    """Fills in the dependencies (hatchling's metadata hook); an sdist has them in its PKG-INFO, and asks no more."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Require the core in the version that hatchling has read."""
        metadata["dependencies"] = [f"deferred-imports[build]=={metadata['version']}", "hatchling>=1.27"]
