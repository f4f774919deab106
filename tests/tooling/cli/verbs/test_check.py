"""The verb `check`: which options go together, and its exit codes."""

import json
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from goldens import write_app

TABLE = '[project]\nname = "app"\n[tool.deferred-imports]\ndiscover = true\n'


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--update"], "--update needs --lock"),
        (["--forbid", "wave"], "--forbid needs --startup"),
        (["--lock"], "--lock needs --startup"),
        (["--max-modules", "3"], "--max-modules needs --startup"),
    ],
)
def test_what_goes_together(
    options: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option that means nothing alone is refused before anything is checked or started."""
    monkeypatch.chdir(write_app(tmp_path, {"pyproject.toml": TABLE}))
    assert cli.main(["check", *options]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_limits_are_positive(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No program loads less than one module."""
    with pytest.raises(SystemExit) as caught:
        cli.main(["check", f"--max-modules={number}"])
    assert caught.value.code == 2
    assert f'expected a positive integer, got "{number}"' in capsys.readouterr().err


def test_a_table_that_is_not_valid_in_a_format_for_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its problems are findings there, and the exit code is that of a table that is not valid."""
    monkeypatch.chdir(write_app(tmp_path, {"pyproject.toml": TABLE + "discovr = 1\n"}))
    assert cli.main(["check", "--no-environment", "--format", "json"]) == 3
    captured = capsys.readouterr()
    [finding] = json.loads(captured.out)["findings"]
    assert (finding["kind"], finding["path"]) == ("table", "pyproject.toml")
    assert 'did you mean "discover"?' in captured.err
