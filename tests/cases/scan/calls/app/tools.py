import csv
import functools
import textwrap


def make(function):
    @functools.wraps(function)
    def call():
        return textwrap.TextWrapper()

    return call


class Registered:
    def __init_subclass__(cls):
        csv.list_dialects()
