"""The verb `record`: what it says, and when it exits with which code."""

import os
import sys
from pathlib import Path

import pytest

import recording
from deferred_imports.prefetch import END, HEADER
from deferred_imports.tooling import cli
from deferred_imports.tooling.readahead.pipeline import record
from trees import write

world = recording.world

NOTHING = "nothing was recorded: the command starts no Python, or one that ignores PYTHONPATH"


def test_where_it_is_written(world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says where and how much; without -o, the record lies where `prefetch()` looks for it."""
    write(world, {"sitecustomize.py": "", "a.py": "import sys; sys.exit(sys.argv[1:])"})
    monkeypatch.setattr(sys, "argv", ["deferred-imports"])
    assert cli.main(["record", "-o", "out", "--", sys.executable, "-c", "import a", "-C", "x"]) == 1
    captured = capsys.readouterr()
    assert captured.err == f"deferred-imports: {sys.executable} ended with exit code 1\n"
    assert captured.out.startswith("wrote out: ")
    assert captured.out.endswith(" files\n")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ([], "deferred-imports: expected a command to run after --, got nothing\n"),
        (["nowhere"], "deferred-imports: nowhere: No such file or directory\n"),
        (
            [sys.executable, "-I", "-c", ""],
            f"deferred-imports: {sys.executable}: {NOTHING}\n",
        ),
    ],
    ids=["nothing", "nowhere", "isolated"],
)
def test_nothing_to_record(command: list[str], expected: str, world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That is said in one line, and nothing is written."""
    assert cli.main(["record", "-o", str(world / "out"), "--", *command]) == 2
    assert capsys.readouterr().err == expected
    assert list(world.iterdir()) == []


@pytest.mark.parametrize("verb", ["record", "profile"])
@pytest.mark.skipif(os.name == "nt", reason="makes a program as POSIX has it")
def test_a_program_of_an_environment_that_is_not_active(
    verb: str, world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """These verbs run a command as a shell does; one that only the project's environment has is named."""
    write(world, {"pyproject.toml": "", ".venv/bin/wether": "#!/bin/sh\n"})
    (world / ".venv/bin/wether").chmod(0o755)
    monkeypatch.chdir(world)
    assert cli.main([verb, "--", "wether", "--help"]) == 2
    expected = 'wether: not on PATH; write ".venv/bin/wether", or activate the environment'
    assert capsys.readouterr().err == f"deferred-imports: {expected}\n"


def test_a_place_that_is_not_there(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the file that was asked for, not the one that it is written to first."""
    out = world / "nowhere" / "out"
    write(world, {"a.py": ""})
    assert cli.main(["record", "-o", str(out), "--", sys.executable, "-c", "import a"]) == 2
    place = out.relative_to(Path.cwd()).as_posix()  # as the user sees it
    assert capsys.readouterr().err == f"deferred-imports: {place}: No such file or directory\n"


def test_a_record_made_anew(world: Path) -> None:
    """`--anew` forgets what earlier runs have recorded."""
    write(world, {"a.py": "", "b.py": ""})
    for module, options in (("a", []), ("b", ["--anew"])):
        assert cli.main(["record", "-o", "out", *options, "--", sys.executable, "-c", f"import {module}"]) == 0
    text = Path("out").read_text(encoding="utf-8")
    assert "__pycache__/b." in text
    assert "__pycache__/a." not in text


def test_whether_a_record_is_true(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` runs nothing, says which files are not as recorded, and exits with 1 when some are not."""
    write(world, {"a.py": "", "b.py": ""})
    record([sys.executable, "-c", "import a, b"], Path("out"), anew=True)
    lines = Path("out").read_text(encoding="utf-8").splitlines()
    mine = [line for line in lines if line.startswith("path ")]
    Path("out").write_text("\n".join([HEADER, *mine, END, ""]), encoding="utf-8")
    monkeypatch.syspath_prepend(str(world))

    assert cli.main(["record", "--check", "-o", "out"]) == 0
    assert capsys.readouterr().out == "out: all 2 files are as recorded\n"

    cached = next((world / "__pycache__").glob("a.*"))
    cached.write_bytes(b"another size")
    assert cli.main(["record", "--check", "-o", "out"]) == 1
    assert capsys.readouterr().out == (
        f"out: 1 of 2 files are not as recorded: __pycache__/{cached.name}; "
        '"deferred-imports record --anew -- COMMAND" records them again\n'
    )


@pytest.mark.parametrize(("text", "reason"), [(None, "no such file"), ("x", "not a whole read-ahead record")])
def test_no_record_to_check(
    text: str | None, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a record there is nothing to check, and the command says what writes one."""
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("out").write_text(text, encoding="utf-8")
    assert cli.main(["record", "--check", "-o", "out"]) == 2
    said = f'deferred-imports: out: {reason}; "deferred-imports record -- COMMAND" writes one\n'
    assert capsys.readouterr().err == said
