import functools

import click


class Registry:
    def __init__(self):
        self.known = {}

    def register(self, function):
        self.known[function.__name__] = function


class Format:
    known = []

    def __init_subclass__(cls):
        cls.known.append(cls)


registry = Registry()
settings = {}
cli = click.Group()


@functools.singledispatch
def show(value): ...


def cached(function):
    return function
