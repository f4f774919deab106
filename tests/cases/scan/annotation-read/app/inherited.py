from __future__ import annotations

import decimal
import fractions
import numbers

from . import base
from .base import Model, Table


class Price(Model):
    value: decimal.Decimal


class Row(Table):
    value: fractions.Fraction


class Other(base.Nothing):
    value: numbers.Number
