import sys

from . import heavy, light, plot


def main():
    return sys, heavy.VALUE, light.VALUE


def draw():
    return plot.VALUE


class Plot(plot.Base): ...
