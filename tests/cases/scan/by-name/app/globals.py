import decimal


def use():
    return decimal.Decimal(1)


def find(name):
    return globals()[name]
