"""Sources that cannot be read are left out, and the others are read all the same."""


def use():
    import csv
    from . import syntax
