"""The plugin for pytest, in test runs of its own: the fixture, the option, and what it costs who asks for nothing."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from deferred_imports.tooling.registry.environment import here
from processes import MakeVenv, RunPython
from worlds import World

PLUGIN = ("-p", "deferred_imports.pytest_plugin")
PROJECT = '[project]\nname = "weather"\nversion = "1"\nscripts.weather = "weather.cli:main"\n'
CLI = """
from weather import data


def main():
    print("usage: weather")
"""


def run_tests(
    world: World, tests: str, *options: str, path: tuple[str, ...] = ()
) -> "subprocess.CompletedProcess[str]":
    """Run a test file in a run of its own."""
    world.write({"test_weather.py": tests, "pytest.ini": "[pytest]\n"})
    code = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *options, "test_weather.py"]
    installed = [Path(str(spec.origin)).parents[1] for name in path if (spec := find_spec(name))]
    return world.run_python(code, *arguments, cwd=world.path, path=[world.path / "src", *installed], check=False)


@pytest.fixture
def project(world: World) -> World:
    """A project with a program that loads `colorsys` by way of another module."""
    world.write(
        {
            "pyproject.toml": PROJECT,
            "src/weather/__init__.py": "",
            "src/weather/cli.py": CLI,
            "src/weather/data.py": "import colorsys\nimport xml.dom\n",
        }
    )
    return world


@pytest.mark.unmeasured
def test_what_a_start_loads(project: World) -> None:
    """A test that says what a start must not load passes, or fails with the statements that led there."""
    tests = """
    def test_fine(startup):
        startup("weather --help").loads_not("sqlite3", "xml.sax")
        assert "weather.data" in startup("weather --help").modules
        assert startup("weather --help") is startup("weather --help")

    def test_loads(startup):
        startup("weather --help").loads_not("colorsys")

    def test_below(startup):
        startup("weather --help").loads_not("xml")
    """
    done = run_tests(project, tests, *PLUGIN)

    assert "2 failed, 1 passed" in done.stdout
    data = project.path / "src" / "weather" / "data.py"
    cli = project.path / "src" / "weather" / "cli.py"
    flat = " ".join(done.stdout.replace("\nE ", " ").split())
    assert f"AssertionError: weather --help loads colorsys {cli}:2 {data}:1" in flat
    assert "weather --help loads xml" in done.stdout


def test_a_start_that_fails(project: World) -> None:
    """A program that does not start, or is not there, fails the test with what the command would say."""
    project.write({"src/weather/data.py": "import nowhere_at_all\n"})
    tests = """
    def test_fails(startup):
        startup("weather --help").loads_not("sqlite3")

    def test_unknown(startup):
        startup("whether --help").loads_not("sqlite3")
    """
    done = run_tests(project, tests, *PLUGIN)

    assert "2 failed" in done.stdout
    assert "weather --help: the start failed with exit code 1: ModuleNotFoundError: No module named" in done.stdout
    assert f"expected a command, installed in {here()} or one of [project.scripts], to start, got " in done.stdout
    assert ' to start, got "whether"' in done.stdout


EAGER = """
    import sys
    import weather

    def test_eager():
        assert ("colorsys" in sys.modules) == {0}
