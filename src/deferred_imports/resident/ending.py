"""The end of a child: what the program has loaded for all calls is left to the system, the rest ends as ever.

Taking down thousands of modules takes longer than many a call, and has no visible effect, unless something with a
destructor is among them.
"""

import atexit
import gc
import io
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WRITERS = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
_GENERATORS = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)

# A ring that the garbage collector does not see once it is frozen: what it holds lives as long as the process.
_kept: "list[Any]" = []
_kept.append(_kept)
_names: "frozenset[str]" = frozenset()
_NEEDED = frozenset(("sys", "builtins", "__main__"))  # by the interpreter, which has its own order for them


def prepare() -> None:
    """Have the end of each child prepared: call it before the program registers what is to be done at exit."""
    atexit.register(_leave)


def hold() -> None:
    """Remember what is loaded now, unless its end could be seen; before `gc.freeze`."""
    global _names  # noqa: PLW0603 - it is found out once
    if not any(map(_has_destructor, {type(item) for item in gc.get_objects()})):
        _names = frozenset(sys.modules) - _NEEDED


def keep(item: object) -> None:
    """Keep something of ours as long as the process lives."""
    _kept.append(item)


def _has_destructor(kind: "Any") -> bool:
    """Tell whether a class defines a destructor in Python."""
    return any("__del__" in vars(base) and hasattr(vars(base)["__del__"], "__code__") for base in kind.__mro__)


def _leave() -> None:
    """Take what was held out of what the interpreter is about to take down, the last thing at exit."""
    if not _names or not _is_quiet():
        gc.unfreeze()  # as if nothing had been loaded before: destructors see what they would see
        return
    rest = {name: module for name, module in sys.modules.items() if name not in _names}
    keep(sys.modules.copy())
    sys.modules.clear()
    sys.modules.update(rest)


def _is_quiet() -> bool:
    """Write what is in buffers; tell whether nothing that the call has made does anything when it is taken down."""
    new: list[Any] = list(gc.get_objects())
    if any(map(_has_destructor, {type(item) for item in new})):
        return False
    for item in new:
        if isinstance(item, _GENERATORS):
            return False
        if isinstance(item, _WRITERS) and not item.closed:
            try:
                item.flush()
            except (OSError, ValueError):
                return False
    return True
