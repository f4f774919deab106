import numpy.early

from ._deferred import __lazy_modules__
import numpy as np
import numpy.other  # not the module that is listed
from pandas import Series
import scipy.linalg
from scipy import linalg  # asks for scipy, which is not listed
from .report import render
from . import report  # asks for weather
from polars import *  # never lazy

if np:
    import polars

try:
    import numpy
except ImportError:
    import pandas
else:
    import pandas


class Class:
    import pandas


def function():
    import pandas
