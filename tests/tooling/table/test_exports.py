"""The table `exports`: what it comes to; its mistakes are in `tests/cases/manifest`."""

from goldens import manifest_of

PROJECT = "# ships: weather/ weather.rain weather.model weather.commands/ weather.commands.report\n[project]\n"
PROJECT += 'name = "weather"\n'


def test_names_by_module_are_names() -> None:
    """An array is short for one entry a name, and what another module exports has that in front."""
    short = manifest_of(
        f'{PROJECT}[tool.deferred-imports.exports]\n".model" = ["Forecast", "Wind"]\n'
        '[tool.deferred-imports.exports.".commands"]\n".commands.report" = ["Report"]\n'
    )
    long = manifest_of(
        f'{PROJECT}[tool.deferred-imports.exports]\nWind = ".model:Wind"\nForecast = ".model:Forecast"\n'
        '[tool.deferred-imports.exports.".commands"]\nReport = ".commands.report:Report"\n'
    )
    assert short == long
    assert [entry.name for entry in short.exports] == [".Forecast", ".Wind", ".commands.Report"]


def test_what_is_called_like_a_submodule() -> None:
    """A name that is not its submodule, but what is called so, is noted, and a submodule itself is not."""
    manifest = manifest_of(
        f'{PROJECT}[tool.deferred-imports.exports]\nrain = ".rain:rain"\nmodel = ".model"\n'
        '[tool.deferred-imports.exports.".commands"]\nreport = ".commands.report:report"\n'
    )
    assert manifest.over_submodules == (".commands.report", ".rain")


def test_a_name_in_both_tables() -> None:
    """The registry and the package may have one name for the same thing."""
    manifest = manifest_of(
        f'{PROJECT}[tool.deferred-imports.imports]\nrain = ".rain"\n[tool.deferred-imports.exports]\nrain = ".rain"\n'
    )
    assert [entry.name for entry in (*manifest.entries, *manifest.exports)] == ["rain", ".rain"]
