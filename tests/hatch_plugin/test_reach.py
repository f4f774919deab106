"""A project that hides its imports in functions, a table that says `discover = true`, and no other change.

The wheel's `__init__.py` gets a statement more than the author's, so that an application reaches what functions import.
tests/tooling/test_initializer.py tells to which files it can be added.
"""

import os
import stat
import zipfile
from pathlib import Path

import pytest

from builds import Build, MakeProject, names_in, read_from
from processes import MakeVenv, RunPython

LINE = "from . import _deferred as _deferred"
ADDED = f"""\
try:  # noqa - added by deferred-imports so that applications reach what functions import
    {LINE}
except ImportError as _not_reached:  # what now stands in the place of this package holds no modules
    if _not_reached.__class__.__module__ != "builtins":
        raise
"""
TABLE = "discover = true\n"
WHEEL = "[tool.hatch.build.targets.wheel]\n"
CUSTOM = "[tool.hatch.build.hooks.custom]\n"
CODE = "def run():\n    import csv\n"
OUT_OF_REACH = 'deferred-imports: nothing in "weather" imports the registry, so PYDEFER_EAGER and a bare resolve_now()'

# As people write them: the heavy things in functions, modules that import their own package, a cycle among them.
FILES = {
    "src/weather/__init__.py": '"""Weather."""\n\nfrom .core import answer\n\n__all__ = ["answer"]\n',
    "src/weather/core.py": (
        "def answer():\n    import decimal\n    from . import report\n    return report.text()\n\n"
        "def fetch():\n    import nonsuch\n"
    ),
    "src/weather/report.py": (
        "from weather import answer\n\n"
        "def text():\n    from .charts import plot\n    return plot()\n\n"
        "def load():\n    try:\n        import also_nonsuch\n    except ImportError:\n        pass\n"
    ),
    "src/weather/charts.py": "from .report import text\n\ndef plot():\n    import colorsys\n    return 'plotted'\n",
}
LOADED = """
import sys
print(*sorted({"colorsys", "decimal", "weather.charts", "weather.report"} & set(sys.modules)))
"""
ALL = "colorsys decimal weather.charts weather.report\n"


def initializer(wheel: Path, place: str = "weather") -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"{place}/__init__.py")


@pytest.mark.isolated
def test_everything_from_a_table_of_two_lines(build: Build, make_project: MakeProject, venv: MakeVenv) -> None:
    """Installed, the project obeys PYDEFER_EAGER and the calls that name no package; else nothing is loaded."""
    project = make_project(FILES, project='optional-dependencies.all = ["nonsuch"]', table=TABLE)
    environment = venv(build("build", project).wheel, "deferred-imports")

    def run(code: str, **env: str) -> str:
        return environment.run("python", "-c", code, env=env).stdout

    assert run(f"import weather{LOADED}") == "\n"
    assert run(f"import weather{LOADED}", PYDEFER_EAGER="1") == ALL
    assert run(f"import weather{LOADED}", PYDEFER_EAGER="weather") == ALL
    assert run(f"import weather{LOADED}", PYDEFER_EAGER="-weather") == "\n"
    assert run(f"import weather.charts{LOADED}", PYDEFER_EAGER="1") == ALL
    assert run(f"import weather, deferred_imports; deferred_imports.resolve_now(){LOADED}") == ALL
    assert run(f"import deferred_imports; deferred_imports.force_eager(); import weather{LOADED}") == ALL
    for call in ("find_missing", "iter_deferred_imports"):
        listed = run(f"import weather, deferred_imports as d; print(*[entry.module for entry in d.{call}()])").split()
        assert {"nonsuch", "also_nonsuch"} <= set(listed)
        assert ("decimal" in listed) is (call == "iter_deferred_imports")
    assert run("import weather; print(weather.__doc__, weather.__all__, weather.answer())") == (
        "Weather. ['answer'] plotted\n"
    )


def test_what_is_required_and_missing_fails_the_import(
    build: Build, make_project: MakeProject, run_python: RunPython
) -> None:
    """With PYDEFER_EAGER the import of the package fails with all that is required and missing, in one message."""
    wheel = build("hatchling", make_project(FILES, project='dependencies = ["nonsuch"]', table=TABLE)).wheel
    done = run_python("import weather", path=[wheel], env={"PYDEFER_EAGER": "1"}, check=False)
    assert "weather needs nonsuch in a function of weather.core: pip install nonsuch" in done.stderr
    assert "also_nonsuch" not in done.stderr
    assert run_python(f"import weather{LOADED}", path=[wheel]).stdout == "\n"


