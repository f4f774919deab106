import csv
import json
import string
import textwrap
import wave
from decimal import Decimal
from fractions import Fraction

from . import annotated

_NAMES = ["csv", "json"]
__all__ = _NAMES + ["string"]
__all__ += ["wave"]
__all__.append("textwrap")
__all__.extend(annotated.__all__)


def use():
    return csv, json, string, textwrap, wave, Decimal, Fraction
