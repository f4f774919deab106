import csv
import decimal
import fractions
import json
import string
import textwrap
import threading
import wave


class Meta(type):
    def __new__(cls, name, bases, space):
        fractions.Fraction(1)
        return super().__new__(cls, name, bases, space)


class Base(metaclass=Meta): ...


class Derived(Base): ...


ONE = (lambda: decimal.Decimal(1))()


def work():
    return json.dumps([])


threading.Thread(target=work).start()


def key(value):
    return string.capwords(value)


SORTED = sorted(["a"], key=key)
LATER = [lambda: wave.open]


def factory(value):
    def decorate(function):
        csv.reader([])

        def wrapped():
            return textwrap.dedent("")

        return wrapped

    return decorate


@factory(1)
def decorated(): ...
