import sys
from sys import version_info

if sys.version_info < (3, 8):
    raise RuntimeError("too old")


def read():
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib


def read_early():
    if version_info[:2] > (3, 13):
        from compression import zstd

        return zstd
    import numpy.zstd

    return numpy.zstd


def in_steps():
    if version_info >= (3, 14):
        import numpy.new
    elif version_info >= (3, 12, 3):
        import numpy.middle
    else:
        import numpy.old


def raises():
    if sys.version_info < (3, 10):
        raise RuntimeError
    import numpy.supported  # everywhere where the package is


def what_no_marker_tells():
    if sys.hexversion >= 0x030B0000:
        import numpy.hexversion
    if sys.version_info.minor > 10:
        import numpy.minor
    if sys.version_info.minor > 10:
        return
    import numpy.after  # required, as before
