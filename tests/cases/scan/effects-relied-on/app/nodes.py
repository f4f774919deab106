from . import grammar

grammar.fill()
