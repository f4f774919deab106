rules = {}


def add(name, rule):
    rules[name] = rule
