"""What `scan` says of an import that could wait: it is to be kept, or it is risky. `adopt` leaves it where it is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from deferred_imports.tooling import cli

MakeProject = Callable[..., Path]
CLI = '''"""The command."""

import sys

from weather import notes, report, units


def main():
    if "--help" in sys.argv:
        print("usage: weather")
        return 0
    return notes.note(report.render(units.NAMES))
'''
REPORT = '''"""A report."""

from weather import notes

TEXT = notes.note("Report")


def render(what):
    return TEXT
'''
NOTES = '"""Notes."""\n\nimport atexit\n\natexit.register(print, "bye")\n\n\ndef note(text):\n    return text\n'
UNITS = '"""Units."""\n\nimport weather.report\n\nweather.report.render.unit = "C"\nNAMES = ["C"]\n'


def found(capsys: pytest.CaptureFixture[str], *options: str, startup: str = "weather.cli") -> dict[str, dict[str, str]]:
    """Return what moves in `weather.cli`, with its form, and what stays, with its reason in words."""
    cli.main(["adopt", "--json", "--startup", startup, *options])
    told = json.loads(capsys.readouterr().out)
    moved = {
        one["name"]: one["form"] for file in told["files"] if file["module"] == "weather.cli" for one in file["names"]
    }
    kept = {one["name"]: f"{one['text']} [{one['reason']}]" for one in told["kept"] if one["path"].endswith("cli.py")}
    return {"moved": moved, "kept": kept}


def test_what_is_risky_stays(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """An import that does something to others is not moved, with the code and the line of what it does."""
    make_project(src__weather__cli=CLI, src__weather__notes=NOTES, src__weather__units=UNITS)
    told = found(capsys)
    assert told["moved"] == {}  # what changes it loads `report` all the same
    assert told["kept"] == {
        "notes": "importing it registers something: `atexit.register` in weather.notes:5 [registers]",
        "units": "importing it changes another module: `weather.report.render.unit = ...` in weather.units:5 [patches]",
    }


def test_what_each_start_loads_when_all_moves_is_no_risk(
    make_project: MakeProject, capsys: pytest.CaptureFixture[str]
) -> None:
    """What leads to a module that a function loads on every start can wait, whatever that module does to others."""
    always = CLI.replace('        print("usage: weather")\n', '        print(notes.note("usage: weather"))\n')
    units = "NAMES = []\n"
    make_project(
        src__weather__cli=always, src__weather__notes=NOTES, src__weather__report=REPORT, src__weather__units=units
    )
    told = found(capsys, startup="weather --help")
    assert told["moved"].keys() == {"report", "units"}
    assert "notes" not in told["kept"]


@pytest.mark.parametrize("options", [(), ("--risky",)])
def test_what_cannot_wait_stays(
    options: tuple[str, ...], make_project: MakeProject, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `scan` says cannot be deferred is not moved, for the reason that it tells, in its words."""
    code = "import colorsys\n\nfrom weather import notes\n\n\ndef early():\n    return colorsys.ONE_SIXTH\n\n\n"
    code += "VALUE = early()\n\n\ndef main():\n    print(VALUE)\n\n\ndef late():\n    return notes\n"
    make_project(src__weather__cli=code, src__weather__notes='"""Notes."""\n')
    told = found(capsys, *options)
    assert told["moved"].keys() == {"notes"}
    assert told["kept"] == {
        "colorsys": "used in early, which is called when the package is imported (line 7) [calls]",
    }


def test_a_submodule_that_is_never_used_goes_with_its_package(
    make_project: MakeProject, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two imports bind one package, of which one submodule is used: both move to where that is."""
    code = "import xml.dom\nimport xml.sax\n\n\ndef main():\n    print()\n\n\ndef late():\n    return xml.sax.parse\n"
    make_project(src__weather__cli=code)
    assert found(capsys) == {"moved": {"xml": "functions"}, "kept": {}}


def test_what_hangs_on_what_is_risky_says_how_to_move_it(
    make_project: MakeProject, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where many modules hang on a line that is risky, the option that moves it is named."""
    costly = (
        'import atexit\nimport xml.dom.minidom\n\natexit.register(print, "bye")\n\n\ndef note(text):\n    return text\n'
    )
    hint = "    with --risky, imports that do something to others move, too, if starts and tests go as before\n"
    make_project(src__weather__cli=CLI, src__weather__notes=costly, src__weather__units="NAMES = []\n")
    cli.main(["adopt", "--startup", "weather --help"])
    assert hint in capsys.readouterr().out
    cli.main(["adopt", "--startup", "weather --help", "--risky"])
    assert hint not in capsys.readouterr().out


def test_what_is_risky_moves_when_asked(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--risky`, the starts and the tests alone decide."""
    make_project(src__weather__cli=CLI, src__weather__notes=NOTES, src__weather__units=UNITS)
    told = found(capsys, "--risky")
    assert told == {"moved": dict.fromkeys(("notes", "report", "units"), "functions"), "kept": {}}


@pytest.mark.parametrize("options", [(), ("--risky",)])
def test_what_the_table_keeps_stays(
    options: tuple[str, ...], make_project: MakeProject, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the table names is kept, whatever else is asked for."""
    root = make_project(
        src__weather__cli=CLI, src__weather__notes='"""Notes."""\n\n\ndef note(text):\n    return text\n'
    )
    manifest = root / "pyproject.toml"
    table = '\n[tool.deferred-imports]\ndiscover = true\nscan.keep = ["weather.cli:weather.notes"]\n'
    manifest.write_text(manifest.read_text("utf-8") + table, "utf-8")
    (root / "src/weather/units.py").write_text("NAMES = []\n", "utf-8")
    told = found(capsys, *options)
    assert told["moved"].keys() == {"report", "units"}
    assert told["kept"] == {"notes": "to be kept (by the table) [kept]"}
