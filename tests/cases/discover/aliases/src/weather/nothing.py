import typing

import other._deferred
from other import _deferred as d

if typing.TYPE_CHECKING:
    from . import _deferred


def use(value: "_deferred.np"):
    _deferred.np
    other._deferred.pd
    d.pl
    value._deferred.plt
    [].sp


if __name__ == "__main__":
    from weather import _deferred as r

    r.sp
