"""Tables, in terminals of any width and in a pipe."""

import os
import re
from pathlib import Path

import pytest

from commands import run_in_terminal
from deferred_imports.tooling import cli
from goldens import CASES, compare

terminal = pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")


# What `list` has to show of the sample project.
CELLS = ["matplotlib.figure:Figure", "matplotlib", "plot", "yes", "charts", "tomllib or tomli", "PyYAML"]
CELLS += ["sys_platform == 'win32'", ".commands.report"]


def plain(text: str) -> str:
    """Return a text without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@terminal
@pytest.mark.parametrize("columns", [200, 104, 103, 90, 80, 60, 40, 24])
def test_a_table_in_a_terminal(columns: int, project: Path, home: Path) -> None:
    """Whatever the width of a terminal, a table fits it, loses nothing and breaks no word."""
    exit_code, shown = run_in_terminal("list", cwd=project, home=home, columns=columns)

    assert exit_code == 0
    lines = plain(shown).splitlines()
    assert max(map(len, lines)) <= max(columns, len("import: matplotlib.figure:Figure"))
    words = " ".join(lines).split()
    for cell in CELLS:
        assert set(cell.split()) <= {word.strip(";") for word in words}, cell
    assert words.count("matplotlib.figure:Figure") == words.count("matplotlib.pyplot") == 1


@terminal
@pytest.mark.parametrize("columns", [80, 60])
def test_a_table_that_is_too_wide(columns: int, project: Path, home: Path) -> None:
    """Where a table does not fit, columns move to a line below each row; then each cell has a line of its own."""
    _, shown = run_in_terminal("list", cwd=project, home=home, columns=columns, env={"NO_COLOR": "1"})

    compare(shown, CASES / "command" / f"list-{columns}.txt")


@pytest.mark.usefixtures("project")
def test_a_table_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe a record is a line, with all columns, whatever the environment says of a width."""
    assert cli.main(["list"]) == 0
    compare(capsys.readouterr().out, CASES / "command" / "list.txt")
