import csv
import json as json
from decimal import Decimal
from fractions import Fraction
import textwrap

__all__ = ["area", "Fraction"]


def area():
    return csv, json, Decimal, Fraction, textwrap


def volume(): ...
