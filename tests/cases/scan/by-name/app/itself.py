import decimal
import sys


def use():
    return decimal.Decimal(1)


def find(name):
    return getattr(sys.modules[__name__], name)
