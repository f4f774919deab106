import decimal
import fractions
import json
import statistics

from .tools import Registered, make


def settings():
    return load()


def load():
    return json.loads("1")


def never():
    return statistics.mean([1])


class Price(Registered):
    def __init__(self):
        self.value = self.zero()

    def zero(self):
        return decimal.Decimal(0)


SETTINGS = settings()
PRICE = Price()


@make
def made():
    return fractions.Fraction(1)
