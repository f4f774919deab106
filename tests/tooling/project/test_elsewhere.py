"""Name and requirements of projects that say them outside of [project]: each place that is plain text."""

from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.project.elsewhere import described_elsewhere
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.project.tree import load_project

TABLE = "[tool.deferred-imports]\ndiscover = true\n"
FILES = {
    "poetry": {
        "pyproject.toml": """
[tool.poetry]
name = "weather"
[tool.poetry.dependencies]
python = "^3.9"
numpy = "^2"
tomli = { version = "*", python = "<3.11" }
odd = { version = "*", python = "^3.9" }
pywin32 = { version = "*", markers = "os_name == 'nt' or os_name == 'ce'", platform = "win32" }
twice = [{ version = "1" }, { version = "2" }]
Matplotlib = { version = "*", optional = true }
[tool.poetry.extras]
plot = ["matplotlib"]
"""
    },
    "flit": {
        "pyproject.toml": """
[tool.flit.metadata]
module = "weather"
requires = ["numpy", "tomli; python_version < '3.11'"]
[tool.flit.metadata.requires-extra]
plot = ["Matplotlib"]
"""
    },
    "setup.cfg": {
        "pyproject.toml": "",
        "setup.cfg": """
[metadata]
name = weather
[options]
install_requires =
    numpy
    tomli; python_version < "3.11"  # a comment
[options.extras_require]
plot =
    Matplotlib
""",
    },
    "setup.py": {
        "pyproject.toml": "",
        "setup.py": """
import setuptools
VERSION = "1"
setuptools.setup(
    name="weather", version=VERSION, extras_require={"plot": ["Matplotlib"]},
    install_requires=["numpy", 'tomli; python_version < "3.11"'],
)
""",
    },
    "setup.py of old": {
        "pyproject.toml": "",
        "setup.py": """
from setuptools import setup
NAME = "weather"
requires = ["numpy"]
setup(
    NAME, name=NAME, install_requires=requires,
    extras_require={"plot": "Matplotlib", ':python_version < "3.11"': ["tomli"], "io:os_name == 'nt'": ["pywin32"]},
)
""",
    },
    "requirements": {
        "pyproject.toml": """
[project]
name = "weather"
dynamic = ["dependencies", "optional-dependencies"]
[tool.setuptools.dynamic]
dependencies = { file = ["requirements.txt"] }
optional-dependencies.plot = { file = "plot.txt" }
""",
        "requirements.txt": '# ours\nnumpy\n-c constraints.txt\ntomli; python_version < "3.11"\n',
        "plot.txt": "Matplotlib\n",
    },
}


def lay_out(root: Path, files: dict[str, str]) -> Path:
    more = {"weather/__init__.py": "def f():\n    import numpy, tomli, matplotlib, unheard_of\n"}
    for name, text in {**files, **more}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + TABLE * (name == "pyproject.toml"), encoding="utf-8")
    return root


@pytest.mark.parametrize("kind", FILES)
def test_what_is_said_elsewhere(kind: str, tmp_path: Path) -> None:
    """Name, requirements and extras are read, and necessity and remedies follow them."""
    project = load_project(lay_out(tmp_path, FILES[kind]))
    assert project.manifest.project == "weather"
    assert not project.sure
    found = project.requirements
    assert found.where("numpy") == (None, True)
    assert found.where("tomli") == ("python_version < '3.11'", True)
    assert found.where("matplotlib") == (None, False)
    assert found.extras_with("matplotlib") == ["plot"]


def test_what_poetry_says(tmp_path: Path) -> None:
    """Markers, platforms and versions of Python are markers; what no marker says makes nothing required."""
    project = load_project(lay_out(tmp_path, FILES["poetry"]))
    assert project.requirements.where("pywin32") == (
        "(os_name == 'nt' or os_name == 'ce') and sys_platform == 'win32'",
        True,
    )
    assert project.requirements.where("odd") == project.requirements.where("twice") == (None, False)


def test_what_setup_py_may_change(tmp_path: Path) -> None:
    """A name that is changed after it was given to a literal says nothing."""
    for more in ("requires.append('other')", "requires += ['other']", "requires = []", "requires[0] = 'other'"):
        code = f"requires = ['numpy']\n{more}\nsetup(install_requires=requires, name='weather')\n"
        (tmp_path / "setup.py").write_text(code, encoding="utf-8")
        assert described_elsewhere(tmp_path, {}) == {"name": "weather"}


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """Files that are broken, or compute what they say, say nothing, and nothing of them runs."""
    (tmp_path / "pyproject.toml").write_text("tool.poetry = 1\n", encoding="utf-8")
    document = read_toml(tmp_path / "pyproject.toml")
    for cfg, code in (
        ("[", "("),
        ("\0", "import sys\nsys.exit(setup(name=f'{1}', install_requires=x))"),
        ("é", "setup(1)"),
    ):
        (tmp_path / "setup.cfg").write_text(cfg, encoding="latin-1")
        (tmp_path / "setup.py").write_text(code, encoding="utf-8")
        assert described_elsewhere(tmp_path, document) == {}


def test_no_name_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody says the name, the message tells the lines that are missing, and only those."""
    monkeypatch.chdir(lay_out(tmp_path, {"pyproject.toml": ""}))
    assert cli.main(["generate"]) == 3
    keys = '"version", "dependencies", "optional-dependencies", "scripts"'
    remedy = f'add [project] with name = "..." and dynamic = [{keys}]'
    assert capsys.readouterr().err.splitlines() == [
        "pyproject.toml: [tool.deferred-imports] has 1 problem",
        f"  project.name: expected the name of the project, got nothing; {remedy}",
    ]
