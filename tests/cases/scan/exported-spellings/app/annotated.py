from decimal import Decimal
from fractions import Fraction

__all__: list[str] = ["Decimal", "use"]


def use():
    return Decimal, Fraction
