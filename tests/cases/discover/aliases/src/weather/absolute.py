import weather
import weather._deferred
import weather._deferred as d
from weather import _deferred as e


def use():
    weather._deferred.np
    d.pd
    e.pl
    weather.plt  # through __getattr__ in the package
    weather.sp.other
    weather.nothing
