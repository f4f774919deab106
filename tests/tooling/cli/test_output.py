"""How tables come out, in a terminal and in a pipe."""

import re
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from goldens import CASES, compare, lay_out

COMMAND = CASES / "command"


@pytest.mark.usefixtures("project")
def test_list_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In a terminal the table is folded to its width, and nothing is cut off."""
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "90"}.items():
        monkeypatch.setenv(name, value)

    assert cli.main(["list"]) == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= 90
    column = slice(lines[0].index("import"), lines[0].index("distribution"))
    figure = next(number for number, line in enumerate(lines) if line.startswith("Figure"))
    assert "".join(line[column].strip() for line in lines[figure : figure + 2]) == "matplotlib.figure:Figure"
    assert "…" not in "".join(lines)


@pytest.mark.usefixtures("project")
def test_a_terminal_that_is_too_narrow(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where not even the headings find room, the table is as wide as it needs to be, and the terminal folds it."""
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "20"}.items():
        monkeypatch.setenv(name, value)

    assert cli.main(["list"]) == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    compare("".join(f"{line.rstrip()}\n" for line in lines), COMMAND / "list.txt")


def test_list_takes_text_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What looks like markup or like an emoji in a table of ours is neither."""
    table = '[project]\nname = "weather"\n[tool.deferred-imports.imports]\n'
    table += 'j = { module = "json", groups = ["[bold]", ":smiley:"] }\n'
    monkeypatch.chdir(lay_out(table, tmp_path))

    assert cli.main(["list"]) == 0
    assert "[bold], :smiley:" in capsys.readouterr().out
