"""The registration: every build in the environment loads it, using the hook or not, so it does nothing else."""

from hatchling.plugin import hookimpl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .build_hook import DeferredImportsBuildHook


@hookimpl
def hatch_register_build_hook() -> "type[DeferredImportsBuildHook]":
    """Return the hook's class to hatchling."""
    from .build_hook import DeferredImportsBuildHook

    return DeferredImportsBuildHook
