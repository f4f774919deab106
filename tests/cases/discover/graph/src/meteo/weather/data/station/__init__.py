from . import codes
from .codes import *


def function():
    from .. import station  # itself
    from ... import units
