"""The optional configuration file: which years, in which units."""

from __future__ import annotations

from . import _deferred

DEFAULTS = {"units": "metric", "years": [2012, 2013, 2014, 2015]}


class ConfigError(Exception):
    """The file cannot be used; the text says why."""


def read(path: str | None) -> dict[str, object]:
    """Return the settings in the TOML file at *path* over the defaults; without a path, the defaults."""
    if path is None:
        return DEFAULTS
    try:
        with open(path, "rb") as file:
            settings = DEFAULTS | _deferred.tomllib.load(file)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if unknown := settings.keys() - DEFAULTS.keys():
        raise ConfigError(f"{path}: unknown setting {min(unknown)}; known are {', '.join(DEFAULTS)}")
    if settings["units"] not in ("metric", "imperial"):
        raise ConfigError(f"{path}: units must be metric or imperial, not {settings['units']}")
    if not isinstance(settings["years"], list):
        raise ConfigError(f"{path}: years must be an array of years")
    return settings