"""


@pytest.mark.parametrize("asked", [False, True])
def test_a_suite_that_runs_eagerly(asked: bool, world: World) -> None:
    """With the option all is resolved when the package has been imported; without it nothing is."""
    world.package('imports.cs = "colorsys"', {"__init__.py": "from . import _deferred as _deferred\n"})
    world.write({"src/empty.py": ""})
    world.write({"conftest.py": "import sys\nsys.path.insert(0, '.')\n"})
    done = run_tests(world, EAGER.format(asked), *PLUGIN, *(["--deferred-eager"] if asked else []))
    assert "1 passed" in done.stdout, done.stdout


def test_what_is_missing_fails_an_eager_suite(world: World) -> None:
    """A suite that runs eagerly fails where production would."""
    world.package('imports.cs = "nowhere_at_all"', {"__init__.py": "from . import _deferred as _deferred\n"})
    world.write({"conftest.py": "import sys\nsys.path.insert(0, '.')\n"})
    done = run_tests(world, EAGER.format("False"), *PLUGIN, "--deferred-eager")
    assert "DeferredImportError" in done.stdout


@pytest.fixture
def tree(tmp_path: Path, run_python: RunPython) -> World:
    """A source tree, as an editable install has it."""
    tree = World(tmp_path / "tree", run_python)
    tree.write({"src/empty.py": "", "conftest.py": "import sys\nsys.path.insert(0, '.')\n"})
    return tree


@pytest.mark.parametrize("registry", ["_deferred", "_later"])
def test_an_editable_install_runs_eagerly(registry: str, tree: World) -> None:
    """So is a package of a tree that does not import its registry, as its wheels do, whatever that is called."""
    tree.package('imports.cs = "colorsys"', registry=registry)
    done = run_tests(tree, EAGER.format("True"), *PLUGIN, "--deferred-eager")
    assert "1 passed" in done.stdout, done.stdout


def test_what_is_missing_in_an_editable_install(tree: World) -> None:
    """And what production would lack fails the test module that has imported the package."""
    tree.package('imports.cs = "nowhere_at_all"')
    done = run_tests(tree, EAGER.format("False"), *PLUGIN, "--deferred-eager")
    assert "ERROR collecting test_weather.py" in done.stdout
    assert "DeferredImportError: " in done.stdout
    assert "weather needs nowhere_at_all for 'cs'" in done.stdout
    assert "1 error in " in done.stdout


def test_unasked_it_loads_nothing(world: World) -> None:
    """A run that asks for nothing has loaded the plugin and our package, and no other module for their sake."""
    tests = """
    import sys

    def test_modules():
        print("loaded:", *sorted(name for name in sys.modules if name.partition(".")[0] != "deferred_imports"))
        print("ours:", *sorted(name for name in sys.modules if name.partition(".")[0] == "deferred_imports"))
    """
    found = []
    for options in ((), PLUGIN):
        lines = run_tests(world, tests, "-s", *options).stdout.splitlines()
        found.append(
            {line.partition(":")[0].lstrip("."): line.split()[1:] for line in lines if "ed:" in line or "ours:" in line}
        )
    without, with_it = found
    assert without["loaded"] == with_it["loaded"]
    assert with_it["ours"] == ["deferred_imports", "deferred_imports.pytest_plugin"]


def test_without_the_extra(project: World) -> None:
    """Beside what pytest needs, the fixture needs nothing but what reads TOML; without it, it says what to install."""
    tests = """
    import sys

    def test_fine(startup):
        startup("weather --help")
    """
    toml = "tomllib" if sys.version_info >= (3, 11) else "tomli"
    others = ("argcomplete", "rich", "tomlkit")  # of the extra; packaging comes with pytest
    project.write({"conftest.py": "".join(f"import sys\nsys.modules[{name!r}] = None\n" for name in others)})
    assert "1 passed" in run_tests(project, tests, *PLUGIN).stdout
    project.write({"conftest.py": f"import sys\nsys.modules[{toml!r}] = None\n"})
    done = run_tests(project, tests, *PLUGIN)
    assert f'the fixture "startup" needs {toml}; pip install "deferred-imports[tooling]"' in done.stdout


@pytest.mark.isolated
def test_it_is_found_where_it_is_installed(venv: MakeVenv, tmp_path: Path) -> None:
    """Installed, the plugin is there without being named, and pytest lists its option."""
    pytest_spec = find_spec("pytest")
    assert pytest_spec is not None
    environment = venv("deferred-imports")
    site = str(Path(str(pytest_spec.origin)).parents[1])
    done = environment.run("python", "-m", "pytest", "--help", env={"PYTHONPATH": site}, cwd=tmp_path)
    assert "--deferred-eager" in done.stdout
