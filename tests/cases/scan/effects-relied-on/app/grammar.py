rules = {}


def fill(path=None):
    rules.update(start=1)


def add(name, rule):
    rules[name] = rule
