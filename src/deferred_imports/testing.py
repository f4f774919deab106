"""For tests of programs that defer imports: puts a registry back to where nothing is imported through it yet."""

from deferred_imports._entries import revive
from deferred_imports._registries import find_registries
from deferred_imports._selection import check_names, no_registry

__all__ = ["reset"]


def reset(*packages: str) -> None:
    """Make all names of registries pending again: the next access imports anew, from ``sys.modules`` as it is then.

    It undoes what a test has left behind: a name that was resolved while a mock stood in ``sys.modules``, was replaced,
    or was deleted. The modules themselves stay as they are.

    Args:
        packages: Import packages whose registries to reset, with all below them; all that are loaded if there is none.

    Raises:
        LookupError: when a package has no registry that is loaded.
        RuntimeError: when the registry of a package that is named is of a later format.
        ValueError: when a package is no name.
    """
    check_names(packages)
    registries = find_registries(packages)
    for package in packages:
        if not any(f"{registry.package}.".startswith(f"{package}.") for registry in registries):
            raise no_registry(package)
    for registry in registries:
        for entry in registry.entries:
            entry.namespace.pop(entry.key, None)
            prefix, dot, name = entry.key.rpartition(".")
            if dot:  # an export is bound in the module that offers it, too
                registry.module.__dict__.get("_attached", {}).get(prefix + dot, {}).pop(name, None)
            entry.forget()
        revive(registry.module.__dict__)
