from . import top


def use():
    return top
