"""Where in a pyproject.toml a name is declared, in all the ways that TOML has of saying so."""

import pytest

from deferred_imports.tooling.table.lines import line_of

FILE = """\
[project]
np = "not this one"

[tool.deferred-imports]
registry = "_lazy"
imports.dotted = "numpy"
imports . "quoted" = "json"

[ tool . "deferred-imports" . imports ]  # a comment
np = "numpy"
  'single' = "csv"
plt.module = "matplotlib.pyplot"

[tool.deferred-imports.imports.table]
module = "dis"

[tool.other.imports]
later = 1
"""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("np", 10),
        ("dotted", 6),
        ("quoted", 7),
        ("single", 11),
        ("plt", 12),
        ("table", 14),
        ("later", 4),
        ("registry", 4),
        ("n.", 4),
        ("", 4),
    ],
)
def test_the_line_of_a_name(name: str, line: int) -> None:
    """Each name is found where it is declared; what is not is said to be where our table begins."""
    assert line_of(FILE, name) == line


def test_without_a_table() -> None:
    """Where there is no table, it is the first line."""
    assert line_of("", "np") == 1
    assert line_of("[project]\nname = 'x'\n", "np") == 1
