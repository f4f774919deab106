"""What registries declare, as rows."""

from deferred_imports.tooling.registry.installed import Deferred
from deferred_imports.tooling.registry.report import DECLARED, INSTALLED, declared, nothing_installed
from deferred_imports.tooling.source.usage import Usage
from goldens import manifest_of

TABLE = """
[project]
name = "weather"
optional-dependencies.plot = ["matplotlib"]
[tool.deferred-imports.imports]
plt = { module = "matplotlib.pyplot", extra = "plot", groups = ["a", "b"] }
toml = ["tomllib", "tomli"]
[tool.deferred-imports]
"""


def test_rows_of_a_project() -> None:
    """Each entry has a row, with as many cells as there are columns."""
    usage = Usage((), (), (), (), {}, {}, {}, (), ())
    manifest = manifest_of(TABLE.replace('toml = ["tomllib", "tomli"]\n', 'toml = ["tomllib", "json"]\n'))
    rows = {row[0]: row for row in declared(manifest, usage)}
    assert rows["plt"] == ["plt", "matplotlib.pyplot", "matplotlib", "plot", "a, b", "yes", None]
    assert rows["toml"][1] == "tomllib or json"
    assert {len(row) for row in rows.values()} == {len(DECLARED)}


def test_rows_of_an_environment() -> None:
    """There is a heading for each cell, and words where there is nothing."""
    assert set(Deferred.__annotations__) >= {"project", "package", "name", "extra", "state", "marker"}
    assert len(INSTALLED) == 7
    assert "declares deferred imports" in nothing_installed()
