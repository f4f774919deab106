"""The observations: one row a day, 2012 to 2015, from the file that the package vega_datasets ships."""

from __future__ import annotations

from . import _deferred

UNITS = {
    "metric": {"temperature": "°C", "precipitation": "mm", "wind": "m/s"},
    "imperial": {"temperature": "°F", "precipitation": "in", "wind": "mph"},
}


def load(settings: dict[str, object]) -> _deferred.pd.DataFrame:
    """Return the days of the years asked for, indexed by date, in the units asked for."""
    path = _deferred.local_data.seattle_weather.filepath
    days = _deferred.pd.read_csv(path, parse_dates=["date"], index_col="date")
    days = days[days.index.year.isin(settings["years"])]
    if settings["units"] == "imperial":
        days[["temp_max", "temp_min"]] = days[["temp_max", "temp_min"]] * 9 / 5 + 32
        days["precipitation"] = days["precipitation"] / 25.4
        days["wind"] = days["wind"] * 2.236936
    return days


def by_month(days: _deferred.pd.DataFrame) -> _deferred.pd.DataFrame:
    """Return the mean temperatures and the precipitation of an average January, February, and so on."""
    monthly = days.resample("MS").agg({"temp_min": "mean", "temp_max": "mean", "precipitation": "sum"})
    return monthly.groupby(monthly.index.month).mean()


def by_year(days: _deferred.pd.DataFrame) -> _deferred.pd.DataFrame:
    """Return one row a year: mean temperatures, precipitation, and the number of wet and of sunny days."""
    wet, sunny = days["precipitation"] > 0, days["weather"] == "sun"
    return (
        days.assign(wet=wet, sunny=sunny)
        .groupby(days.index.year.rename("year"))
        .agg({"temp_min": "mean", "temp_max": "mean", "precipitation": "sum", "wet": "sum", "sunny": "sum"})
    )
