from . import tools


def use():
    return tools
