"""The same table gives the same bytes, wherever, whenever, by whomever and with whatever it is built."""

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import packaging
import pytest

from builds import Build, MakeProject, read_from
from deferred_imports.tooling.project.pyproject import read_toml
from processes import RunPython

FILES = {"src/weather/__init__.py": "", "src/weather/report.py": ""}
PROJECT = 'dependencies = ["numpy", "tomli"]\noptional-dependencies.plot = ["matplotlib"]\n'
TABLE = """
package = "weather"
registry = "_deferred"

[tool.deferred-imports.imports]
np = "numpy"
plt = { module = "matplotlib.pyplot", extra = "plot", groups = ["charts", "all"] }
toml = ["tomllib", "tomli"]
winreg = { module = "winreg", marker = "sys_platform == 'win32'", optional = true }
report = ".report"
"""
# The same, its names and keys in another order.
SHUFFLED = """
registry = "_deferred"
package = "weather"

[tool.deferred-imports.imports]
winreg = { optional = true, marker = "sys_platform == 'win32'", module = "winreg" }
report.module = ".report"
toml = { module = ["tomllib", "tomli"] }
np = { module = "numpy" }
plt = { groups = ["charts", "all"], extra = "plot", module = "matplotlib.pyplot" }
"""


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.fixture
def reference(build: Build, make_project: MakeProject) -> Path:
    """The wheel that others are compared with."""
    with umask(0o022):
        return build("hatchling", make_project(FILES, project=PROJECT, table=TABLE), env={"PYTHONHASHSEED": "0"}).wheel


def test_place_umask_hash_seed_and_order(build: Build, make_project: MakeProject, reference: Path) -> None:
    """Another directory, umask, hash seed and order of the table give the same wheel."""
    with umask(0o077):
        for table, seed in ((TABLE, "1"), (SHUFFLED, "2"), (TABLE, "random")):
            project = make_project(dict(reversed(FILES.items())), project=PROJECT, table=table)
            wheel = build("hatchling", project, env={"PYTHONHASHSEED": seed}).wheel
            assert wheel.read_bytes() == reference.read_bytes()


def test_user_zone_and_language(build: Build, make_project: MakeProject, reference: Path, tmp_path: Path) -> None:
    """Who builds, in which time zone and language, and where temporary files go, leaves no trace."""
    (tmp_path / "scratch").mkdir()
    someone = {"USER": "someone", "LOGNAME": "someone", "HOME": str(tmp_path), "TMPDIR": str(tmp_path / "scratch")}
    env = {**someone, "TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONUTF8": "0"}
    wheel = build("hatchling", make_project(FILES, project=PROJECT, table=TABLE), env=env).wheel
    assert wheel.read_bytes() == reference.read_bytes()


def test_source_date_epoch(build: Build, make_project: MakeProject, reference: Path) -> None:
    """SOURCE_DATE_EPOCH sets the times in the archive, and changes no content."""
    project = make_project(FILES, project=PROJECT, table=TABLE)
    wheel = build("hatchling", project, env={"SOURCE_DATE_EPOCH": "1700000000"}).wheel
    with zipfile.ZipFile(wheel) as dated, zipfile.ZipFile(reference) as plain:
        assert {info.date_time for info in dated.infolist()} == {(2023, 11, 14, 22, 13, 20)}
        assert {info.date_time for info in plain.infolist()} == {(2020, 2, 2, 0, 0, 0)}
        assert {name: dated.read(name) for name in dated.namelist()} == {
            name: plain.read(name) for name in plain.namelist()
        }


def test_no_version_of_a_tool(reference: Path) -> None:
    """A release of ours or of hatchling's that changes nothing changes nothing in what is generated."""
    tools = (version("hatchling"), read_toml(Path(__file__).parents[2] / "pyproject.toml")["project"]["version"])  # type: ignore[index]  # a document is not typed
    for name in ("_deferred.py", "deferred-imports.json"):
        text = read_from(reference, name)
        assert [found for found in tools if found in text] == []


RENDER = """
import json, sys
from deferred_imports.tooling.registry.render import declaration_text, registry_text
from deferred_imports.tooling.table.manifest import Shipped, parse_table
names = frozenset({"weather", "weather.report"})
manifest = parse_table(json.loads(sys.argv[1]), Shipped(modules=names, packages=frozenset({"weather"})))
sys.stdout.buffer.write((registry_text(manifest) + declaration_text(manifest)).encode())
"""


def is_there(python: str) -> bool:
    """Tell whether a command starts an interpreter; those of pyenv are there and may not."""
    found = shutil.which(python)
    return found is not None and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("minor", range(10, 16))
def test_every_python_generates_the_same(
    make_project: MakeProject, run_python: RunPython, tmp_path: Path, minor: int
) -> None:
    """Whichever supported Python builds, the text of the registry and of the record is the same."""
    other = f"python3.{minor}"
    if not is_there(other):
        pytest.skip(f"no {other} on PATH")
    shutil.copytree(Path(packaging.__file__).parent, tmp_path / "path" / "packaging")
    document = json.dumps(read_toml(make_project(FILES, project=PROJECT, table=TABLE) / "pyproject.toml"))
    here = run_python(RENDER, document, path=[tmp_path / "path"]).stdout
    assert '"numpy"' in here
    assert run_python(RENDER, document, path=[tmp_path / "path"], python=other, flags=["-B"]).stdout == here
