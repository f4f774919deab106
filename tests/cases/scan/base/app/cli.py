import enum
import argparse
import collections


class Parser(argparse.ArgumentParser, metaclass=enum.EnumMeta):
    pass


class Table(collections.OrderedDict[str, int]):
    pass
