import sys

if sys.platform != "linux":
    raise ImportError("for Linux only")


def read():
    import numpy.linux
