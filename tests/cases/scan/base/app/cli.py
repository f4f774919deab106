import abc
import argparse
import collections


class Parser(argparse.ArgumentParser, metaclass=abc.ABCMeta):
    pass


class Table(collections.OrderedDict[str, int]):
    pass
