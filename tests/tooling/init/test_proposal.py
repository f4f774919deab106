"""What `init` adds to a pyproject.toml, what it leaves alone, and when it writes.

Each case in `tests/cases/init` is a project in one file, and the difference that the command shows, with its notes.
"""

import shutil
import stat
import subprocess
from functools import partial
from pathlib import Path

import pytest
import tomlkit

from builds import Build, names_in, read_from
from deferred_imports.tooling import cli
from deferred_imports.tooling.init.editor import UnchangeableError
from deferred_imports.tooling.init.proposal import propose, write
from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.pyproject import has_hook
from deferred_imports.tooling.project.tree import load_project
from goldens import CASES, compare, unpack

FOLDER = CASES / "init"
PROJECTS = sorted(FOLDER.glob("*.project"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project that has all kinds of imports in functions, in which the command is called."""
    monkeypatch.chdir(unpack(FOLDER / "hatchling.project", tmp_path))
    return tmp_path


@pytest.mark.parametrize("case", PROJECTS, ids=lambda path: path.stem)
def test_what_is_added(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing is added, comments and order survive, what is there stays; then nothing is missing."""
    monkeypatch.chdir(unpack(case, tmp_path))

    exit_code = cli.main(["init", "--yes"])
    out, err = capsys.readouterr()
    compare(f"{out}{err}exit {exit_code}\n", case.with_suffix(".txt"))
    if exit_code == 0:
        load_project(tmp_path)
        assert cli.main(["init"]) == 0
        assert capsys.readouterr().out == "pyproject.toml is complete; there is nothing to add\n"


def test_the_runtime(project: Path) -> None:
    """`--runtime` adds the dependency that nobody imports yet, where it belongs."""
    assert cli.main(["init", "--yes", "--runtime"]) == 0
    dependencies = load_project(project).document["project"]
    assert isinstance(dependencies, dict)
    assert dependencies["dependencies"][-1] == "deferred-imports"


def test_what_it_writes_builds(project: Path, build: Build) -> None:
    """With what is written, a real build bakes the registry into the wheel."""
    assert cli.main(["init", "--yes"]) == 0

    wheel = build("hatchling", project).wheel
    assert {"weather/_deferred.py", "weather/cli.py"} <= names_in(wheel)
    assert "tomllib" in read_from(wheel, "weather/_deferred.py")


@pytest.mark.parametrize("case", ["nothing-named", "setuptools"])
def test_what_it_writes_for_another_backend_builds(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Build
) -> None:
    """So does the wrapped backend of a project that has named none, or setuptools."""
    project = unpack(CASES / "init" / f"{case}.project", tmp_path / "project")
    path = project / "pyproject.toml"
    path.write_text(path.read_text("utf-8").replace('"weather"', '"weather"\nversion = "1.0"'), "utf-8")
    monkeypatch.chdir(project)
    assert cli.main(["init", "--yes"]) == 0

    assert "weather/_deferred.py" in names_in(build("pip", project, isolated=False).wheel)


def test_windows_line_endings(project: Path) -> None:
    """A file with the line endings of Windows keeps them, all of them."""
    path = project / "pyproject.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert cli.main(["init", "--yes"]) == 0
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n")


def test_mixed_line_endings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a file has line endings of both kinds, or none at its end, nothing but what is added changes."""
    path = project / "pyproject.toml"
    old = b'[project]\r\nname = "weather"\n# the end'
    path.write_bytes(old)

    assert cli.main(["init", "--yes"]) == 0
    assert path.read_bytes().startswith(old + b"\n\n[build-system]\n")
    assert "-# the end\n\\ No newline at end of file\n+# the end\n+\n" in capsys.readouterr().out


def test_all_or_nothing(project: Path) -> None:
    """A file that has changed since it was read stays; one that is written keeps its mode and leaves no other file."""
    path = project / "pyproject.toml"
    path.chmod(0o640)
    proposal = propose(project)
    write(proposal)
    (change,) = proposal.changes
    assert path.read_text(encoding="utf-8") == change.new
    assert stat.S_IMODE(path.stat().st_mode) == 0o640

    with pytest.raises(UnchangeableError):
        write(proposal)
    assert path.read_text(encoding="utf-8") == change.new
    assert {file.name for file in project.iterdir()} == {"pyproject.toml", "src"}


def test_a_symbolic_link_stays_one(project: Path) -> None:
    """What a symbolic link points to is written, not the link."""
    real = project / "real.toml"
    (project / "pyproject.toml").rename(real)
    (project / "pyproject.toml").symlink_to(real.name)

    assert cli.main(["init", "--yes"]) == 0
    assert (project / "pyproject.toml").is_symlink()
    assert "[tool.deferred-imports]" in real.read_text(encoding="utf-8")


@pytest.mark.parametrize("function", ["", "def f():\n    import numpy\n"])
def test_several_packages(function: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of several packages the user chooses one, and is told so."""
    (project / "src" / "weather").rename(project / "src" / "first")
    (project / "src" / "first" / "cli.py").write_text(function, encoding="utf-8")
    (project / "src" / "first" / "report.py").unlink()
    (project / "src" / "second").mkdir()
    (project / "src" / "second" / "__init__.py").touch()
    assert cli.main(["init", "--yes"]) == 3
    assert "as the wheel ships several packages" in capsys.readouterr().err

    assert cli.main(["init", "--yes", "--package", "first"]) == 0
    assert load_project(project).manifest.package == "first"
    found = discover_in(load_project(project)).entries
    assert [str(target) for entry in found for target in entry.targets] == (["numpy"] if function else [])


@pytest.mark.parametrize("requires", ["", "'hatchling'", "3"])
def test_a_build_system_that_is_none(requires: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be added to is said, and nothing is written; what is missing is made."""
    path = project / "pyproject.toml"
    line = f"requires = {requires}\n" if requires else ""
    text = f'[build-system]\nbuild-backend = "hatchling.build"\n{line}[project]\nname = "weather"\n'
    path.write_text(text, encoding="utf-8")

    assert cli.main(["init", "--yes"]) == (2 if requires else 0)
    assert (path.read_text(encoding="utf-8") == text) == bool(requires)
    assert ("[build-system] requires in pyproject.toml is not an array" in capsys.readouterr().err) == bool(requires)


DOTTED = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "weather"

[tool.{table}]
{prefix}artifacts = ["*.mo"]
{prefix}{hooks}version.path = "src/weather/_version.py"
{prefix}{hooks}other.y = 1

[tool.black]
line-length = 100
"""


@pytest.mark.parametrize(
    ("table", "keys", "line"),
    [
        ("hatch", ("build.", "hooks."), "build.hooks.deferred-imports = {}"),
        ("hatch . build", ("", "hooks."), "hooks.deferred-imports = {}"),
        ("hatch.build", ("", "targets."), "[tool.hatch.build.hooks.deferred-imports]"),
    ],
)
def test_dotted_keys(
    table: str, keys: tuple[str, str], line: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is written, tomlkit reads again, below dotted keys, too, as pyproject-fmt writes them."""
    path = project / "pyproject.toml"
    old = DOTTED.format(table=table, prefix=keys[0], hooks=keys[1])
    path.write_text(old, encoding="utf-8")

    assert cli.main(["init", "--yes"]) == 0
    new = path.read_text(encoding="utf-8")
    assert f"\n{line}\n" in new
    assert tomlkit.parse(new).unwrap() == load_project(project).document
    assert has_hook(load_project(project).document)
    assert [item for item in old.splitlines() if item not in new.splitlines()] == ['requires = ["hatchling"]']
    capsys.readouterr()
    assert cli.main(["init", "--yes"]) == 0
    assert capsys.readouterr().out == "pyproject.toml is complete; there is nothing to add\n"


def test_what_tomlkit_cannot_read(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is valid, and that tomlkit cannot read, is left alone with a message."""
    path = project / "pyproject.toml"
    text = '[project]\nname = "weather"\n[tool.a]\nb.x = 1\nb.y = 2\n[tool.c]\n[tool.a.b.z]\n'
    path.write_text(text, encoding="utf-8")

    assert cli.main(["init", "--yes"]) == 2
    assert "is valid TOML, but tomlkit, which edits it, cannot read it" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "/src/weather/_deferred.py\n"),
        ("", "/src/weather/_deferred.py\n"),
        ("dist", "dist\n/src/weather/_deferred.py\n"),
        ("dist\r\n", "dist\r\n/src/weather/_deferred.py\r\n"),
        ("_deferred.py\n", "_deferred.py\n"),
        ("**/_deferred.py\n", "**/_deferred.py\n"),
        ("/src/weather/_deferred.py\nx\n", "/src/weather/_deferred.py\nx\n"),
        ("src/weather/_deferred.py", "src/weather/_deferred.py"),
        ("# caf\udce9\n", "# caf\udce9\n/src/weather/_deferred.py\n"),
    ],
)
def test_git_ignores_the_registry(before: str | None, after: str, project: Path) -> None:
    """Where the hook makes the registry, git is told to ignore it, unless it does already."""
    (project / ".git").mkdir()
    path = project / ".gitignore"
    if before is not None:
        path.write_bytes(before.encode("utf-8", "surrogateescape"))

    assert cli.main(["init", "--yes"]) == 0
    assert path.read_bytes().decode("utf-8", "surrogateescape") == after
    assert cli.main(["init"]) == 0


@pytest.mark.parametrize("case", ["hatchling", "committed"])
def test_what_git_does_not_ignore(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no git, or where the registry is committed, nothing is ignored."""
    project = unpack(FOLDER / f"{case}.project", tmp_path)
    monkeypatch.chdir(project)
    if case == "committed":
        (project / ".git").mkdir()

    assert cli.main(["init", "--yes"]) == 0
    assert not (project / ".gitignore").exists()


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_agrees(project: Path) -> None:
    """What is written, git takes for the registry, and for nothing else."""
    run_git = partial(subprocess.run, check=False, cwd=project, capture_output=True, encoding="utf-8")
    run_git(["git", "init", "-q"])
    assert cli.main(["init", "--yes"]) == 0
    assert cli.main(["generate"]) == 0

    ignored = run_git(["git", "ls-files", "--others", "--ignored", "--exclude-standard"]).stdout.splitlines()
    assert ignored == ["src/weather/_deferred.py"]


@pytest.mark.parametrize("case", PROJECTS, ids=lambda path: path.stem)
def test_its_own_check_accepts_it(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `init` has written, `generate` and `check` are content with."""
    monkeypatch.chdir(unpack(case, tmp_path))
    file = tmp_path / "pyproject.toml"
    had_a_table = file.exists() and "[tool.deferred-imports" in file.read_text(encoding="utf-8")
    if cli.main(["init", "--yes"]) or had_a_table:
        return
    assert cli.main(["generate"]) == 0
    assert cli.main(["check", "--no-environment"]) == 0
    assert "problem" not in capsys.readouterr().out.splitlines()[-1].replace("no problems", "")


@pytest.mark.parametrize("hook", ["", "[tool.hatch.build.hooks.deferred-imports]\n"], ids=["no hook", "hook"])
def test_a_table_that_nothing_reaches(hook: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`init`, `generate` and `check` say of names that nothing imports their registry, and which line would."""
    table = '[project]\nname = "weather"\ndependencies = ["numpy"]\n[tool.deferred-imports.imports]\nnumpy = "numpy"\n'
    (project / "pyproject.toml").write_text(table + hook, encoding="utf-8")
    said = 'nothing in "weather" imports the registry, so PYDEFER_EAGER and a bare resolve_now() do not reach it'
    line = 'add the line "from . import _deferred as _deferred"'

    for command in (["init", "--yes"], ["generate"]):
        cli.main(command)
        assert f"note: {said}; {line} to src/weather/__init__.py\n" in capsys.readouterr().err
    assert cli.main(["check", "--no-environment"]) == 0
    assert f"src/weather/__init__.py:1: note: {said}; {line} [out-of-reach]\n" in capsys.readouterr().out

    (project / "src" / "weather" / "__init__.py").write_text("from . import _deferred as _deferred\n", "utf-8")
    for command in (["init", "--yes"], ["generate"], ["check", "--no-environment"]):
        cli.main(command)
        assert said not in "".join(capsys.readouterr())
