from . import plugin, table


def load():
    return plugin, table.rules
