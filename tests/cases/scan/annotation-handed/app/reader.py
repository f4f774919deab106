import typing


def reading(function):
    typing.get_type_hints(function)
    return function
