import typing
import typing as t
from typing import TYPE_CHECKING
from typing import TYPE_CHECKING as CHECKED

MYPY = False

if TYPE_CHECKING:
    import array
elif CHECKED:
    import bisect
elif t.TYPE_CHECKING:
    import calendar
else:
    import base64  # runs

if not typing.TYPE_CHECKING:
    import binascii  # runs
else:
    import cmath

if MYPY:
    import colorsys
if False:
    import contextvars
if 0:
    import copy
if True:
    import datetime  # runs
if TYPE_CHECKING and typing:
    import difflib
if TYPE_CHECKING or typing:
    import doctest  # may run
if not (TYPE_CHECKING or False):
    import fileinput  # runs


def function(value):
    if TYPE_CHECKING:
        import filecmp
    else:
        import fnmatch  # deferred
    if not TYPE_CHECKING and value:
        import getopt  # deferred
    return value
