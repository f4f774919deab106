"""Where what functions import comes from, and what to do when it is missing."""

import helper
import undeclared_at_the_top


def use():
    import colorama
    import google.cloud.storage.client
    import helper.more
    import matplotlib.pyplot
    import numpy
    import numpy.linalg
    import openpyxl
    import undeclared.part
    import win32api
    import yaml.nodes
    from numpy import ones
    from weather import part, posix, needs_charts, may_need_charts, fine  # those who need what may be missing are unsure
    from weather.charts import lines
    from . import _speedups


def optional():
    try:
        import undeclared_too
    except ImportError:
        pass
