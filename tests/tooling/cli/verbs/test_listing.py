"""What `list` shows of a project's table, for people and for machines."""

import ast
import json
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # it comes without types

from deferred_imports.tooling import cli
from goldens import CASES, compare, lay_out

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

COMMAND = CASES / "command"


@pytest.mark.usefixtures("project")
def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    """`list` shows every key of every entry; in a pipe no line is folded."""
    assert cli.main(["list"]) == 0
    compare(capsys.readouterr().out, COMMAND / "list.txt")


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


FORMATS = ("names", "nuitka", "pyinstaller", "cx-freeze")
FREEZING = """\
[project]
name = "weather"
dependencies = ["packaging", "nonsuch"]

[tool.deferred-imports.imports]
minidom = "xml.dom.minidom"
versions = { module = ["nonsuch_versions", "packaging.version"], distribution = "packaging" }
winreg = { module = "winreg", marker = "sys_platform == 'nowhere'" }
report = ".commands.report"
gone = "nonsuch"
"""


@pytest.mark.parametrize("form", FORMATS)
def test_list_for_freezers(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`list --format` writes what a freezer reads: modules that are there, for this platform, and the registry."""
    monkeypatch.chdir(lay_out(FREEZING, tmp_path))
    assert cli.main(["list", "--format", form]) == 0
    out, err = capsys.readouterr()
    compare(out, COMMAND / f"list-{form}.txt")
    assert [line.split(": ")[1] for line in err.splitlines()] == ["nonsuch", "nonsuch_versions"]


def test_lists_for_freezers_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lists are Python, TOML and YAML, and name the same modules."""
    monkeypatch.chdir(lay_out(FREEZING, tmp_path))
    said = {}
    for form in FORMATS:
        cli.main(["list", "--format", form])
        said[form] = capsys.readouterr().out
    names = said["names"].split()
    assert ast.literal_eval(said["pyinstaller"].partition("= ")[2]) == names
    assert tomllib.loads(said["cx-freeze"])["tool"]["cxfreeze"]["build_exe"]["includes"] == names
    (package,) = yaml.safe_load(said["nuitka"])
    assert package["module-name"] == "weather"
    assert package["implicit-imports"] == [{"depends": names}]
