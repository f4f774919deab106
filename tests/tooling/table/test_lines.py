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


SEVERAL_LINES = """\
[project]
description = \"\"\"
[tool.deferred-imports.imports]
np = "not this"
\"\"\"
keywords = [
  "a", # ]
  ["g"],
]

[tool.deferred-imports.imports]
long = { module = [
  "tomllib",
], groups = ["g"] }
text = '''
[tool.x]
'''
after = "json"
"""
INLINE = """\
[tool.deferred-imports]
discover = true
imports = { np = "numpy", "pd" = { module = "pandas", groups = ["a, pl = 1"] },
  pl = "polars" }
"""
ABOVE = """\
[tool]
other.imports.pd = 1
deferred-imports.imports.np = "numpy"
deferred-imports . "imports" . 'pd' = { module = "pandas" }
"""
NESTED = '[tool]\ndeferred-imports = { discover = true, imports = { np = "numpy" } }\n'


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        (SEVERAL_LINES, "long", 12),
        (SEVERAL_LINES, "text", 15),
        (SEVERAL_LINES, "after", 18),
        (SEVERAL_LINES, "np", 11),
        (INLINE, "np", 3),
        (INLINE, "pd", 3),
        (INLINE, "pl", 4),
        (INLINE, "module", 1),
        (ABOVE, "np", 3),
        (ABOVE, "pd", 4),
        (NESTED, "np", 2),
    ],
)
def test_values_of_several_lines_and_inline_tables(text: str, name: str, line: int) -> None:
    """Neither strings nor arrays of several lines, nor tables within a line, hide where a name is declared."""
    assert line_of(text, name) == line


ODD_NAMES = """\
[tool.deferred-imports.imports]
"n\\u0070" = "numpy"
"\u017fys" = "sys"

[tool.deferred-imports.exports]
Forecast = ".model:Forecast"
".model" = ["Model",
  "Other", # "not"
]
".charts" = { bar = ".charts.bar:bar", ".charts.pie" = ["pie"] }

[tool.deferred-imports.exports.".commands"]
report = ".commands.report"
".commands.plot" = ["plot"]
"""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("np", 2),  # escapes
        ("sys", 3),  # as Python reads it
        (".Forecast", 6),
        (".Model", 7),
        (".Other", 8),
        (".not", 1),
        (".charts.bar", 10),
        (".charts.pie", 10),
        (".commands.report", 13),
        (".commands.plot", 14),
    ],
)
def test_odd_names_and_exports(name: str, line: int) -> None:
    """A name is found however TOML writes it, and so is an export: by itself, or listed with its module."""
    assert line_of(ODD_NAMES, name) == line
