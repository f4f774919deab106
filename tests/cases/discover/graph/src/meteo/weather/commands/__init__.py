from .plot import run
from . import report
NAME = "commands"
