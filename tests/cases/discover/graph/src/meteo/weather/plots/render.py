import meteo.weather.plots.colours as c
