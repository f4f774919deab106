from . import both, left, right


def main():
    return both, left, right
