"""The report of Lifeguard: read from its JSON, and refused in words where it is something else."""

from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.scan.lifeguard import NoReportError, read_report
from goldens import write_app


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"LOAD_IMPORTS_EAGERLY": 1, "LAZY_ELIGIBLE": {}}'])
def test_something_else(text: str, tmp_path: Path) -> None:
    """A file that is no report is refused, with what was expected."""
    path = tmp_path / "report.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NoReportError, match="expected the JSON of Lifeguard"):
        read_report(path)


def test_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there is told, with exit code 2."""
    monkeypatch.chdir(write_app(tmp_path, {}))
    assert cli.main(["scan", "--static", "--lifeguard", "none.json"]) == 2
    assert capsys.readouterr().err == "deferred-imports: none.json: it cannot be read: No such file or directory\n"
