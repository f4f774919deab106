"""What is missing from a frozen program: nothing can be installed into it, so nothing says `pip install`.

tests/freezing.py freezes real programs; here an interpreter says of itself what theirs do.
"""

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
