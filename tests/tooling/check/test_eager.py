"""`check --eager`: everything that fails when all is resolved, at once, and what a program does under PYDEFER_EAGER."""

from pathlib import Path

import pytest

from builds import MakeProject
from deferred_imports.tooling import cli
from goldens import CASES, compare
from processes import RUNTIME

FOLDER = CASES / "check" / "eager"
TABLE = """
imports.cs = "colorsys"
imports.broken = ".broken"
imports.pick = "colorsys:nothing_of_that_name"
imports.plt = { module = "there_is_no_matplotlib.pyplot", extra = "plot" }
imports.yaml = { module = "there_is_no_yaml", distribution = "there-is-no-yaml" }
"""
PROJECT = """
dependencies = ["there-is-no-yaml"]
optional-dependencies.plot = ["there-is-no-matplotlib"]
scripts.weather = "weather.cli:main"
"""
FILES = {
    "src/weather/__init__.py": "from . import _deferred as _deferred\n",
    "src/weather/broken.py": "raise ValueError('not\\nas it should be')\n",
    "src/weather/cli.py": "def main():\n    print('served')\n",
}


@pytest.fixture
def project(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project much of which cannot be imported, with its registry, in which the command is called."""
    root = make_project(FILES, table=TABLE, project=PROJECT)
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", str(RUNTIME))
    assert cli.main(["generate"]) == 0
    capsys.readouterr()
    return root


@pytest.mark.usefixtures("project")
def test_all_failures_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Each failure has the line of its declaration; what is optional and not installed is a note."""
    assert cli.main(["check", "--eager"]) == 1
    compare(capsys.readouterr().out, FOLDER / "failures.txt")


@pytest.mark.usefixtures("project")
def test_a_program_that_does_not_start(capsys: pytest.CaptureFixture[str]) -> None:
    """A program that starts lazily and not eagerly is told, with what it has said last."""
    assert cli.main(["check", "--startup", "weather"]) == 0
    capsys.readouterr()

    assert cli.main(["check", "--eager", "weather"]) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "PYDEFER_EAGER=weather weather" in line]
    compare(f"{line}\n", FOLDER / "start.txt")


def test_a_project_that_is_as_it_should_be(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where all can be imported there is no problem, and a program of it starts."""
    files = {**FILES, "src/weather/broken.py": ""}
    table = 'imports.cs = "colorsys"\nimports.broken = ".broken"'
    monkeypatch.chdir(make_project(files, table=table, project='scripts.weather = "weather.cli:main"'))
    cli.main(["generate"])
    capsys.readouterr()

    assert cli.main(["check", "--eager", "weather"]) == 0
    assert capsys.readouterr().out == "no problems\n"


def test_a_start_that_is_not_eager(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the tree lacks the line that wheels get, a start of it shows nothing of an eager one, and that is said."""
    files = {"src/weather/__init__.py": "", "src/weather/cli.py": "def main():\n    import colorsys\n"}
    monkeypatch.chdir(make_project(files, table="discover = true", project='scripts.weather = "weather.cli:main"'))
    cli.main(["generate"])
    capsys.readouterr()

    assert cli.main(["check", "--eager"]) == 0
    assert capsys.readouterr().out == "no problems\n"
    assert cli.main(["check", "--eager", "weather"]) == 0
    compare(capsys.readouterr().out, FOLDER / "out-of-reach.txt")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise RuntimeError('no')", "weather cannot be imported: RuntimeError: no"),
        (
            "import os; os._exit(3)",
            "resolving all of weather ended with exit code 3 before its imports could be read",
        ),
    ],
)
def test_a_package_that_cannot_be_imported(
    source: str, said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A package that fails, or ends its process, is told as what it is."""
    (project / "src" / "weather" / "__init__.py").write_text(source, encoding="utf-8")

    assert cli.main(["check", "--eager"]) == 1
    assert capsys.readouterr().out == f"pyproject.toml:1: {said} [eager-failed]\n1 problem\n"


def test_no_registry(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a registry there is nothing to resolve, and the command says what writes one."""
    (project / "src" / "weather" / "_deferred.py").unlink()

    assert cli.main(["check", "--eager"]) == 2
    assert capsys.readouterr().err == (
        'deferred-imports: weather has no registry here; "deferred-imports generate" writes it\n'
    )


def test_nothing_of_ours_stands_in(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child finds what the project's environment has, and of our own distribution only the runtime."""
    monkeypatch.chdir(make_project(FILES | {"src/weather/broken.py": ""}, table='imports.cs = "colorsys"'))
    cli.main(["generate"])
    Path("src/weather/__init__.py").write_text(
        "import sys\nfrom . import _deferred as _deferred\nassert not [p for p in sys.path if p.endswith('/child')]\n"
        f"assert 'deferred_imports' in sys.modules and {str(RUNTIME)!r} not in sys.path\n",
        encoding="utf-8",
    )
    assert cli.main(["check", "--eager"]) == 0
