import csv
import functools
import io


def make(function):
    @functools.wraps(function)
    def call():
        return io.StringIO()

    return call


class Registered:
    def __init_subclass__(cls):
        csv.list_dialects()