def test_the_build_says_so_and_leaves_the_tree_alone(build: Build, make_project: MakeProject) -> None:
    """One line of the build tells it; the wheel has the author's file with one line more, the tree the author's."""
    project = make_project(FILES, table=TABLE)
    built = build("hatchling", project)
    says = f'deferred-imports: weather/__init__.py gets the line "{LINE}", because nothing imports the registry'
    assert built.output.splitlines()[0] == says
    assert initializer(built.wheel).decode() == FILES["src/weather/__init__.py"] + ADDED
    assert f",{len(FILES['src/weather/__init__.py'] + ADDED)}\n" in read_from(built.wheel, "RECORD")
    assert {name for name in names_in(built.wheel) if name.endswith(".py")} == {
        "weather/__init__.py",
        "weather/_deferred.py",
        "weather/charts.py",
        "weather/core.py",
        "weather/report.py",
    }
    assert {path: (project / path).read_text(encoding="utf-8") for path in FILES} == FILES
    assert sorted(path.name for path in (project / "src/weather").iterdir()) == [
        "__init__.py",
        "charts.py",
        "core.py",
        "report.py",
    ]


def test_the_same_bytes_everywhere(build: Build, make_project: MakeProject) -> None:
    """Another umask and other times of the file give the same wheel; SOURCE_DATE_EPOCH dates it like all others."""
    first = make_project(FILES, table=TABLE)
    before = os.umask(0o077)
    try:
        second = make_project(FILES, table=TABLE)
        os.utime(second / "src/weather/__init__.py", (1, 1))
        wheels = [build("hatchling", project).wheel.read_bytes() for project in (first, second)]
    finally:
        os.umask(before)
    assert wheels[0] == wheels[1]
    dated = build("hatchling", first, env={"SOURCE_DATE_EPOCH": "1700000000"}).wheel
    with zipfile.ZipFile(dated) as archive:
        assert archive.getinfo("weather/__init__.py").date_time == (2023, 11, 14, 22, 13, 20)


@pytest.mark.isolated
def test_by_way_of_an_sdist(build: Build, make_project: MakeProject) -> None:
    """The sdist has the author's file, and the wheel that is made from it is the one that is made from the tree."""
    project = make_project(FILES, table=TABLE)
    built = build("build", project, "both")
    assert initializer(built.wheel).decode() == FILES["src/weather/__init__.py"] + ADDED
    assert built.wheel.read_bytes() == build("hatchling", project).wheel.read_bytes()
    (out,) = build("hatchling", project, "sdist").artifacts
    assert out.name == built.sdist.name


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_the_mode_stays(build: Build, make_project: MakeProject) -> None:
    """An `__init__.py` that is executable is so in the wheel."""
    project = make_project(FILES, table=TABLE)
    (project / "src/weather/__init__.py").chmod(0o755)
    with zipfile.ZipFile(build("hatchling", project).wheel) as archive:
        assert archive.getinfo("weather/__init__.py").external_attr >> 16 == stat.S_IFREG | 0o755


