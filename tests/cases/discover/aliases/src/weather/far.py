from . import starred, exported as ex
from .exported import registry
from .starred import alias as other
import weather.exported


def use():
    registry.np
    other.pd
    ex.alias.pl
    starred.registry.plt
    weather.exported.registry.sp
    weather._deferred.report.render()
