"""The command: what all verbs promise of exit codes, help and texts, and what they must survive."""

import argparse
import contextlib
import importlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import CODE, INSTALLED, TABLE
from deferred_imports.tooling import cli
from deferred_imports.tooling.cli.arguments import VERBS, make_parser
from goldens import CASES, lay_out, manifest_of, shipped_by
from processes import RUNTIME, RunPython, clean_env

BAD = sorted((CASES / "manifest").glob("*.errors.txt"))


def registry(project: Path) -> Path:
    return project / "src" / "weather" / "_deferred.py"


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
    assert (
        capsys.readouterr().err
        == "pyproject.toml: not found, here or in any directory above; name its directory with -C\n"
    )
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


def test_the_version_where_it_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run from its sources alone the command has none, and says so."""
    importlib.import_module("deferred_imports.tooling.registry.distributions")  # nothing is found on an empty path
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--version"])
    assert (stopped.value.code, capsys.readouterr().out) == (0, "deferred-imports (not installed)\n")


def test_alone_it_helps(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a verb the command shows all of its help; as nothing was done, it exits with 2."""
    with pytest.raises(SystemExit) as exit_:
        cli.main([])

    assert exit_.value.code == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", make_parser(cli._Version).format_help())
    assert [line.split()[0] for line in err.splitlines() if re.match("    [a-z]", line)] == list(VERBS)
    assert list(VERBS)[:5] == ["init", "scan", "adopt", "check", "generate"]  # in which a newcomer needs them


@pytest.mark.parametrize(("typed", "meant"), [("lst", "list"), ("chek", "check"), ("inti", "init")])
def test_a_misspelt_verb(typed: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    """For a verb that is nearly right, the message names the right one."""
    with pytest.raises(SystemExit):
        cli.main([typed])

    verbs = ", ".join(f'"{verb}"' for verb in VERBS)
    message = f'argument VERB: expected one of {verbs}, got "{typed}"; did you mean "{meant}"?'
    assert capsys.readouterr().err.splitlines()[-1] == f"deferred-imports: error: {message}"


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


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The help of each verb ends with an example, and the example is right."""
    with pytest.raises(SystemExit) as exit_:
        cli.main([verb, "--help"])

    assert exit_.value.code == 0
    example = " ".join(capsys.readouterr().out.partition("Example: ")[2].split())
    start = "deferred-imports"
    assert example.removeprefix("sudo ").startswith(f"{start} {verb}")
    make_parser(argparse.Action).parse_args(shlex.split(example.removeprefix("sudo "))[1:])


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


def test_verbs_are_light(run_python: RunPython) -> None:
    """The arguments of a verb, and their help, load no room: only the verb's own file."""
    code = """
import sys
from deferred_imports.__main__ import main
from deferred_imports.tooling.cli.arguments import VERBS
for verb in VERBS:
    before = set(sys.modules)
    sys.argv = ["deferred-imports", verb, "--help"]
    try:
        main()
    except SystemExit:
        ours = [name.split(".") for name in set(sys.modules) - before if name.startswith("deferred_imports")]
        print("LOADED", *[".".join(name[2:]) for name in ours if name[-1] != "verbs"])
"""
    lines = run_python(code, flags=["-S"]).stdout.splitlines()
    loaded = [line.split()[1:] for line in lines if line.startswith("LOADED")]
    assert loaded == [[f"cli.verbs.{file}"] for file, _ in VERBS.values()]


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
        said = child.stdout.read().splitlines()
        assert [line.partition(b":")[0] for line in said] == [b"starting in a child process"]
        assert child.wait() == 130
    with waiting.open(encoding="utf-8") as file:
        for _ in range(600):
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
