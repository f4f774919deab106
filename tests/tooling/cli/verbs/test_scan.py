"""What `scan` exits with and shows when a start fails; what it finds is tested in its room."""

from pathlib import Path

import pytest

from deferred_imports.tooling import cli


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose program cannot start, as one of its imports is not installed."""
    package = tmp_path / "src" / "app"
    package.mkdir(parents=True)
    source = "import there_is_no_such\nimport json\ndef main():\n    return json, there_is_no_such\n"
    (package / "__init__.py").write_text(source, encoding="utf-8")
    table = '[project]\nname = "app"\nscripts.app = "app:main"\n'
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("arguments", [["scan"], ["scan", "--startup", "app --version"]], ids=" ".join)
def test_a_start_that_fails(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """When the program does not start, `scan` exits with 1, says why, and shows what `--static` shows."""
    assert cli.main(["scan", "--static"]) == 0
    static = capsys.readouterr().out
    assert "there_is_no_such" in static

    assert cli.main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == static
    reason = "failed with exit code 1: ModuleNotFoundError: No module named 'there_is_no_such'"
    assert err.splitlines()[1:] == [f"deferred-imports: the start {reason}; what follows is by the sources alone"]


@pytest.mark.usefixtures("broken")
def test_a_start_that_fails_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With `--json` the exit code is the same."""
    assert cli.main(["scan", "--json"]) == 1
    assert '"failure": "failed with exit code 1: ModuleNotFoundError' in capsys.readouterr().out


def test_where_an_installed_package_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Places in an installed package are told from where it is installed: not all begin with the same long path."""
    package = tmp_path / "lib" / "site-packages" / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import json\ndef main():\n    return json\n", encoding="utf-8")
    monkeypatch.syspath_prepend(package.parent)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert cli.main(["scan", "app", "--static"]) == 0
    assert capsys.readouterr().out.splitlines()[2].endswith("   app/__init__.py:1")
