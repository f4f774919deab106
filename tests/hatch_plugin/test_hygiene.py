"""The hook in company: light to load, clean when something fails, undisturbed by other hooks and other builds.

Pitfalls 48 and 49, what our own distributions hold and require, are in tests/test_packaging.py; pitfall 50, that the
code of the tree is what ran, is in test_frontends.py.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from builds import Build, MakeProject, names_in, read_from
from processes import RUNTIME, RunPython, clean_env
from wheelhouse import ROOT

FILES = {"src/weather/__init__.py": ""}
TABLE = 'imports.j = "json"\n'
HOOK = ROOT / "hatch_plugin" / "src"
CUSTOM = "[tool.hatch.build.hooks.custom]\n"


def test_the_registration_loads_nothing(run_python: RunPython) -> None:
    """Pitfall 46: beyond what hatchling itself needs for a plugin, the module that every build loads loads nothing."""
    code = """
import sys
import hatchling.plugin
before = set(sys.modules)
import hatch_deferred_imports.hooks
print(*sorted(set(sys.modules) - before))
"""
    loaded = run_python(code, path=[HOOK, RUNTIME], runtime=False).stdout.split()
    assert loaded == ["hatch_deferred_imports", "hatch_deferred_imports.hooks"]


def test_the_core_is_loaded_by_who_uses_the_hook_only(run_python: RunPython) -> None:
    """Pitfall 46: a core that does not load, by a wrong version say, breaks no build that does not use the hook."""
    code = """
import sys
sys.modules["deferred_imports"] = None  # importing it raises
import hatch_deferred_imports.hooks
print(hatch_deferred_imports.hooks.hatch_register_build_hook().PLUGIN_NAME)
"""
    assert run_python(code, path=[HOOK], runtime=False).stdout == "deferred-imports\n"


def leftovers(directory: Path) -> list[str]:
    return [name for name in os.listdir(directory) if name.startswith("deferred-imports")]


@pytest.mark.parametrize("target", ["wheel", "editable"])
def test_temporary_files_are_removed(build: Build, make_project: MakeProject, tmp_path: Path, target: str) -> None:
    """Pitfall 47: a build leaves nothing in the directory for temporary files."""
    (tmp_path / "scratch").mkdir()
    build("hatchling", make_project(FILES, table=TABLE), target, env={"TMPDIR": str(tmp_path / "scratch")})
    assert os.listdir(tmp_path / "scratch") == []


# Fails as full disks do: in the archive step, when no hook is called any more.
SABOTAGE = """\
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Sabotage(BuildHookInterface):
    def initialize(self, version, build_data):
        build_data["force_include"]["nowhere.txt"] = "nowhere.txt"
"""


@pytest.mark.parametrize("target", ["wheel", "editable"])
def test_temporary_files_are_removed_after_a_failure(
    build: Build, make_project: MakeProject, tmp_path: Path, target: str
) -> None:
    """Pitfall 47: nor does one that fails while the archive is made."""
    (tmp_path / "scratch").mkdir()
    project = make_project(FILES | {"hatch_build.py": SABOTAGE}, table=TABLE + CUSTOM)
    built = build("hatchling", project, target, env={"TMPDIR": str(tmp_path / "scratch")}, check=False)
    assert "deferred-imports: 1 name -> weather/_deferred.py" in built.output
    assert "nowhere.txt" in built.output
    assert leftovers(tmp_path / "scratch") == []


TAKES_AWAY = """\
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class TakesAway(BuildHookInterface):
    def initialize(self, version, build_data):
        build_data["force_include"].clear()
"""
REPLACES = TAKES_AWAY + '        build_data["force_include"]["mine.py"] = "weather/_deferred.py"\n'


@pytest.mark.parametrize(
    ("hook", "state"), [(TAKES_AWAY, "missing"), (REPLACES, "another one")], ids=["takes away", "replaces"]
)
def test_no_wheel_without_its_registry(
    build: Build, make_project: MakeProject, tmp_path: Path, hook: str, state: str
) -> None:
    """When another hook undoes what ours did, the finished wheel is deleted, and the message says why."""
    files = FILES | {"hatch_build.py": hook, "mine.py": "np = None\n"}
    built = build("hatchling", make_project(files, table=TABLE + CUSTOM), check=False)
    assert built.returncode == 1
    assert built.output == (
        "deferred-imports: 1 name -> weather/_deferred.py\n"
        f'deferred-imports: "weather/_deferred.py" is {state} in the finished wheel, which is deleted; '
        "another build hook must have changed what is included\n"
    )
    assert list((tmp_path / "dist").iterdir()) == []


GENERATES = """\
import os, tempfile
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Generates(BuildHookInterface):
    def initialize(self, version, build_data):
        path = os.path.join(tempfile.mkdtemp(), "made.py")
        open(path, "w").close()
        build_data["force_include"][path] = "src/weather/made.py"
