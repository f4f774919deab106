import csv
import json as json
from decimal import Decimal
from fractions import Fraction
import io

__all__ = ["area", "Fraction"]


def area():
    return csv, json, Decimal, Fraction, io


def volume(): ...
