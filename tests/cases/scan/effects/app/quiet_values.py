import decimal
import re

PATTERN = re.compile('a')
CONTEXT = decimal.Context()
CONTEXT.prec = 3
