import decimal
import json
import logging
import re
import string

log = logging.getLogger(__name__)


class Price:
    zero = decimal.Decimal(0)

    def text(self):
        return json.dumps(self)


if re.match("a", "b"):
    json = None

names = [string for string in ()]


def letters():
    return string.ascii_letters
