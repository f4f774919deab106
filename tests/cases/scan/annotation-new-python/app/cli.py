import decimal


def price(value: decimal.Decimal) -> None: ...
