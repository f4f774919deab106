from .exported import *
