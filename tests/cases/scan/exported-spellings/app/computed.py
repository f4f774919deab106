from decimal import Decimal
from fractions import Fraction as _Fraction

from .elsewhere import names

__all__ = [name for name in names]


def use():
    return Decimal, _Fraction
