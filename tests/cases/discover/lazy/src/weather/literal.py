import pandas

__lazy_modules__ = ["numpy", "csv"]
import numpy
import csv
import json

__lazy_modules__ = frozenset({"json"})
import numpy
import json
