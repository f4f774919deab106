"""How what the command prints comes out: in terminals of any width, in a pipe, with colours and without."""

import os
import re
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from commands import TABLE, run_in_terminal
from deferred_imports.tooling import cli
from deferred_imports.tooling.cli.output import print_difference
from goldens import CASES, compare, lay_out, write_app

terminal = pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")


def plain(text: str) -> str:
    """Return a text without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@terminal
@pytest.mark.parametrize("columns", [160, 80, 60])
def test_scan_in_a_terminal(columns: int, tmp_path: Path, home: Path) -> None:
    """`scan` says in every terminal where an import stands, whole, and its verdict in whole words."""
    source = tmp_path / "src" / "fresh" / "command_line.py"
    source.parent.mkdir(parents=True)
    (source.parent / "__init__.py").touch()
    source.write_text("import xml.dom.minidom\ndef main():\n    return xml.dom.minidom\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "fresh"\n', encoding="utf-8")
    env = {"NO_COLOR": "1"}

    exit_code, shown = run_in_terminal("scan", "--static", cwd=tmp_path, home=home, columns=columns, env=env)
    assert exit_code == 0
    compare(shown, CASES / "command" / f"scan-{columns}.txt")


@terminal
def test_a_sign_of_life(tmp_path: Path, home: Path) -> None:
    """`scan` says in a terminal what it is doing when that takes long."""
    source = tmp_path / "src" / "slow" / "__init__.py"
    source.parent.mkdir(parents=True)
    source.write_text("import time\ntime.sleep(2)\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "slow"\n', encoding="utf-8")

    exit_code, shown = run_in_terminal("scan", cwd=tmp_path, home=home, columns=100, env={"TERM": "xterm"})
    assert exit_code == 0
    before, sign, after = plain(shown).partition("reading the package ...")
    assert sign
    assert "starting in a child process: import slow" in before
    assert "1 import" in after


def test_list_takes_text_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What looks like markup or like an emoji in a table of ours is neither."""
    table = '[project]\nname = "weather"\n[tool.deferred-imports.imports]\n'
    table += 'j = { module = "json", groups = ["[bold]", ":smiley:"] }\n'
    monkeypatch.chdir(lay_out(table, tmp_path))

    assert cli.main(["list"]) == 0
    assert "[bold], :smiley:" in capsys.readouterr().out


def test_no_terminal_obeys_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters and those that turn the direction of text are shown as escapes."""
    table = '[project]\nname = "weather"\n[tool.deferred-imports.imports]\n'
    table += 'j = { module = "json", groups = ["a\\u001b]0;title\\u0007b", "\\u202e"] }\n'
    monkeypatch.chdir(lay_out(table, tmp_path))

    assert cli.main(["list"]) == 0
    assert "a\\x1b]0;title\\x07b, \\u202e" in capsys.readouterr().out


@terminal
def test_colours(project: Path, home: Path) -> None:
    """Findings and differences have colours in a terminal, unless NO_COLOR or TERM says that they should not."""
    for arguments, mark in ((["check"], "\x1b[33m[registry-missing]\x1b[0m"), (["generate", "--check"], "\x1b[32m+")):
        for env in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": ""}):
            exit_code, shown = run_in_terminal(*arguments, cwd=project, home=home, columns=200, env=env)
            assert exit_code == 1
            assert (mark in shown) == (env in ({}, {"NO_COLOR": ""}))


def test_no_colours_in_a_pipe(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe nothing has a colour."""
    assert cli.main(["-C", str(project), "check"]) == 1
    assert "\x1b" not in "".join(capsys.readouterr())


@terminal
def test_long_messages_end_lines_between_words(project: Path, home: Path) -> None:
    """In a terminal no message is cut in the middle of a word."""
    _, shown = run_in_terminal("check", cwd=project, home=home, columns=60, env={"NO_COLOR": "1"})

    lines = shown.splitlines()
    assert [line for line in lines if len(line) > 60 and " " in line.strip()] == []  # the path of a Python may be long
    assert "remove it from the table [unused]" in " ".join(map(str.strip, lines))


def test_the_sample_has_what_is_looked_for() -> None:
    """The cells that the tests look for come from the sample table."""
    assert all(part in TABLE for part in ("matplotlib.figure:Figure", "PyYAML", "charts", "sys_platform"))


@terminal
def test_long_work_shows_that_it_lives(tmp_path: Path, home: Path) -> None:
    """Work that takes longer than a moment shows in a terminal that it goes on, and what it is."""
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(2)\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "slow"\n', encoding="utf-8")
    arguments = ["check", "--startup", "slow", "--forbid", "json"]

    _, shown = run_in_terminal(*arguments, cwd=tmp_path, home=home)
    assert "starting the program ..." in plain(shown)
    assert plain(shown).rstrip().endswith("no problems")


def test_a_difference_keeps_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    """Sources that are indented by them are shown as they are; no terminal obeys anything else."""
    print_difference("-\ta\n+\tb\x1b\n")
    assert capsys.readouterr().out == "-\ta\n+\tb\\x1b\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["-C", "no\x1b[31m", "check"],  # no project
        ["scan", "no\x1b[31m"],  # no package
        ["check", "--forbid", "json", "--startup", "no\x1b[31m"],
        ["no\x1b[31m"],  # no verb
        ["list", "no\x1b[31m"],  # no argument
        ["record", "-o", "no/\x1b[31m", "--", sys.executable, "-c", "pass"],
        ["bake", "no\x1b[31m.whl"],
        ["check", "--python", "no\x1b[31m"],
    ],
)
def test_no_terminal_obeys_what_is_repeated(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a message repeats, of names, paths or commands, its control characters are shown."""
    monkeypatch.chdir(write_app(tmp_path, {}))
    with suppress(SystemExit):
        cli.main(arguments)
    told = "".join(capsys.readouterr())
    assert re.search(r"no/?\\(x|u00)1b\[31m", told, re.IGNORECASE)
    assert "\x1b" not in told
