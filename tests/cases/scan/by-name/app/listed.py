import decimal


def use():
    return decimal.Decimal(1)


NAMES = [name for name in dir() if not name.startswith("_")]
