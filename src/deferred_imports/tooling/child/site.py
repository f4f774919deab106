"""Runs as `sitecustomize` in every interpreter that a tool starts: runs the payload beside it, then gives way.

A copy of this file lies in a directory on PYTHONPATH, with the tool's own module as `deferred_imports_payload`, whose
`main()` is called before anything of the program runs. See `customize`.
"""

import os
import sys


def main() -> None:
    """Run the payload, then the `sitecustomize` that this one has hidden."""
    here = os.path.dirname(os.path.abspath(__file__))
    __import__("deferred_imports_payload").main()
    if here in sys.path:
        sys.path.remove(here)
    mine = sys.modules.pop("sitecustomize", None)
    try:
        __import__("sitecustomize")
    except ModuleNotFoundError as error:
        if error.name != "sitecustomize":
            raise
    finally:
        if mine is not None:  # the import system looks for what it has just loaded
            sys.modules.setdefault("sitecustomize", mine)


if __name__ == "sitecustomize":
    main()
