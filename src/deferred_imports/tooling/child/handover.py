"""Runs in the interpreter of a project's environment: lends it the command, with what that needs, and starts it.

The arguments: what is lent, as JSON from the names of packages to the directories that they are in, and those of the
command. Nothing else of the lender's environment can be imported, so that what is installed here is what is installed.
"""

import sys
from _frozen_importlib_external import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


class Lender:
    """A finder for what is lent, which comes before what is installed."""

    def __init__(self, lent: "dict[str, str]") -> None:
        self.lent = lent

    def find_spec(self, name: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        """Find a package that is lent; what is in it, the others find."""
        return PathFinder.find_spec(name, [self.lent[name]]) if path is None and name in self.lent else None


def main() -> int:
    """Run the command, and return its exit code."""
    import json

    if not getattr(sys.flags, "safe_path", False):  # where this file lies
        del sys.path[0]
    sys.meta_path.insert(0, Lender(json.loads(sys.argv.pop(1))))
    run = __import__("deferred_imports.tooling.cli", fromlist=["main"]).main
    code: int = run(sys.argv[1:], here=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
