import os
import platform
import sys
from platform import system


def registry(value):
    if sys.platform == "win32":
        import winreg
    elif sys.platform == "darwin":
        import plistlib
    elif value:
        import numpy.elsewhere
    else:
        import configparser


def nested(value):
    if os.name == "nt":
        if sys.version_info >= (3, 12):
            import numpy.both
        import numpy.outer
        for _ in value:
            with value:
                import numpy.inner
    if not (platform.system() == "Linux" or system() == "Darwin"):
        import numpy.neither
    if platform.system() in ("Linux", "Darwin") and os.name == "posix":
        import numpy.parentheses


def with_the_program(value):
    if value and sys.platform == "win32":
        import numpy.some  # required there: the rest depends on the program alone
    else:
        import numpy.other  # optional: nobody knows where
    if value or sys.platform == "win32":
        import numpy.more  # optional
    else:
        import numpy.less  # required where it is not Windows


def caught():
    if sys.platform == "win32":
        try:
            import numpy.caught
        except ImportError:
            pass
        try:
            import numpy.fast as np
        except ImportError:
            import numpy.slow as np


if sys.platform == "win32":

    def console():
        import win32api


    class Console:
        def open(self):
            import numpy.console


def what_no_marker_tells():
    if sys.platform.startswith("free"):
        import numpy.free
    if sys.getwindowsversion().major > 6:
        import numpy.windows
    if platform.release() == "6.1":
        import numpy.release
    if system().lower() == "linux":
        import numpy.lower
