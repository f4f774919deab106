import csv
import textwrap


def use():
    return csv, textwrap
