import csv
import json
import sys
import wave
from abc import ABC
from decimal import Decimal

if sys.version_info >= (3, 9):
    from functools import cache
else:

    def cache(function):
        return function


if sys.version_info >= (3, 11):
    from asyncio import Runner
else:

    class Runner: ...


try:
    sys.intern("a")
except ValueError as wave:
    pass

match sys.argv:
    case [json]:
        pass


def again():
    global csv

    def csv(): ...


class Holder:
    Decimal = 1


def use():
    return csv, json, wave, cache, Runner, Decimal, ABC
