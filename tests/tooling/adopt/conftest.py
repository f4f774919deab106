"""A small project with tests of its own, in a repository, on which `adopt` is run for real."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

FILES = {
    "pyproject.toml": '[project]\nname = "weather"\nversion = "1"\nscripts.weather = "weather.cli:main"\n',
    "src/weather/__init__.py": '"""Weather."""\n\nfrom weather.model import Forecast\n',
    "src/weather/model.py": '"""Models."""\n\nimport decimal\n\n\nclass Forecast:\n    value = decimal.Decimal(1)\n',
    "src/weather/cli.py": '''"""The command."""

import sys
from xml.dom import minidom

from weather.report import render


def main():
    if "--help" in sys.argv:
        print("usage: weather")
        return 0
    return show(sys.argv[1])


def show(text):
    return render(minidom.parseString(text))
''',
    "src/weather/report.py": '''"""Reports."""

import html


def render(value):
    return html.escape(str(value))
''',
    "tests/test_cli.py": """from unittest import mock

from weather import Forecast, cli


def test_show():
    with mock.patch("weather.cli.render", autospec=True) as render:
        cli.show("<a/>")
    assert render.called


def test_forecast():
    assert Forecast.value == 1
""",
}


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return root


@pytest.fixture
def make_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make the project, with some files changed or added, commit it, and go there."""

    def make(**changed: str) -> Path:
        files = {**FILES, **{name.replace("__", "/") + ".py": text for name, text in changed.items()}}
        root = write(tmp_path / "project", files)
        for words in (
            ["init", "-q"],
            ["add", "."],
            ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "1"],
        ):
            subprocess.run(["git", *words], cwd=root, check=True)  # noqa: S607 - whichever git there is
        monkeypatch.chdir(root)
        return root

    return make