"""


def test_modules_of_hooks_that_ran_before(build: Build, make_project: MakeProject) -> None:
    """What a hook listed above ours adds to the wheel can be declared, and stays in it."""
    project = make_project(FILES | {"hatch_build.py": GENERATES}, table='imports.made = ".made"')
    path = project / "pyproject.toml"
    path.write_text(path.read_text().replace("[tool.hatch.build.hooks.def", f"{CUSTOM}\n[tool.hatch.build.hooks.def"))
    assert {"weather/made.py", "weather/_deferred.py"} < names_in(build("hatchling", project).wheel)


def test_the_place_is_taken_by_another_hook(build: Build, make_project: MakeProject) -> None:
    """Pitfall 7: a file that another hook puts where the registry goes is told as the user's own settings are."""
    hook = GENERATES.replace("made.py", "_deferred.py")
    project = make_project(FILES | {"hatch_build.py": hook}, table=TABLE)
    path = project / "pyproject.toml"
    path.write_text(path.read_text().replace("[tool.hatch.build.hooks.def", f"{CUSTOM}\n[tool.hatch.build.hooks.def"))
    output = build("hatchling", project, check=False).output
    assert '  registry: "weather/_deferred.py" is taken: another build hook puts "' in output
    assert output.endswith('_deferred.py" there; remove that, or name another module\n')


SEVERAL = """
import os, sys
from hatchling.builders.wheel import WheelBuilder
one, two, out = sys.argv[1:]
started = [
    (project, WheelBuilder(project).build(directory=f"{out}/{version}", versions=[version]))
    for version in ("standard", "editable")
    for project in (one, two)
]
for project, build in started:
    os.chdir(project)
    next(build)
"""


def test_builds_in_one_process(
    make_project: MakeProject, run_python: RunPython, tmp_path: Path, tree_path: str
) -> None:
    """Pitfall 51: several projects and versions, built in one process, do not get in each other's way."""
    one = make_project({"src/one/__init__.py": ""}, name="one", table='imports.j = "json"')
    two = make_project({"src/two/__init__.py": ""}, name="two", table='imports.c = "csv"\nregistry = "_later"')
    run_python(SEVERAL, str(one), str(two), str(tmp_path / "out"), env={"PYTHONPATH": tree_path})
    for name, file, project in (("one", "one/_deferred.py", one), ("two", "two/_later.py", two)):
        standard, editable = (next((tmp_path / "out" / kind).glob(f"{name}-*")) for kind in ("standard", "editable"))
        assert {path for path in names_in(standard) if path.endswith(".py")} == {f"{name}/__init__.py", file}
        assert [path for path in names_in(editable) if path.endswith(".py")] == []
        assert read_from(standard, file) == (project / "src" / file).read_text()


def test_builds_in_parallel(
    build: Build, make_project: MakeProject, tmp_path: Path, home: Path, tree_path: str
) -> None:
    """Pitfall 51: builds of one project at one time, wheels and editable ones, each give what they give alone."""
    project = make_project(FILES, table=TABLE)
    alone = build("hatchling", project).wheel
    env = {**clean_env(home), "PYTHONPATH": tree_path}
    started = []
    for number in range(6):
        target = "wheel:editable" if number % 2 else "wheel"
        command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(tmp_path / f"out-{number}")]
        started.append(subprocess.Popen(command, cwd=project, env=env, stderr=subprocess.DEVNULL))
    assert [process.wait(60) for process in started] == [0] * 6
    for number in (0, 2, 4):
        (wheel,) = (tmp_path / f"out-{number}").iterdir()
        assert wheel.read_bytes() == alone.read_bytes()
    assert (project / "src/weather/_deferred.py").read_text() == read_from(alone, "_deferred.py")
    assert {path.name for path in (project / "src/weather").iterdir()} == {"__init__.py", "_deferred.py"}
