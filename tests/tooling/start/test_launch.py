"""What `--startup` may say, and what that starts: the same for every verb."""

import os
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling.registry.environment import here
from deferred_imports.tooling.start.launch import Launch, UnknownProgramError, imported, parse_launch

SCRIPTS = {"app": "app.cli:main", "other": "app.other:run [extra]"}
FOLDER = os.path.dirname(sys.executable)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with a package whose console script has its name, and a file to run."""
    (tmp_path / "app").mkdir()
    for name in ("app/__init__.py", "app/cli.py", "run.py"):
        (tmp_path / name).write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_ways(project: Path) -> None:
    """Scripts, modules, object references, files, and what Python's own command line says."""
    here = str(project)
    ways = {
        "app": ("call", "app.cli:main", (os.path.join(FOLDER, "app"),), FOLDER),
        "app --help 'a b'": ("call", "app.cli:main", (os.path.join(FOLDER, "app"), "--help", "a b"), FOLDER),
        "other": ("call", "app.other:run", (os.path.join(FOLDER, "other"),), FOLDER),
        "app.cli": ("import", "app.cli", ("app.cli",), ""),
        "app.cli:Main.run x": ("call", "app.cli:Main.run", ("app.cli:Main.run", "x"), ""),
        "python -m app.cli x": ("module", "app.cli", ("-m", "x"), here),
        "/usr/bin/python3.11 -mapp.cli": ("module", "app.cli", ("-m",), here),
        "python -c 'import app' x": ("code", "import app", ("-c", "x"), ""),
        "python run.py x": ("file", "run.py", ("run.py", "x"), here),
        "python app": ("file", "app", ("app",), "app"),
        "run.py x": ("file", "run.py", ("run.py", "x"), here),
    }
    for command, (how, what, arguments, first) in ways.items():
        found = parse_launch(command, SCRIPTS, [project])
        assert (command, found.how, found.what) == (command, how, what)
        assert (found.arguments, found.first, found.options, found.variables) == (arguments, first, (), {})


def test_options_of_python() -> None:
    """What stands between `python` and what it runs reaches the interpreter, however it is written."""
    ways = {
        "python -O -m app": ("-O",),
        "python -OOmapp": ("-O", "-O"),
        "python -W ignore -Xdev -m app": ("-W", "ignore", "-X", "dev"),
        "python -IBWerror -m app": ("-I", "-B", "-W", "error"),
        "python --check-hash-based-pycs never -m app": ("--check-hash-based-pycs", "never"),
    }
    for command, options in ways.items():
        found = parse_launch(command, SCRIPTS)
        assert (command, found.options, found.how, found.what) == (command, options, "module", "app")


@pytest.mark.parametrize("command", ["A=1 B='x y' app --help", "env A=1 B='x y' app --help"])
def test_variables(command: str) -> None:
    """Variables before a program are set for it, with and without `env`."""
    found = parse_launch(command, SCRIPTS)
    assert (found.variables, found.what) == ({"A": "1", "B": "x y"}, "app.cli:main")


def test_the_script_comes_first(project: Path) -> None:
    """A word that is both a console script and a module is the script: that is what its users type."""
    assert parse_launch("app", SCRIPTS, [project]).how == "call"
    assert parse_launch("app", {}, [project]) == imported("app")
    assert imported("app") == Launch("app", "import", "app", ("app",))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "expected a module or a command line to start, got nothing"),
        ("env A=1", "expected a module or a command line to start, got nothing"),
        ("app 'x", '"app \'x" is no command line: no closing quotation'),
        ("nowhere", 'expected a module or a command to start, got "nowhere"; there is "app", "other"'),
        (
            "app.cli x",
            f'expected a command, installed in {here()} or one of [project.scripts], to start, got "app.cli"',
        ),
        ("python", "expected a file, -m or -c for Python to start, got nothing"),
        ("python nowhere.py", 'expected a file, -m or -c for Python to start, got "nowhere.py"'),
        ("python -V", '"python -V" starts no program: -V has another use for Python'),
        ("python -m", '"python -m" is no command line: -m lacks what it takes'),
    ],
)
def test_what_starts_nothing(command: str, message: str, project: Path) -> None:
    """What cannot be started says what was expected."""
    with pytest.raises(UnknownProgramError) as error:
        parse_launch(command, SCRIPTS, [project])
    assert str(error.value).startswith(message)
