"""What `list` shows of a project's table, for people and for machines."""

import json

import pytest

from deferred_imports.tooling import cli
from goldens import CASES, compare

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
