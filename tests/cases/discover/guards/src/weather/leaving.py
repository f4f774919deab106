import sys


def both_leave(value):
    if sys.platform == "win32":
        return None
    elif sys.platform == "darwin":
        return value
    import pandas.api  # optional, and never on Windows


def the_first_stays(value):
    if sys.platform == "win32":
        value += 1
    elif sys.platform == "darwin":
        return value
    import pandas.core


def or_else():
    if sys.platform == "linux":
        value = 1
    else:
        raise OSError
    import pandas.io


def asserts():
    assert sys.platform in ("linux", "darwin")
    import pandas.arrays


def loops():
    for _ in "":
        if sys.platform != "win32":
            continue
        import pandas.tseries
    import pandas.errors
