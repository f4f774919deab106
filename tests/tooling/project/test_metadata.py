"""What METADATA fills in where a pyproject.toml leaves it to the backend."""

import zipfile
from pathlib import Path

import pytest

from builds import Build, MakeProject, read_from
from deferred_imports.tooling import cli
from deferred_imports.tooling.project.metadata import with_metadata

METADATA = b"""\
Metadata-Version: 2.4
Name: Weather
Version: 1.0
Requires-Dist: numpy>=2
Requires-Dist: tomli; python_version < "3.11"
Requires-Dist: matplotlib; extra == "fast-plot"
Requires-Dist: pywin32; sys_platform == "win32" and extra == "fast-plot"
Requires-Dist: both; extra == "fast-plot" or extra == "io"
Requires-Dist: weather[io]; extra == "all"
Provides-Extra: fast-plot
Provides-Extra: io
Provides-Extra: none
Provides-Extra: all

The description, not a header.
"""
ALWAYS = ["numpy>=2", 'tomli; python_version < "3.11"']
EXTRAS = {
    "fast-plot": [
        "matplotlib",
        'pywin32; sys_platform == "win32" and extra == "fast-plot"',
        'both; extra == "fast-plot" or extra == "io"',
    ],
    "io": ['both; extra == "fast-plot" or extra == "io"'],
    "none": [],
    "all": ["weather[io]"],
}


def test_no_project_at_all() -> None:
    """Of a project that only setup.py or `[tool.poetry]` describes, all is filled in."""
    assert with_metadata({"tool": {}}, METADATA) == {
        "tool": {},
        "project": {"name": "Weather", "dependencies": ALWAYS, "optional-dependencies": EXTRAS},
    }


@pytest.mark.parametrize("key", ["dependencies", "optional-dependencies"])
def test_what_is_dynamic(key: str) -> None:
    """Of a [project] only what it says is dynamic."""
    project = {"name": "weather", "dynamic": [key, "version"]}
    filled = ALWAYS if key == "dependencies" else EXTRAS
    assert with_metadata({"project": project}, METADATA) == {"project": {**project, key: filled}}


def test_what_is_static() -> None:
    """What is written stays, in the user's spelling; what [project] does not have, it does not require."""
    project = {"name": "weather", "dependencies": ["NumPy"]}
    assert with_metadata({"project": project}, METADATA) == {"project": project}
    assert with_metadata({"project": "wrong"}, METADATA) == {"project": "wrong"}


HOOK = """
from hatchling.metadata.plugin.interface import MetadataHookInterface
class Hook(MetadataHookInterface):
    def update(self, metadata):
        metadata["dependencies"] = ["packaging", "tomli; python_version < '3.11'"]
        metadata["optional-dependencies"] = {"b": ["dask"], "a": ["numpy"], "dev": ["numpy"]}
"""
CODE = "def f():\n    import packaging.tags, tomli\ndef g():\n    import dask, numpy, unheard_of\n"


@pytest.mark.parametrize("target", ["wheel", "editable"])
def test_hook_and_command_write_the_same(
    target: str,
    build: Build,
    make_project: MakeProject,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With metadata that a hook fills in, the command writes what the build has written, once that is installed."""
    more = 'dynamic = ["dependencies", "optional-dependencies"]\n[tool.hatch.metadata.hooks.custom]\n'
    files = {
        "hatch_build.py": HOOK,
        "src/weather/__init__.py": "from . import _deferred as _deferred\n",
        "src/weather/m.py": CODE,
    }
    project = make_project(files, project=more, table="discover = true")
    wheel = build("hatchling", project, target).wheel
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed, [name for name in archive.namelist() if ".dist-info/" in name])
    monkeypatch.syspath_prepend(installed)
    monkeypatch.chdir(project)
    built = project / "src/weather/_deferred.py" if target == "editable" else None
    text = built.read_text("utf-8") if built else read_from(wheel, "weather/_deferred.py")

    assert cli.main(["generate"]) == 0
    assert (project / "src/weather/_deferred.py").read_text("utf-8") == text
    assert 'pip install "weather[a]"' in text
    assert cli.main(["generate", "--check"]) == 0
    assert cli.main(["check", "--no-environment"]) == 0
