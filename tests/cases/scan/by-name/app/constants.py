import csv
import decimal
import fractions
import json
import wave


def use():
    return csv, decimal, fractions, json, wave


def found():
    return globals()["csv"], eval("decimal.Decimal(1)"), "fractions" in globals()
