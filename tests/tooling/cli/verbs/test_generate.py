"""What `generate` and `generate --check` write, compare, say and exit with.

`tests/cases/command` holds what they print for the table of `tests/cases/registry/design.toml`.
"""

import sys
from pathlib import Path

import pytest

from commands import CODE, INSTALLED, TABLE
from deferred_imports.tooling import cli
from goldens import CASES, compare, lay_out, unpack
from processes import RunPython

COMMAND = CASES / "command"


def registry(project: Path) -> Path:
    return project / "src" / "weather" / "_deferred.py"


def test_generate_says_what_it_did(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`generate` writes the registry and says so in one line; when there is nothing to do, it says that."""
    assert cli.main(["generate"]) == 0
    assert capsys.readouterr() == ("wrote src/weather/_deferred.py: 7 names\n", "")
    before = registry(project).stat()

    assert cli.main(["generate"]) == 0
    assert capsys.readouterr() == ("src/weather/_deferred.py is up to date: 7 names\n", "")
    assert registry(project).stat().st_mtime_ns == before.st_mtime_ns


def test_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One name is no names."""
    table = '[project]\nname = "weather"\n[tool.deferred-imports.imports]\nj = "json"\n'
    monkeypatch.chdir(lay_out(table, tmp_path))

    assert cli.main(["generate"]) == 0
    assert capsys.readouterr().out == "wrote src/weather/_deferred.py: 1 name\n"


@pytest.mark.parametrize("case", ["out-of-reach", "out-of-reach-with-hook", "within-reach-with-hook"])
def test_generate_says_what_is_out_of_reach(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no hook sees to it that the registry is imported, `generate` says what that means and what to write."""
    monkeypatch.chdir(unpack(CASES / "check" / f"{case}.project", tmp_path))

    assert cli.main(["generate"]) == 0
    note = (
        'note: nothing in "weather" imports the registry, so PYDEFER_EAGER and a bare resolve_now() do not reach it; '
        'add the line "from . import _deferred as _deferred" to src/weather/__init__.py\n'
    )
    assert capsys.readouterr().err == ("" if "hook" in case else note)


@pytest.mark.usefixtures("project")
def test_check_finds_it_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """`generate --check` is content with what `generate` wrote."""
    cli.main(["generate"])
    capsys.readouterr()

    assert cli.main(["generate", "--check"]) == 0
    assert capsys.readouterr() == ("src/weather/_deferred.py is up to date\n", "")


def test_check_shows_what_is_stale(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When the table has changed, `generate --check` exits with 1, shows the difference and leaves the file alone."""
    cli.main(["generate"])
    capsys.readouterr()
    before = registry(project).read_bytes()
    (project / "pyproject.toml").write_text(TABLE.replace('np = "numpy"\n', 'num = "numpy"\n'), encoding="utf-8")

    assert cli.main(["generate", "--check"]) == 1
    out, err = capsys.readouterr()
    compare(out, COMMAND / "check-stale.diff")
    assert err == 'src/weather/_deferred.py is out of date; run "deferred-imports generate"\n'
    assert registry(project).read_bytes() == before


def test_check_shows_what_is_missing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When there is no registry, all of it is the difference, and none is written."""
    assert cli.main(["generate", "--check"]) == 1
    out, err = capsys.readouterr()
    before, after, _, *lines = out.splitlines()
    assert (before, after) == ("--- /dev/null", "+++ src/weather/_deferred.py (generated)")
    assert [line[1:] for line in lines] == (CASES / "registry" / "design.py").read_text("utf-8").splitlines()
    assert err == 'src/weather/_deferred.py is missing; run "deferred-imports generate"\n'
    assert not registry(project).exists()


def test_check_makes_line_endings_seen(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that version control has given other line endings is told from a wrong one."""
    cli.main(["generate"])
    capsys.readouterr()
    registry(project).write_bytes(registry(project).read_bytes().replace(b"\n", b"\r\n"))

    assert cli.main(["generate", "--check"]) == 1
    out = capsys.readouterr().out
    assert '-"""What weather imports when it is used; its pyproject.toml declares it."""\\r\n' in out
    assert '+"""What weather imports when it is used; its pyproject.toml declares it."""\n' in out


@pytest.mark.parametrize("arguments", [["generate"], ["generate", "--check"]], ids=" ".join)
def test_a_file_of_somebody_stays(project: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A hand-written `_deferred.py` is refused, and stays as it is."""
    registry(project).write_text("np = 'mine'\n", encoding="utf-8")

    assert cli.main(arguments) == 3
    header, problem = capsys.readouterr().err.splitlines()
    assert header == "pyproject.toml: [tool.deferred-imports] has 1 problem"
    assert problem.startswith(
        '  registry: "src/weather/_deferred.py" was not generated by deferred-imports and is not overwritten; '
    )
    assert registry(project).read_text(encoding="utf-8") == "np = 'mine'\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files, which stops root, too")
def test_what_cannot_be_written(project: Path, run_python: RunPython) -> None:
    """When the registry cannot be written, a message says why, without a traceback, and nothing half-written stays."""
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); {CODE}"
    done = run_python(code, "generate", path=INSTALLED, cwd=project, flags=["-B"], check=False)

    assert done.stderr == 'deferred-imports: "src/weather/_deferred.py" cannot be written: File too large\n'
    assert (done.returncode, done.stdout) == (2, "")
    assert {path.name for path in registry(project).parent.iterdir()} == {"__init__.py", "cli.py", "commands"}
