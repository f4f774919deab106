from . import core

core.value = 2
