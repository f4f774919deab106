import os


def prepare():
    return inner()


def inner():
    os.environ['A'] = '1'
    return True
