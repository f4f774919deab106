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
