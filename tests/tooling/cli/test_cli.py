"""The command: its two faces to the user, exit codes and texts, and what it must survive.

`tests/cases/command` holds what it prints for the table of `tests/cases/registry/design.toml`.
"""

import argparse
import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.cli.arguments import make_parser
from goldens import CASES, compare, lay_out, manifest_of, shipped_by, unpack
from processes import RUNTIME, RunPython, clean_env

COMMAND = CASES / "command"
TABLE = (CASES / "registry" / "design.toml").read_text(encoding="utf-8")
BAD = sorted((CASES / "manifest").glob("*.errors.txt"))
# For child processes: the command, with what its caller's environment has installed.
CODE = "import sys; from deferred_imports.__main__ import main; sys.exit(main())"
INSTALLED = [Path(folder) for folder in sys.path if folder]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample project, in which the command is called."""
    monkeypatch.chdir(lay_out(TABLE, tmp_path))
    return tmp_path


def registry(project: Path) -> Path:
    return project / "src" / "weather" / "_deferred.py"


# generate


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
    assert err == 'src/weather/_deferred.py is not up to date; "deferred-imports generate" writes it\n'
    assert registry(project).read_bytes() == before


def test_check_shows_what_is_missing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When there is no registry, all of it is the difference, and none is written."""
    assert cli.main(["generate", "--check"]) == 1
    out, err = capsys.readouterr()
    before, after, _, *lines = out.splitlines()
    assert (before, after) == ("--- /dev/null", "+++ src/weather/_deferred.py (generated)")
    assert [line[1:] for line in lines] == (CASES / "registry" / "design.py").read_text("utf-8").splitlines()
    assert err == 'src/weather/_deferred.py is missing; "deferred-imports generate" writes it\n'
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
        '  registry: "src/weather/_deferred.py" was not generated by deferred-imports and stays; '
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


# list


@pytest.mark.usefixtures("project")
def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    """`list` shows every key of every entry; in a pipe no line is folded."""
    assert cli.main(["list"]) == 0
    compare(capsys.readouterr().out, COMMAND / "list.txt")


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


@pytest.mark.usefixtures("project")
def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`list --json` is for machines: the names are keys, and what is not there is null."""
    assert cli.main(["list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["imports"]["np"] == {
        "module": ["numpy"],
        "extra": None,
        "groups": [],
        "marker": None,
        "distribution": "numpy",
        "optional": False,
    }


# Bad input


@pytest.mark.parametrize("errors", BAD, ids=lambda path: path.name.removesuffix(".errors.txt"))
def test_a_bad_table(errors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For a bad table the command prints what the parser says, word by word, and exits with 3."""
    table = errors.with_name(errors.name.replace(".errors.txt", ".toml")).read_text(encoding="utf-8")
    root = lay_out(table, tmp_path)

    assert cli.main(["-C", str(root), "generate"]) == 3
    assert capsys.readouterr() == ("", errors.read_text(encoding="utf-8"))


def test_there_are_bad_tables() -> None:
    """The test above has what it is about."""
    assert len(BAD) >= 35


def test_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no pyproject.toml, the command says where it looked."""
    monkeypatch.chdir(tmp_path)

    assert cli.main(["list"]) == 3
    assert capsys.readouterr().err == "pyproject.toml: no such file, neither here nor in a directory above\n"
    assert cli.main(["list", "-C", "nowhere"]) == 3
    assert capsys.readouterr().err == "nowhere/pyproject.toml: cannot be read: No such file or directory\n"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("arguments", [[], ["generat"], ["generate", "--chek"], ["list", "numpy"]], ids=" ".join)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong arguments exit with 2 and say what is right."""
    with pytest.raises(SystemExit) as exit_:
        cli.main(arguments)

    assert exit_.value.code == 2
    assert capsys.readouterr().err.startswith("usage: deferred-imports ")


# Finding the project


