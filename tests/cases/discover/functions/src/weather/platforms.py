import os
import platform
import sys
from sys import version_info

from weather import compat
from weather.compat import PY311, WINDOWS as ON_WINDOWS

OLD: bool = sys.version_info < (3, 12)
posix = not (os.name == "nt")


def conditions(value):
    if sys.platform == "win32":
        import numpy.core
    elif value:
        import numpy.fft  # on other platforms
    if version_info >= (3, 11) and value:
        import numpy.ma
    if OLD:
        import numpy.random
    if not posix:
        import numpy.lib
    if ON_WINDOWS:
        import numpy.ctypeslib
    if compat.WINDOWS or PY311:
        import numpy.char
    if platform.system() in ("Linux", "Darwin"):
        import numpy.rec
    match sys.platform:
        case "darwin":
            import numpy.dtypes
    here = platform.machine() == "arm64"
    if here:
        import numpy.exceptions
    if value:
        import numpy.polynomial  # required: this depends on the program alone
    value.platform = compat.NAME
    if compat.NAME:
        import numpy.testing  # required, too


def leaves_early():
    if sys.platform != "linux":
        raise OSError
    import pandas.io


def asserts():
    assert sys.platform == "linux"
    import pandas.api


def loops():
    for _ in "":
        if os.name == "posix":
            continue
        import pandas.arrays
    import pandas.tseries  # required


if WINDOWS_ONLY := sys.platform == "win32":

    def defined_there_only():
        import pandas.plotting


if sys.version_info < (3, 8):
    raise RuntimeError("too old")
assert version_info >= (3, 8)


def modern():
    if sys.version_info < (3, 9):
        return
    import pandas.errors  # required: Pythons that are too old do not matter


def by_its_nature():
    import fcntl, msvcrt, tomllib, asyncio.windows_events
    import zoneinfo  # required: every Python has it
