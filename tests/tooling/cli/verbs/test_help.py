"""What `help` prints of the manuals, in a pipe and in a terminal."""

import inspect
import re
import sys
from pathlib import Path

import pytest

import deferred_imports
from commands import run_in_terminal
from deferred_imports.tooling import cli
from deferred_imports.tooling.check import drift, finding, startup
from deferred_imports.tooling.cli.arguments import VERBS
from deferred_imports.tooling.cli.manual import MANUALS


def test_without_a_topic(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a topic the headings of both manuals are listed."""
    assert cli.main(["help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    titles = [path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in MANUALS]
    assert [line for line in lines if not line.startswith(" ")] == titles
    assert {"  What is not an error", "    PYDEFER_EAGER"} <= set(lines)


def test_a_section_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe, a section comes as it stands in the manual."""
    assert cli.main(["help", "pydefer_eager"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("### PYDEFER_EAGER\n")
    assert any(out in path.read_text(encoding="utf-8") for path in MANUALS)


def test_no_such_topic(capsys: pytest.CaptureFixture[str]) -> None:
    """What no manual has is an error that names what is near."""
    assert cli.main(["help", "PYDEFER_EGAER"]) == 2
    message = 'deferred-imports: no manual has a section about "PYDEFER_EGAER"; did you mean "PYDEFER_EAGER"?\n'
    assert capsys.readouterr() == ("", message)


def test_every_word_that_a_user_meets_is_a_topic(capsys: pytest.CaptureFixture[str]) -> None:
    """Each finding of `check`, each verb, each variable and each call of the runtime has a section."""
    kinds = re.findall(r'\bFinding\(\s*"([a-z-]+)"', "".join(map(inspect.getsource, (finding, drift, startup))))
    topics = [*kinds, *(verb for verb in VERBS if verb != "help"), "PYDEFER_EAGER", "PYDEFER_TRACE", "PYDEFER_PREFETCH"]
    topics += [name for name in deferred_imports.__all__ if name[0].islower()]
    assert len(topics) >= 25
    for topic in topics:
        assert cli.main(["help", topic]) == 0
        assert topic in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("colours", [True, False], ids=["colours", "NO_COLOR"])
def test_a_section_in_a_terminal(colours: bool, home: Path, tmp_path: Path) -> None:
    """In a terminal, a section is laid out, within its width; colours are left out where they are not wanted."""
    env = {} if colours else {"NO_COLOR": "1"}
    exit_code, shown = run_in_terminal("help", "pydefer_eager", cwd=tmp_path, home=home, columns=70, env=env)

    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert exit_code == 0
    assert "PYDEFER_EAGER" in plain
    assert "### " not in plain
    assert "| value |" not in plain
    assert max(map(len, plain.splitlines())) <= 70
    assert ("\x1b[1;35m" in shown) == colours
