import decimal

from ..core import show


@show.register
def _(value: decimal.Decimal): ...
