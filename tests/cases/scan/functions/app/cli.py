import json
import os.path
import xml.dom
from decimal import Decimal as D


def main(argv=None, *, os=None):
    return json.dumps(argv)


async def later():
    return lambda: json.loads(D("1"))


class Shown:
    def __str__(self):
        return os.path.join(xml.dom.Node)
