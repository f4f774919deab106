import decimal


def use():
    return decimal.Decimal(1)


def run(text):
    return eval(text)
