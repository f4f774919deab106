from . import commands, quiet
from .formats import csv, money, plain, web
from .formats.csv import Csv


def main():
    return commands, csv, money, plain, quiet, web, Csv
