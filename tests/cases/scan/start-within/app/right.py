from . import deep


def use():
    return deep
