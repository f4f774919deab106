import csv
import decimal  # deferred-imports: keep -- users have told us to
import json  # deferred-imports: keep
import string  # deferred-imports: keep -- it is a base class anyway
import wave
from fractions import (
    Fraction,  # deferred-imports: keep -- part of the statement
)


class Format(string.Formatter): ...


def use():
    return csv, decimal, json, wave, Fraction
