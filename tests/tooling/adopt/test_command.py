"""What `adopt` shows, writes and exits with; what it finds is tested in `test_pipeline`."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.registry.environment import here

MakeProject = Callable[..., Path]


def test_it_shows_and_writes_nothing(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """By default it prints the difference and what that gains, and exits with 1, as there is something to do."""
    source = (make_project() / "src/weather/cli.py").read_bytes()
    assert cli.main(["adopt"]) == 1
    out = capsys.readouterr().out
    assert "--- a/src/weather/cli.py\n+++ b/src/weather/cli.py\n" in out
    assert "3 names in 2 files can move:\n  weather --help: " in out
    assert Path("src/weather/cli.py").read_bytes() == source


def test_nothing_is_written_unasked(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no terminal to ask at, `--write` alone writes nothing, and says what would."""
    source = (make_project() / "src/weather/cli.py").read_bytes()
    assert cli.main(["adopt", "--write"]) == 1
    assert capsys.readouterr().err.endswith("nothing written; --yes writes without asking\n")
    assert Path("src/weather/cli.py").read_bytes() == source


def test_it_writes_once(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--write --yes` it writes, keeps modes and links, and has nothing to do a second time."""
    root = make_project()
    path = root / "src/weather/cli.py"
    path.chmod(0o755)
    real = root / "src/weather/real.txt"
    model = root / "src/weather/__init__.py"
    model.rename(real)
    model.symlink_to("real.txt")
    assert cli.main(["adopt", "--write", "--yes", "--allow-dirty"]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert model.is_symlink()
    assert b"    __getattr__ = attach(globals())\n" in real.read_bytes()
    assert b"    from xml.dom import minidom\n" in path.read_bytes()
    written = path.read_bytes()
    capsys.readouterr()

    assert cli.main(["adopt", "--write", "--yes", "--allow-dirty"]) == 0
    assert "nothing to do: no move would make the start load less\n" in capsys.readouterr().out
    assert path.read_bytes() == written


def test_a_dirty_tree_is_refused(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not committed is named, and nothing is tried."""
    root = make_project()
    (root / "new.py").touch()
    assert cli.main(["adopt", "--write", "--yes"]) == 2
    reason = "the tree has changes that are not committed (new.py); --allow-dirty writes all the same"
    assert capsys.readouterr().err == f"deferred-imports: {reason}\n"


def test_a_program_that_fails_as_it_is(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing starts, nothing can be proven; the message names the environment, which may be the wrong one."""
    make_project(src__weather__cli="import there_is_no_such\n")
    assert cli.main(["adopt"]) == 3
    where = f"before anything has moved; it was started in {here()}\n"
    assert f"No module named 'there_is_no_such', {where}" in capsys.readouterr().err


def test_tests_that_cannot_be_run(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that fail as a whole prove nothing: that is said, and nothing is written."""
    make_project()
    assert cli.main(["adopt", "--write", "--yes", "--test", "python -c 'raise SystemExit(\"no tests\")'"]) == 3
    assert capsys.readouterr().err.endswith(" fails before anything has moved: no tests\n")


def test_tests_that_pytest_refuses(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """What pytest has against the way in which it is called is told, and not how it is used."""
    make_project()
    assert cli.main(["adopt", "--test", "pytest --no-such-option"]) == 3
    assert capsys.readouterr().err.endswith("pytest: error: unrecognized arguments: --no-such-option\n")


def test_tests_that_cannot_be_collected(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests of which none can pass prove nothing either."""
    make_project(tests__test_other="import there_is_no_such\n")
    assert cli.main(["adopt", "--test", "pytest -q -p no:cacheprovider"]) == 3
    assert "pytest -q -p no:cacheprovider fails before anything has moved: " in capsys.readouterr().err


def test_a_table_that_init_would_not_write(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """Where `init` refuses, all else is done, and its whole reason is told."""
    manifest = make_project() / "pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('name = "weather"\n', ""), encoding="utf-8")
    assert cli.main(["adopt", "--write", "--yes", "--allow-dirty", "--startup", "weather --help"]) == 0
    told = "note: pyproject.toml stays as it is: pyproject.toml: [tool.deferred-imports] has 1 problem project.name: "
    assert told in capsys.readouterr().err
    assert "tool.deferred-imports" not in manifest.read_text(encoding="utf-8")


def test_unittest_is_read_too(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """Of unittest, too, it is known which tests fail, before and after."""
    text = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.fail()\n"
    make_project(tests__test_a=f"{text}\n    def test_b(self):\n        import weather.cli\n")
    assert cli.main(["adopt", "--test", "python -m unittest discover -s tests -p test_a.py"]) == 1
    told = "  tests: 1 passed, 1 failed before, 1 passed, 1 failed after\n"
    assert told in capsys.readouterr().out


def test_a_package_that_is_not_there(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that the project does not ship is an error in usage."""
    make_project()
    assert cli.main(["adopt", "climate"]) == 2
    assert capsys.readouterr().err == ('deferred-imports: expected a package or a module of "weather", got "climate"\n')


@pytest.mark.skipif(os.name == "nt", reason="hard links are told apart by their count")
def test_a_hard_link_is_refused(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that other places share is not written to, nor is any other then."""
    root = make_project()
    os.link(root / "src/weather/cli.py", root / "other")
    before = (root / "src/weather/__init__.py").read_bytes()
    assert cli.main(["adopt", "--write", "--yes", "--allow-dirty"]) == 3
    assert "is a hard link to a file that has other names; nothing was written\n" in capsys.readouterr().err
    assert (root / "src/weather/__init__.py").read_bytes() == before


def test_edits_for_machines(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """Applying the edits of `--json` gives what `--write` writes (pitfall 34)."""
    root = make_project()
    assert cli.main(["adopt", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {one["module"] for one in told["files"]} == {"weather", "weather.cli"}
    assert [(one["name"], one["reason"]) for one in told["kept"]] == [("decimal", "class")]
    results = {}
    for file in told["files"]:
        lines = (root / file["path"]).read_text(encoding="utf-8").splitlines(keepends=True)
        starts = [sum(map(len, lines[:index])) for index in range(len(lines) + 1)]
        text = "".join(lines)
        for edit in reversed(file["edits"]):
            start, end = (starts[edit[part]["line"] - 1] + edit[part]["column"] - 1 for part in ("start", "end"))
            text = text[:start] + edit["text"] + text[end:]
        results[file["path"]] = text
    assert cli.main(["adopt", "--write", "--yes"]) == 0
    assert {name: (root / name).read_text(encoding="utf-8") for name in results} == results


def test_the_table_is_written_as_init_does(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """A project without a table gets one, and what builds it in, and is told how CI and each checkout keep it so."""
    root = make_project()
    assert cli.main(["adopt"]) == 1
    assert "+[tool.deferred-imports]\n" in capsys.readouterr().out
    assert cli.main(["adopt", "--write", "--yes"]) == 0
    told = capsys.readouterr().err
    assert "  deferred-imports check --startup 'weather --help' --lock\n" in told
    assert " src/weather/_deferred.py" in told  # not in the copy, which is gone
    assert "  2 modules import src/weather/_deferred.py from now on: where it is not committed, a checkout gets" in told
    written = (root / "pyproject.toml").read_text(encoding="utf-8")
    assert "discover = true" in written
    assert 'build-backend = "deferred_imports.backend"\n' in written
    assert 'backend = "setuptools.build_meta:__legacy__"\n' in written


def test_what_is_said_before(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule that forbids imports in functions, and files that are not touched, are told (pitfalls 3, 32)."""
    root = make_project()
    generated = root / "src/weather/model.py"
    generated.write_text(f"# @generated\n{generated.read_text(encoding='utf-8')}", encoding="utf-8")
    (root / ".gitignore").write_text("built.py\nreport.py\n", encoding="utf-8")  # the latter is committed all the same
    (root / "src/weather/built.py").touch()
    (root / "src/weather/_vendor").mkdir()
    (root / "src/weather/_vendor/__init__.py").touch()
    (root / "ruff.toml").write_text('lint.select = ["ALL"]\nlint.ignore = ["PLR"]\n', encoding="utf-8")
    assert cli.main(["adopt", "--no-table"]) == 1
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    rule = "ruff's PLC0415 (import-outside-top-level)"
    assert notes == [
        f"note: {rule} forbids what moves most imports; leave it out for the modules that change",
        "note: src/weather/_vendor/__init__.py: left out, it lies in a directory of vendored code",
        "note: src/weather/built.py: left out, git ignores it",
        "note: src/weather/model.py: left out, its first lines say that it is generated",
    ]


def test_no_table(make_project: MakeProject) -> None:
    """With `--no-table` the pyproject.toml stays as it is."""
    root = make_project()
    before = (root / "pyproject.toml").read_bytes()
    assert cli.main(["adopt", "--write", "--yes", "--no-table"]) == 0
    assert (root / "pyproject.toml").read_bytes() == before


def test_forms_and_modules_can_be_chosen(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """`--form` and `--only` leave out the rest."""
    make_project()
    assert cli.main(["adopt", "--json", "--form", "functions"]) == 1
    names = {one["name"] for file in json.loads(capsys.readouterr().out)["files"] for one in file["names"]}
    assert names == {"html", "minidom"}
    assert cli.main(["adopt", "--json", "--only", "weather.model"]) == 0


def test_what_saves_too_little_stays(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--min-saving`, a move that saves fewer modules is left out: `render` saves the one that it lies in."""
    make_project(src__weather__report='"""Reports."""\n\n\ndef render(value):\n    return str(value)\n')
    assert cli.main(["adopt", "--json", "--min-saving", "2"]) == 1
    names = {one["name"] for file in json.loads(capsys.readouterr().out)["files"] for one in file["names"]}
    assert "minidom" in names
    assert "render" not in names
    assert cli.main(["adopt", "--min-saving", "2"]) == 1
    assert "  1 name is left out, as was asked for, and would save 1 module\n" in capsys.readouterr().out
    assert cli.main(["adopt", "--json", "--min-saving", "1000 modules"]) == 0


def test_what_saves_too_little_time_stays(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """`--min-saving` takes milliseconds, too: an hour saves no start; anything else is an error in usage."""
    make_project()
    assert cli.main(["adopt", "--json", "--min-saving", "3600000ms"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == []
    with pytest.raises(SystemExit) as stopped:
        cli.main(["adopt", "--min-saving", "5s"])
    assert stopped.value.code == 2
    assert 'expected modules or milliseconds, as in "3" or "5ms", got "5s"\n' in capsys.readouterr().err


def test_few_files_change(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--max-files`, those files change that save most modules, and what the others would save is told.

    `weather.report` saves least: it is one module; `decimal` and `xml.dom` bring more.
    """
    report = '"""Reports."""\n\n\ndef render(value):\n    return str(value)\n'
    start = '"""The command."""\n\nfrom weather import show, take\n\n\ndef main():\n    print(show, take)\n'
    show = "from xml.dom import minidom\n\n\ndef show(text):\n    return minidom.parseString(text)\n"
    take = "from weather.report import render\n\n\ndef take(text):\n    return render(text)\n"
    more = {"src__weather__show": show, "src__weather__take": take, "src__weather__report": report}
    make_project(src__weather__cli=start, **more, tests__test_cli="")
    assert cli.main(["adopt", "--no-table"]) == 1
    out = capsys.readouterr().out
    assert "3 names in 3 files can move:\n" in out
    assert " left out, " not in out
    assert cli.main(["adopt", "--no-table", "--max-files", "2"]) == 1
    out = capsys.readouterr().out
    assert "2 names in 2 files can move:\n" in out
    assert "  1 name is left out, as was asked for, and would save 1 module\n" in out
    assert "--- a/src/weather/take.py\n" not in out


def test_how_few_files_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    """`--max-files` takes a number from one on; anything else is an error in usage."""
    with pytest.raises(SystemExit) as stopped:
        cli.main(["adopt", "--max-files", "0"])
    assert stopped.value.code == 2
    assert 'expected a number of files, such as "5", got "0"\n' in capsys.readouterr().err
