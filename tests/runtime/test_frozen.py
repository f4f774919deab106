"""What is missing from a frozen program: nothing can be installed into it, so nothing says `pip install`.

tests/freezing.py freezes real programs; here an interpreter says of itself what theirs do.
"""

import zipfile
from pathlib import Path

import pytest

from builds import Build, MakeProject
from processes import RunPython

FROZEN = {
    "PyInstaller, cx_Freeze": "import sys; sys.frozen = True",
    "pex": "import sys; sys.modules['pex'] = sys",  # what starts a pex is there
    "Nuitka": """
import importlib.machinery, sys, types
class Loader:  # Nuitka gives each module that it compiles a global of this name
    def find_spec(name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec and spec.loader and name.partition(".")[0] in ("weather", "deferred_imports"):
            execute = spec.loader.exec_module
            def exec_module(module):
                module.__compiled__ = types.SimpleNamespace(standalone=True)
                execute(module)
            spec.loader.exec_module = exec_module
        return spec
sys.meta_path.insert(0, Loader)
""",
}
CODE = """
import weather._deferred
try:
    weather._deferred.web
except ModuleNotFoundError as error:
    print(error)
from deferred_imports import find_missing
print(*[entry.remedy for entry in find_missing("weather")])
"""
TEXT = "weather needs nonsuch for 'web' (declared in [tool.deferred-imports]): "
PROJECT = 'optional-dependencies.web = ["nonsuch"]'
TABLE = 'imports.web = { module = "nonsuch", extra = "web" }'


@pytest.mark.parametrize("freezer", FROZEN)
def test_what_is_missing(freezer: str, build: Build, make_project: MakeProject, run_python: RunPython) -> None:
    """The registry's error and the runtime's reports say that the program was built without it."""
    wheel = build("hatchling", make_project({"src/weather/__init__.py": ""}, project=PROJECT, table=TABLE)).wheel
    without = "this program was built without it"
    assert run_python(FROZEN[freezer] + CODE, path=[wheel]).stdout == f"{TEXT}{without}\n{without}\n"


def test_what_only_is_compiled(build: Build, make_project: MakeProject, run_python: RunPython) -> None:
    """A package that is installed is none, frozen or compiled into an extension module: it says what to install."""
    wheel = build("hatchling", make_project({"src/weather/__init__.py": ""}, project=PROJECT, table=TABLE)).wheel
    remedy = 'pip install "weather[web]"'
    compiled = FROZEN["Nuitka"].replace("standalone=True", "standalone=False")
    for start in ("", compiled):
        assert run_python(start + CODE, path=[wheel]).stdout == f"{TEXT}{remedy}\n{remedy}\n"


# Nuitka's loader has no code to show, and its packages have no place before they are imported.
UNREADABLE = """
import sys, types
from importlib.machinery import PathFinder
class Loader:
    def __init__(self, loader): self.inner = loader
    def create_module(self, spec): return None
    def exec_module(self, module):
        module.__compiled__ = types.SimpleNamespace(standalone=True)
        self.inner.exec_module(module)
class Finder:
    def find_spec(name, path=None, target=None):
        spec = PathFinder.find_spec(name, path or None)
        if spec and spec.loader and name.partition(".")[0] in ("weather", "deferred_imports"):
            spec.loader = Loader(spec.loader)
        return spec
sys.meta_path.insert(0, Finder)
"""
ASKED = """
from deferred_imports import find_missing, iter_deferred_imports, resolve_now
for call in (iter_deferred_imports, find_missing):
    try:
        print(call("weather"))
    except LookupError as error:
        print(error)
print("weather" in sys.modules)
print(len(resolve_now("weather").resolved), len([*iter_deferred_imports("weather")]))
"""


@pytest.mark.parametrize("registry", ["_deferred", "_later"])
def test_what_no_one_can_read(
    registry: str, build: Build, make_project: MakeProject, run_python: RunPython, tmp_path: Path
) -> None:
    """Where a package is compiled, resolving imports it; what only looks says that it cannot before."""
    table = f'registry = "{registry}"\ndiscover = true'
    files = {"src/weather/__init__.py": "", "src/weather/m.py": "def f():\n    import wave\n"}
    wheel = build("hatchling", make_project(files, table=table)).wheel
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "app")
    said = (
        'package: expected one with deferred imports, got "weather", which is compiled: '
        "it tells what it defers once it has been imported"
    )
    done = run_python(UNREADABLE + ASKED, path=[tmp_path / "app"])
    assert done.stdout.splitlines() == [said, said, "False", "1 1"]
    by_module = "from deferred_imports import resolve_now\nprint(len(resolve_now(importer='weather.m').resolved))"
    assert run_python(UNREADABLE + by_module, path=[tmp_path / "app"]).stdout == "1\n"
