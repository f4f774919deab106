from ..shapes import area
from ..shapes import volume


def use():
    return area()
