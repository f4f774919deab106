from contextlib import suppress

try:
    import tomllib
except ImportError:
    import tomli as tomllib

try:
    import csv
finally:
    pass

with suppress(ImportError):
    import json


class Names:
    import decimal


def use():
    return tomllib, csv, json, Names.decimal
