"""With a
lazy import in its text.
"""

lazy import numpy
lazy from pandas import Series; lazy import json; import csv
if Series:
    lazy import scipy.linalg
name = "é"; lazy import polars
lazy = 1
lazy


def lazy_import():
    lazy = name
    import pandas
