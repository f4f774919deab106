from . import deep, shared

VALUE = deep


def use():
    return shared
