from . import _deferred as d

try:
    __lazy_modules__ = d.__lazy_modules__ | {"csv"}
except ImportError:
    __lazy_modules__ = ()
import numpy, csv
