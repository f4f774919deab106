from .shapes import area
from ._private import hidden as _hidden
from .shapes import volume


def total():
    return area(_hidden, volume)
