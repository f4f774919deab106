from . import NAME  # from the package, which is one
from meteo.weather.data.station import codes

if 0:
    from .. import units
if __name__ == "__main__":
    from .. import units
