from . import there

import there_is_no_such_module


def main():
    return there, there_is_no_such_module
