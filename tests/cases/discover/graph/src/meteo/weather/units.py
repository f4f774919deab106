from . import __version__  # of the package, which is no edge
import meteo.weather
import meteo.weather.data.station.codes


def use():
    import json
