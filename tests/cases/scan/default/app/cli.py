import decimal
import fractions


def price(value=decimal.Decimal(0), *, part=lambda: fractions.Fraction(1)):
    return value
