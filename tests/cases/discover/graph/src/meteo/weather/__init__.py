from . import units
from .commands import plot


def later():
    from ..other import something
    from .... import beyond