@pytest.mark.parametrize("arguments", [["-C", "{}", "list"], ["list", "--project", "{}"]], ids=["before", "after"])
def test_project_elsewhere(
    arguments: list[str], project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`-C` names the project, before the verb or after it."""
    monkeypatch.chdir("/")

    assert cli.main([argument.format(project) for argument in arguments]) == 0
    assert "matplotlib.pyplot" in capsys.readouterr().out


def test_project_above(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Called within the project, the command finds its root, and shows paths from where the user stands."""
    monkeypatch.chdir(project / "src" / "weather")

    assert cli.main(["generate"]) == 0
    assert capsys.readouterr().out == "wrote _deferred.py: 7 names\n"


# Help


@pytest.mark.parametrize("verb", ["check", "completion", "generate", "init", "list", "scan"])
def test_help_has_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The help of each verb ends with an example, and the example is right."""
    with pytest.raises(SystemExit) as exit_:
        cli.main([verb, "--help"])

    assert exit_.value.code == 0
    example = " ".join(capsys.readouterr().out.partition("Example: ")[2].split())
    assert example.startswith(f"deferred-imports {verb}")
    make_parser(argparse.Action).parse_args(shlex.split(example)[1:])


def test_help_is_light(run_python: RunPython) -> None:
    """`--help` imports what argparse imports, and no tool of ours but the command and its arguments."""
    code = """
import __future__, argparse, sys
parser = argparse.ArgumentParser()
parser.add_argument("--version", help="imports what argparse imports to print")
parser.print_help()
before = set(sys.modules)
from deferred_imports.__main__ import main
sys.argv = ["deferred-imports", "--help"]
try:
    main()
except SystemExit:
    print(*sorted(set(sys.modules) - before))
"""
    loaded = run_python(code, flags=["-S"]).stdout.splitlines()[-1].split()

    ours = ("__main__", "tooling", "tooling.cli", "tooling.cli.arguments")
    assert loaded == ["deferred_imports", *(f"deferred_imports.{name}" for name in ours)]


def test_generate_does_without_rich(project: Path, run_python: RunPython) -> None:
    """Only where a table is printed is rich imported."""
    code = f"import atexit, sys; atexit.register(lambda: print('rich' in sys.modules)); {CODE}"

    assert run_python(code, "generate", path=INSTALLED, cwd=project).stdout.endswith("\nFalse\n")
    assert run_python(code, "list", path=INSTALLED, cwd=project).stdout.endswith("\nTrue\n")


# Odd terminals


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
@pytest.mark.parametrize("verb", [["list"], ["generate", "--check"], ["generate"]], ids=" ".join)
def test_terminals_that_lack_characters(encoding: str, verb: list[str], tmp_path: Path, run_python: RunPython) -> None:
    """Names that the terminal cannot show are escaped; nothing crashes."""
    root = lay_out((CASES / "registry" / "non-ascii.toml").read_text(encoding="utf-8"), tmp_path / "größer")
    done = run_python(CODE, *verb, path=INSTALLED, cwd=root, env={"PYTHONIOENCODING": encoding}, check=False)

    assert done.returncode == (1 if "--check" in verb else 0)
    assert done.stderr.count("\n") <= 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows reports a closed pipe in its own ways")
@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["generate"], ["--help"]], ids=" ".join)
def test_broken_pipe(arguments: list[str], project: Path, home: Path) -> None:
    """When the reader of a pipe has gone (`| head`), the command ends quietly, as other programs do."""
    env = {**clean_env(home), "PYTHONPATH": str(RUNTIME)}
    command = [sys.executable, "-c", CODE, *arguments]
    with subprocess.Popen(command, env=env, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        said = child.stderr.read()

    assert (said, child.returncode) == (b"", 141)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows interrupts in another way")
def test_interrupt(project: Path, home: Path) -> None:
    """When the user interrupts it, the command ends quietly, and what it has started ends with it."""
    import fcntl

    waiting = project / "waiting"
    # A lock ends with its process, whoever takes note of that end and when.
    code = f"""
import fcntl, time
file = open({str(waiting)!r}, "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("here", file=file, flush=True)
time.sleep(60)
"""
    (project / "src" / "weather" / "cli.py").write_text(code, encoding="utf-8")
    env = {**clean_env(home), "PYTHONPATH": os.pathsep.join(map(str, [RUNTIME, *INSTALLED]))}
    command = [sys.executable, "-c", CODE, "check", "--startup", "weather.cli"]
    with subprocess.Popen(command, env=env, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
        while not (waiting.exists() and waiting.read_text(encoding="utf-8")):
            assert child.poll() is None
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        assert child.stdout is not None
        assert (child.stdout.read(), child.wait()) == (b"", 130)
    with waiting.open(encoding="utf-8") as file:
        for _ in range(100):
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(0.1)
        else:
            pytest.fail("the program is still running")


def test_no_terminal_at_all(project: Path, run_python: RunPython) -> None:
    """Where there is no standard output, as under pythonw, the work is done all the same."""
    run_python(f"import sys; sys.stdout = sys.stderr = None; {CODE}", "generate", path=INSTALLED, cwd=project)

    assert registry(project).is_file()


def test_the_samples_are_what_they_seem() -> None:
    """The layout of a case on the disk gives the manifest that its first line promises."""
    assert manifest_of(TABLE).package == "weather"
    assert shipped_by(TABLE)[0] == "weather/"
