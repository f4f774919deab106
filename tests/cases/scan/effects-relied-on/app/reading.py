from . import table


def read():
    return table.rules
