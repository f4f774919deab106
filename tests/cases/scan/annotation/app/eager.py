import decimal
import fractions
import io


def price(value: decimal.Decimal, other: "fractions.Fraction") -> None:
    local: io.StringIO = value
    return fractions.Fraction(local)


def late():
    return decimal.Decimal(), io.StringIO()
