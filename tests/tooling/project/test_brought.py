"""Which installed distribution brings a module, in environments with real metadata."""

import sys
from pathlib import Path

import pytest

from processes import RunPython

INSTALLED = {
    "google-cloud-bigquery": ["google/cloud/bigquery/__init__.py"],
    "google-cloud-bigquery-storage": ["google/cloud/bigquery_storage/__init__.py"],
    "protobuf": ["google/protobuf/__init__.py"],
    "visual-tools": ["eyes/__init__.py"],
    "zope.interface": ["zope/interface/__init__.py"],
}
TABLE = """
[project]
name = "app"
version = "1"
dependencies = [{requires}]
[tool.deferred-imports.imports]
eyes = "eyes"
"""


def install(place: Path) -> None:
    """Lay out the distributions as an installer does."""
    for name, files in INSTALLED.items():
        info = place / f"{name.replace('-', '_')}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", encoding="utf-8")
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")
        for file in files:
            (place / file).parent.mkdir(parents=True, exist_ok=True)
            (place / file).touch()


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("google.cloud.bigquery", ["google-cloud-bigquery"]),
        ("google.cloud.bigquery.client.Client", ["google-cloud-bigquery"]),
        ("google.protobuf", ["protobuf"]),
        ("google.cloud", ["google-cloud-bigquery", "google-cloud-bigquery-storage"]),
        ("zope.interface", ["zope.interface"]),
        ("eyes", ["visual-tools"]),
        ("nonsuch", []),
    ],
)
def test_what_is_installed_decides(module: str, names: list[str], tmp_path: Path, run_python: RunPython) -> None:
    """Below a namespace it is the distribution that has the files, whatever it is called."""
    install(tmp_path / "site")
    code = """
import sys
from deferred_imports.tooling.project.brought import brought_by
print(sorted(brought_by(sys.argv[1])))
"""
    path = [tmp_path / "site", *(Path(folder) for folder in sys.path if folder)]
    assert run_python(code, module, path=path).stdout.strip() == str(names)


@pytest.mark.parametrize(
    ("requires", "remedy"),
    [
        ('"visual-tools", "pyyaml"', 'as in { module = "eyes", distribution = "visual-tools" }'),
        ('"pyyaml"', 'add what provides it to [project] dependencies, as in "visual-tools"'),
    ],
)
def test_what_is_installed_is_what_is_offered(
    requires: str, remedy: str, tmp_path: Path, run_python: RunPython
) -> None:
    """The remedy for a module that no requirement covers names the distribution that brings it here."""
    install(tmp_path / "site")
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text(TABLE.format(requires=requires), encoding="utf-8")
    code = "from deferred_imports.tooling import cli; cli.main(['list', '--project', '.'])"
    path = [tmp_path / "site", *(Path(folder) for folder in sys.path if folder)]
    done = run_python(code, path=path, cwd=tmp_path, check=False)
    assert remedy in " ".join(done.stderr.split())
