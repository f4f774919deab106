from . import inner


def use():
    return inner


VALUE = 1
