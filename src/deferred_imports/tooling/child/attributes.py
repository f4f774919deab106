"""Looks for attributes of modules of the standard library, and writes down those that are not there; run by its path.

The arguments: the file for the report, then references, each `module:attribute`. A module that cannot be imported here
is left out: it is missing, or of another system.
"""

import sys

# What they do when they are imported nobody has asked for.
_NOT_IMPORTED = {"antigravity", "this"}


def main(report: str, *references: str) -> None:
    """Write the report: each reference that leads nowhere, with the names that its module has."""
    lacking = {}
    for reference in references:
        names = _lacks(reference)
        if names is not None:
            lacking[reference] = names
    import json

    with open(report, "w", encoding="utf-8") as file:
        json.dump(lacking, file)


def _lacks(reference: str) -> "list[str] | None":
    """Return what the module has where it lacks the attribute, or None where it has it or that is not known."""
    module, _, attribute = reference.partition(":")
    if module in _NOT_IMPORTED:
        return None
    try:
        found = __import__(module, None, None, ["__name__"])
    except BaseException:  # noqa: BLE001 - a module that fails here says so to those who use it
        return None
    for name in attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            try:
                __import__(f"{module}.{attribute}")
            except ImportError:
                return dir(found)
            return None
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
