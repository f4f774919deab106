def one():
    from . import _deferred as d

    return d.np


def two():
    from weather import _deferred

    short = _deferred
    shorter = short
    return shorter.pd


class Three:
    registry: object

    def __init__(self):
        import weather._deferred

        whole = weather
        if found := whole._deferred:
            found.pl
        annotated: object = found
        annotated.plt


four = lambda d: getattr(d, "sp"), hasattr(d, "report"), getattr(d, "n" + "p")


class Five:
    from . import _deferred as f

    six = getattr(f, "sp"), hasattr(f, "report"), getattr(f, "n" + "p")

    def seven(self, f):
        return f.items(), [f.values() for f in ()], f.keys()


def eight(d):
    return d.items() + short.values()
