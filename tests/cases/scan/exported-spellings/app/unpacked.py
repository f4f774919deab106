from decimal import Decimal

from .elsewhere import attach

__getattr__, __dir__, __all__ = attach()


def use():
    return Decimal
