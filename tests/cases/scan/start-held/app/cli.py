from .shim import light, heavy


class Thing(heavy): ...


def use():
    return light
