from . import grammar, nodes


def parse():
    return grammar.rules, nodes
