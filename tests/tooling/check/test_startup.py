"""What `check --startup` tells about the programs that it starts: what they load, by which lines, how they fail."""

import shutil
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.check import startup
from deferred_imports.tooling.start.copies import Copy
from deferred_imports.tooling.start.launch import parse_launch
from goldens import CASES, compare, unpack

FOLDER = CASES / "check" / "startup"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project that is not installed, with its registry, in which the command is called."""
    monkeypatch.chdir(unpack(FOLDER / "weather.project", tmp_path))
    assert cli.main(["generate"]) == 0
    capsys.readouterr()
    return tmp_path


@pytest.mark.parametrize(
    "program",
    ["weather.cli", "weather-sample --help", "python -m weather --help", "python src/../run.py"],
)
def test_what_stays_deferred(program: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is found in a start that loads nothing declared, be it a module, a script, `python -m` or a file."""
    (project / "run.py").write_text("import sys; sys.path.append('src'); import weather.cli as c; c.main()\n", "utf-8")

    assert cli.main(["check", "--startup", program]) == 0
    assert capsys.readouterr().out == "no problems\n"


@pytest.mark.parametrize(
    ("name", "programs", "options"),
    [
        ("loaded", ["weather-sample report"], []),
        ("loaded-by-a-module", ["weather.eager"], []),
        ("forbidden", ["weather.cli", "python -m weather"], ["--forbid", "weather.data"]),
        (
            "failed",
            [
                *(f"weather-sample {how}" for how in ("fail", "vanish", "die", "become-a-failure")),
                "python -m weather.nowhere",
            ],
            [],
        ),
        ("left", [f"weather-sample {how}" for how in ("leave", "become", "fork")], []),
        ("again-and-again", ["weather-sample recursion"], []),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_is_loaded(name: str, programs: list[str], options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """For each unwanted module there is the chain of imports, file and line each; a start that fails is a finding."""
    arguments = ["check", *options]
    for program in programs:
        arguments += ["--startup", program]

    exit_code = cli.main(arguments)
    compare(f"{capsys.readouterr().out}exit {exit_code}\n".replace(sys.executable, "python"), FOLDER / f"{name}.txt")
    assert cli.main([*arguments, "--format", "github"]) == exit_code == 1
    compare(capsys.readouterr().out.replace(sys.executable, "python"), FOLDER / f"{name}.github.txt")


def test_an_installed_project(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was installed from the project is told where it lies, and the finding names the file to change."""
    site = project / "venv" / "site-packages"
    shutil.copytree(project / "src" / "weather", site / "weather")
    (project / "src" / "weather" / "_deferred.py").unlink()  # else the tree's copy is started
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.syspath_prepend(site)

    assert cli.main(["check", "--startup", "weather.eager"]) == 1
    finding, _, step, _ = capsys.readouterr().out.splitlines()
    assert finding.startswith("src/weather/eager.py:2: weather.eager loads ")
    assert step == "  venv/site-packages/weather/eager.py:2 (in Settings): import colorsys"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.11 has brought the variable")
def test_a_safe_path(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where Python puts no directory of the program on the path, none is taken away for it."""
    (project / "elsewhere").mkdir()
    (project / "elsewhere" / "only_there.py").write_text("import colorsys\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(project / "elsewhere"))
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    monkeypatch.syspath_prepend(project / "elsewhere")

    assert cli.main(["check", "--startup", "only_there"]) == 1
    assert 'only_there loads "colorsys"' in capsys.readouterr().out


def test_without_a_table(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is forbidden can be checked before a project has a table."""
    (project / "pyproject.toml").write_text('[project]\nname = "weather"\n', encoding="utf-8")

    assert cli.main(["check", "--startup", "weather.eager", "--forbid", "colorsys"]) == 1
    assert 'weather.eager loads "colorsys", which is forbidden' in capsys.readouterr().out
    assert cli.main(["check", "--startup", "weather.eager"]) == 3
    assert "has no [tool.deferred-imports] table" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("program", ["weather.nowhere", "nowhere --help", "", "weather 'unclosed"])
def test_an_unknown_program(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be started is wrong usage, and says what was expected."""
    assert cli.main(["check", "--startup", program]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("deferred-imports: ")


@pytest.mark.usefixtures("project")
def test_eager_packages_are_checked_as_deferred(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The variables of the runtime do not reach the program: the question is what it loads without them."""
    monkeypatch.setenv("PYDEFER_EAGER", "1")

    assert cli.main(["check", "--startup", "weather.cli"]) == 0
    assert capsys.readouterr().out == "no problems\n"


def test_a_program_that_does_not_end(project: Path) -> None:
    """A program that does not end is stopped, and is a finding."""
    found = startup.check_startup(
        parse_launch("weather-sample sleep", {"weather-sample": "weather.cli:main"}),
        {"dis": "is forbidden"},
        root=project,
        copy=Copy((project / "src",)),
        timeout=1,
    )

    assert [finding.kind for finding in found] == ["startup-failed"]
    assert "has not ended after 1 s" in found[0].message