LAYOUTS = {
    "flat": ("weather", "", "", "weather"),
    "namespace": ("src/ns/app", 'packages = ["src/ns"]', "", "ns/app"),
    "nested": ("src/weather/inner", 'packages = ["src/weather"]', 'package = "weather.inner"', "weather/inner"),
    "renamed": (
        "src/weather",
        'only-include = ["src/weather"]\nsources = { "src/weather" = "climate" }',
        "",
        "climate",
    ),
    "moved": ("src/weather", 'only-include = ["src/weather"]\nsources = { "src" = "ns/deep" }', "", "ns/deep/weather"),
    "prefixed": ("weather", 'sources = { "" = "pre" }', "", "pre/weather"),
    "single files": (
        "src/weather",
        'only-include = ["src/weather/__init__.py", "src/weather/cli.py"]\nsources = ["src"]',
        "",
        "weather",
    ),
    "forced folder": ("code/station", 'force-include = { "code/station" = "climate" }', "", "climate"),
    "other registry": ("src/weather", "", 'registry = "waiting"', "weather"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(build: Build, make_project: MakeProject, run_python: RunPython, tmp_path: Path, layout: str) -> None:
    """Wherever the package comes from and goes to, its `__init__.py` is there once, and imports its registry."""
    folder, selection, table, place = LAYOUTS[layout]
    files = {f"{folder}/__init__.py": "name = __name__\n", f"{folder}/cli.py": CODE}
    if layout == "nested":
        files["src/weather/__init__.py"] = ""
    wheel = build("hatchling", make_project(files, table=f"{TABLE}{table}\n{WHEEL}{selection}")).wheel
    registry = "waiting" if "waiting" in table else "_deferred"
    package = place.replace("/", ".").removeprefix("pre.")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    path = tmp_path / "installed" / ("pre" if layout == "prefixed" else "")
    code = f"import {package} as package, sys; print(package.name, '{package}.{registry}' in sys.modules)"
    assert run_python(code, path=[path]).stdout == f"{package} True\n"
    assert initializer(wheel, place).decode() == "name = __name__\n" + ADDED.replace("_deferred", registry)


INITIALIZERS = {
    "itself": {"__init__.py": LINE},
    "absolute": {"__init__.py": "import weather._deferred"},
    "in a try": {"__init__.py": "try:\n    from . import _deferred\nexcept ImportError:\n    _deferred = None\n"},
    "in a module": {"__init__.py": "from .cli import run", "cli.py": f"{LINE}\n{CODE}"},
    "in a package below": {
        "__init__.py": "from .a.b import c",
        "a/__init__.py": "from weather import _deferred",
        "a/b.py": "c = 1",
    },
}
OTHERS = {
    "nobody": {"__init__.py": ""},
    "elsewhere": {"__init__.py": "", "app.py": LINE},
    "in a function": {"__init__.py": f"def f():\n    {LINE}\n"},
    "for type checkers": {"__init__.py": f"TYPE_CHECKING = False\nif TYPE_CHECKING:\n    {LINE}\n"},
    "in a module that may be missing": {
        "__init__.py": "try:\n    from . import app\nexcept ImportError:\n    pass\n",
        "app.py": f"import nonsuch\n{LINE}\n",
    },
    "in a module for a platform": {
        "__init__.py": "import sys\nif sys.platform == 'win32':\n    from . import app\n",
        "app.py": LINE,
    },
}


@pytest.mark.parametrize("case", [*INITIALIZERS, *OTHERS])
def test_only_where_nothing_imports_it(build: Build, make_project: MakeProject, case: str) -> None:
    """Where importing the package imports the registry for sure, the file is the author's; where it may not, not."""
    files = {"cli.py": CODE, **INITIALIZERS.get(case, {}), **OTHERS.get(case, {})}
    project = make_project({f"src/weather/{name}": text for name, text in files.items()}, table=TABLE)
    wheel = build("hatchling", project).wheel
    assert (ADDED in initializer(wheel).decode()) is (case in OTHERS)


@pytest.mark.parametrize("table", ['imports.c = "csv"', f"{TABLE}"])
def test_only_where_there_is_something_to_reach(build: Build, make_project: MakeProject, table: str) -> None:
    """A table that does not ask for discovery, and functions that import nothing, leave the file as it is."""
    code = CODE if "imports" in table else "def run(): ...\n"
    project = make_project({"src/weather/__init__.py": "", "src/weather/cli.py": code}, table=table)
    assert initializer(build("hatchling", project).wheel) == b""


def test_a_file_that_nothing_can_be_added_to(build: Build, make_project: MakeProject) -> None:
    """The wheel has the author's file, and the build warns: what is the matter, what follows, and what to do."""
    source = "import sys\nsys.modules[__name__] = object()\n"
    project = make_project({"src/weather/__init__.py": source, "src/weather/cli.py": CODE}, table=TABLE)
    built = build("hatchling", project)
    assert built.output.splitlines()[0] == (
        f'{OUT_OF_REACH} do not reach it, but "weather/__init__.py" was not changed: it assigns to sys.modules '
        f'and may replace the package; add the line "{LINE}" yourself'
    )
    assert initializer(built.wheel).decode() == source


def test_a_compiled_file(build: Build, make_project: MakeProject) -> None:
    """To a compiled `__init__` nothing is added."""
    project = make_project({"src/weather/__init__.so": "", "src/weather/cli.py": CODE}, table=f"{TABLE}{WHEEL}")
    path = project / "pyproject.toml"
    path.write_text(f'{path.read_text()}packages = ["src/weather"]\n')
    built = build("hatchling", project)
    assert '"weather/__init__.so" was not changed: it is compiled; ' in built.output
    assert "weather/__init__.py" not in names_in(built.wheel)


FORCES = """\
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Forces(BuildHookInterface):
    def initialize(self, version, build_data):
        build_data["force_include"]["own/__init__.py"] = "weather/__init__.py"
"""


@pytest.mark.parametrize("who", ["setting", "hook"])
def test_a_file_that_somebody_else_forces_in(build: Build, make_project: MakeProject, who: str) -> None:
    """Where the user or another hook puts an `__init__.py` into the wheel, that one is in it, with the line."""
    files = {"src/weather/cli.py": CODE, "own/__init__.py": "own = True\n", "hatch_build.py": FORCES}
    setting = 'force-include = { "own/__init__.py" = "weather/__init__.py" }\n' if who == "setting" else ""
    project = make_project(files, table=f'{TABLE}{WHEEL}packages = ["src/weather"]\n{setting}')
    if who == "hook":  # listed above ours
        path = project / "pyproject.toml"
        ours = "[tool.hatch.build.hooks.deferred-imports]"
        path.write_text(path.read_text().replace(ours, f"{CUSTOM}\n{ours}"))
    built = build("hatchling", project)
    assert initializer(built.wheel).decode() == "own = True\n" + ADDED
    assert (project / "own/__init__.py").read_text() == "own = True\n"


def test_an_editable_install(build: Build, make_project: MakeProject) -> None:
    """An editable install runs the author's file, which stays as it is; the build says what that means."""
    project = make_project(FILES, table=TABLE)
    built = build("hatchling", project, "editable")
    assert built.output.splitlines()[0] == (
        f'{OUT_OF_REACH} do not reach it in an editable install; a wheel gets the line "{LINE}"'
    )
    assert {path: (project / path).read_text(encoding="utf-8") for path in FILES} == FILES
    assert "weather/__init__.py" not in names_in(built.wheel)
