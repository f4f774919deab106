from decimal import Decimal, Context  # noqa: F401
from fractions import Fraction as F, Fraction as G


def use():
    return Decimal(1), F


class Kept(G): ...
