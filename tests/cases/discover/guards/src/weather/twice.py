"""Imports of the same under several guards: numpy.NAME is what comes of them."""

import sys

from . import linux


def first(value):
    if sys.platform == "win32":
        import numpy.everywhere
        import numpy.two_places
        import numpy.optional_in_one
        import numpy.optional_elsewhere
        import numpy.same
        from json import dumps
    else:
        from json import loads
    if sys.platform == "darwin":
        import numpy.two_places
        try:
            import numpy.optional_in_one
        except ImportError:
            pass
    if sys.version_info >= (3, 12) and sys.platform == "darwin":
        import numpy.joined


def second():
    import numpy.everywhere

    try:
        import numpy.optional_elsewhere
    except ImportError:
        pass
    if sys.platform == "win32":
        import numpy.same
    if sys.platform == "linux":
        import numpy.joined
