import contextlib


def optional(value):
    try:
        import numpy.a
    except ImportError:
        numpy = None
    try:
        if value:
            with open(value):
                import numpy.b
    except (ValueError, ModuleNotFoundError):
        pass
    try:
        import numpy.c
    except Exception:
        pass
    try:
        import numpy.d
    except:
        raise RuntimeError("install numpy")
    try:
        import numpy.e
    except BaseException:
        pass
    else:
        import numpy.e2  # reached with numpy only
    finally:
        import numpy.required1
    with contextlib.suppress(ImportError, OSError):
        import numpy.f
    try:
        import numpy.required2
    except OSError:
        import numpy.required3
    try:
        def later():
            import numpy.required4
    except ImportError:
        import numpy.g  # in a handler
        import numpy.h


try:
    import pandas.top

    def function():
        import pandas.required
except ImportError:
    pass


def both():
    try:
        import numpy.twice
    except ImportError:
        pass


def both_again():
    import numpy.twice  # required, so the entry is
