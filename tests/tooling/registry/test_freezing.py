"""What freezers are told."""

import pytest

from deferred_imports.tooling.project.discover import discover
from deferred_imports.tooling.registry.freezing import freezer_lines, modules
from deferred_imports.tooling.table.manifest import Shipped
from deferred_imports.tooling.table.problems import Problems
from deferred_imports.tooling.table.requirements import read_requirements
from goldens import manifest_of

TABLE = """
[project]
name = "weather"
dependencies = ["nowhere_to_be_found"]
[tool.deferred-imports.imports]
d = "decimal"
n = "nowhere_to_be_found"
plot = ".commands.plot"
w = { module = "winreg", marker = "os_name == 'klingon'" }
"""


def test_the_modules() -> None:
    """The registry, what is there and the package's own; what is not there is told apart, and no other platform's."""
    manifest = manifest_of(TABLE)
    usage = discover(manifest, {}, Shipped(frozenset(), frozenset()), read_requirements({}, Problems({})))
    assert modules(manifest, usage) == (
        ["decimal", "weather._deferred", "weather.commands.plot"],
        ["nowhere_to_be_found"],
    )


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("names", "a.b"),
        ("pyinstaller", '    "a.b",'),
        ("cx-freeze", '    "a.b",'),
        ("nuitka", "        - 'a.b'"),
    ],
)
def test_each_form_names_each_module(form: str, line: str) -> None:
    """Every freezer is told in its own words."""
    assert line in freezer_lines(manifest_of(TABLE), ["a.b"], form)
