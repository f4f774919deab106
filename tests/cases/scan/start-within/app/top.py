from . import left, right


def use():
    return left, right
