from . import grammar, nodes, parsing


def main(path):
    grammar.fill(path)
    return nodes, parsing
