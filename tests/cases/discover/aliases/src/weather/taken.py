from ._deferred import np
from weather._deferred import pd as frames, undeclared
from weather import pl
from ._deferred import *


def use():
    from ._deferred import plt
