from . import under


def use():
    return under
