import importlib


def parse():
    importlib.import_module('app.named')
