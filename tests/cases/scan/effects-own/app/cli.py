from . import abstract, calling, closing, console, library, numbers, saying, warned


def use():
    return abstract, calling, closing, console, library, numbers, saying, warned
