names = ["Decimal"]
