import decimal


def use():
    return decimal.Decimal(1)


def define(name, value):
    globals()[name] = value
    return dir(value), vars(value), locals(), eval("1 + 1", {}), getattr(value, name)
