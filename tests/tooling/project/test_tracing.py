"""Names followed across the modules of a package, to the registry."""

from pathlib import Path

import pytest

from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.tree import load_project
from goldens import write_app

TABLE = '[project]\nname = "app"\n[tool.deferred-imports]\n[tool.deferred-imports.imports]\nd = "decimal"\nw = "wave"\n'


@pytest.mark.parametrize(
    "source",
    [
        "from app import _deferred\n_deferred.d",
        "from . import _deferred as x\nx.d",
        "import app._deferred\napp._deferred.d",
        "from app import _deferred\ny = _deferred\ny.d",
        "from app.other import registry\nregistry.d",
        "from app._deferred import d",
        "from app import _deferred\ngetattr(_deferred, 'd')",
    ],
)
def test_ways_to_a_name_of_the_registry(source: str, tmp_path: Path) -> None:
    """However the code comes to the registry, the name that it reads there is found; the other one is not used."""
    files = {"pyproject.toml": TABLE, "app/other.py": "from app import _deferred as registry\n", "app/m.py": source}
    uses = discover_in(load_project(write_app(tmp_path, files))).uses
    assert {use.name for use in uses if use.importer == "app.m"} == {"d"}


def test_who_opens_the_registry(tmp_path: Path) -> None:
    """A module opens it by an import that runs with the module, and not by one in a function."""
    files = {
        "pyproject.toml": TABLE,
        "app/a.py": "from app import _deferred\n",
        "app/b.py": "def f():\n  import app._deferred\n",
    }
    assert discover_in(load_project(write_app(tmp_path, files))).openers == ("app.a",)


def test_what_the_package_defines_comes_before_a_module(tmp_path: Path) -> None:
    """`from app import run` takes the function where the package defines one, and the module where it does not."""
    files = {
        "app/__init__.py": "def run(): ...\n",
        "app/run.py": "",
        "app/go.py": "",
        "app/m.py": "from app import run, go\n",
    }
    table = {"pyproject.toml": '[project]\nname = "app"\n[tool.deferred-imports]\ndiscover = true\n'}
    imports = discover_in(load_project(write_app(tmp_path, table | files))).imports
    assert [(one.module, one.names) for one in imports if one.importer == "app.m"] == [
        ("app.go", None),
        ("app", ("run",)),
    ]


def test_a_package_that_forwards_its_names(tmp_path: Path) -> None:
    """Where a module takes the registry's `__getattr__`, its names are the registry's, unless it imports one itself."""
    package = "from app._deferred import __getattr__\nimport wave as w\n"
    files = {"pyproject.toml": TABLE, "app/__init__.py": package, "app/m.py": "import app\napp.d\napp.w\n"}
    uses = discover_in(load_project(write_app(tmp_path, files))).uses
    assert {use.name for use in uses if use.importer == "app.m"} == {"d"}


OTHER_NAMES = """
def a():
    from . import _deferred as d
    return d.w
def b(d): return d.x
def c(): return [d.x for d in [1]]
def e():
    import wave as d
    return d.x
def f():
    d = make()
    return d.x
def g():
    with make() as d:
        return d.x
def h():
    d = 1
    def inner():
        nonlocal d
        return d.x
class K:
    d = {}
    e = d.x
    def m(self): return self.d.x
"""


def test_one_name_in_several_scopes(tmp_path: Path) -> None:
    """A function that calls the registry `d` says nothing of what other functions, classes and loops call `d`."""
    uses = discover_in(load_project(write_app(tmp_path, {"pyproject.toml": TABLE, "app/m.py": OTHER_NAMES}))).uses
    assert [(use.line, use.name) for use in uses] == [(4, "w")]
