from . import plugin, reading


def use():
    return plugin, reading
