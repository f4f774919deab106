from . import circle
from .circle import circumference
from ..shapes import area
from ..shapes import volume


def use():
    return area()


def around():
    return circumference(), circle
