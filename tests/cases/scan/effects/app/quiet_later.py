import atexit
import os


def later():
    os.environ['A'] = '1'
    atexit.register(later)
