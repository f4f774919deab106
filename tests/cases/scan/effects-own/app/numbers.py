from . import names

EXTRA: int = 153
names.table[EXTRA] = 'extra'
