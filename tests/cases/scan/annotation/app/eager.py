import decimal
import fractions
import textwrap


def price(value: decimal.Decimal, other: "fractions.Fraction") -> None:
    local: textwrap.TextWrapper = value
    return fractions.Fraction(local)


def late():
    return decimal.Decimal(), textwrap.TextWrapper()
