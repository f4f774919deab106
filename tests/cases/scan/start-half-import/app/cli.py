from . import heavy


def main():
    return heavy
