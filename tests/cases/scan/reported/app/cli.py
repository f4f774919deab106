from decimal import Decimal

import json

from . import tools


def use():
    return json, tools, Decimal
