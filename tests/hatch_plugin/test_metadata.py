"""What a wheel says of itself: METADATA is the project's own, and a record of the table lies beside it."""

import json
from pathlib import Path

import pytest

from builds import Build, MakeProject, names_in, read_from
from processes import MakeVenv, RunPython
from wheelhouse import ROOT

FILES = {"src/weather/__init__.py": "", "src/weather/report.py": ""}
PROJECT = """\
dependencies = ["tomli; python_version < '3.11'", "PyYAML"]
optional-dependencies.Fast_Plot = ["matplotlib"]
"""
TABLE = """
[tool.deferred-imports.imports]
j = "json"
plt = { module = "matplotlib.pyplot", extra = "Fast_Plot", groups = ["charts", "all"] }
toml = ["tomllib", "tomli"]
winreg = { module = "winreg", marker = "sys_platform == 'win32'" }
yaml = { module = "yaml", distribution = "PyYAML", optional = true }
report = ".report"
"""
RECORD = "deferred-imports.json"


@pytest.mark.parametrize("target", ["wheel", "editable"])
def test_metadata_is_left_alone(build: Build, make_project: MakeProject, target: str) -> None:
    """METADATA is the same with and without the hook, to the last byte."""
    project = make_project(FILES, project=PROJECT, table=TABLE)
    without = build("hatchling", project, target, env={"HATCH_BUILD_NO_HOOKS": "1"}).wheel
    assert [name for name in names_in(without) if "deferred" in name] == []
    metadata = read_from(build("hatchling", project, target).wheel, "METADATA")
    assert metadata == read_from(without, "METADATA")


COMPARE = """
import json
from importlib.metadata import distribution
import weather._deferred
from deferred_imports import iter_deferred_imports

recorded = json.loads(distribution("weather").read_text("deferred-imports.json"))
assert recorded["format"] == weather._deferred.__deferred_imports__["format"]
assert (recorded["project"], recorded["package"], recorded["registry"]) == ("weather", "weather", "_deferred")
baked = {
    entry.name: {
        "module": [target.replace("weather.", ".") for target in entry.targets],
        "extra": entry.extra,
        "groups": sorted(entry.groups),
        "marker": entry.marker,
        "optional": entry.optional,
    }
    for entry in iter_deferred_imports("weather")
}
for entry in recorded["imports"].values():
    del entry["distribution"]  # the registry has it in what it says is to be done
    entry["groups"].sort()
assert list(recorded["imports"]) == list(baked), baked
assert recorded["imports"] == baked, (recorded, baked)
print(*baked)
"""


@pytest.mark.parametrize("target", ["wheel", "editable"])
def test_the_record_is_what_the_registry_says(
    build: Build, make_project: MakeProject, run_python: RunPython, target: str
) -> None:
    """From a wheel and from an editable one, importlib.metadata reads what the registry declares."""
    project = make_project(FILES, project=PROJECT, table=TABLE)
    wheel = build("hatchling", project, target).wheel
    path = [wheel] if target == "wheel" else [wheel, project / "src"]
    assert run_python(COMPARE, path=path).stdout == "j plt report toml winreg yaml\n"


READ = f"""
from importlib.metadata import distribution
print(len(distribution("weather").read_text("{RECORD}")))
"""


@pytest.mark.parametrize("editable", [False, True], ids=["wheel", "editable"])
def test_the_record_is_installed(build: Build, make_project: MakeProject, venv: MakeVenv, *, editable: bool) -> None:
    """An installed environment can be asked what it defers, nothing being imported."""
    project = make_project(FILES, table='imports.j = "json"')
    wheel = build("hatchling", project).wheel
    environment = venv(*(["-e", project] if editable else [wheel]))
    assert environment.run("python", "-c", READ).stdout == f"{len(read_from(wheel, RECORD))}\n"


@pytest.mark.parametrize("sources", ['["src"]', '{ "src/weather" = "climate" }', '{ "src" = "" }', '{ "src" = "ns" }'])
def test_sources_do_not_move_the_record(build: Build, make_project: MakeProject, sources: str) -> None:
    """Where `sources` rewrites the paths of modules, the record stays in its place."""
    selection = f'[tool.hatch.build.targets.wheel]\nonly-include = ["src/weather"]\nsources = {sources}\n'
    wheel = build("hatchling", make_project(FILES, table=f'imports.j = "json"\n{selection}')).wheel
    assert f"weather-1.0.dist-info/{RECORD}" in names_in(wheel)


def recorded(wheel: Path) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(read_from(wheel, "deferred-imports.json"))["imports"]
    return found


def test_extras_are_normalised(build: Build, make_project: MakeProject, run_python: RunPython) -> None:
    """The hint has the extra's normalised name, in quotes that every shell understands."""
    wheel = build("hatchling", make_project(FILES, project=PROJECT, table=TABLE)).wheel
    code = """
import weather._deferred
try:
    weather._deferred.plt
except ModuleNotFoundError as error:
    print(error)
"""
    done = run_python(code, path=[wheel], flags=["-S"])  # with none of the tests' own distributions
    assert done.stdout.endswith(': pip install "weather[fast-plot]"\n')


def test_markers_are_shown_and_not_evaluated(build: Build, make_project: MakeProject) -> None:
    """The platform that builds has no say in what other platforms install."""
    wheel = build("hatchling", make_project(FILES, project=PROJECT, table=TABLE)).wheel
    assert recorded(wheel)["winreg"]["marker"] == "sys_platform == 'win32'"
    text = read_from(wheel, "_deferred.py")
    assert "\"sys_platform == 'win32'\"" in text
    assert 'sys.platform == "win32"' in text


def test_a_wheel_without_hooks(build: Build, make_project: MakeProject, run_python: RunPython) -> None:
    """What `HATCH_BUILD_NO_HOOKS` leaves out is named when imported, and the README knows the switch."""
    project = make_project(FILES, project=PROJECT, table=TABLE)
    wheel = build("hatchling", project, env={"HATCH_BUILD_NO_HOOKS": "1"}).wheel
    done = run_python("from weather import _deferred", path=[wheel], check=False)
    assert done.stderr.splitlines()[-1].startswith("ImportError: cannot import name '_deferred' from 'weather' (")
    asked = run_python("from deferred_imports import resolve_now; resolve_now('weather')", path=[wheel], check=False)
    assert asked.stderr.splitlines()[-1] == (
        'LookupError: package: expected one with deferred imports, got "weather", '
        "which has no registry: it defers nothing, it was built without hooks "
        "(HATCH_BUILD_NO_HOOKS=1), or the file has been deleted; install it again, or run "
        '"deferred-imports generate" in its source tree'
    )
    assert "HATCH_BUILD_NO_HOOKS=1" in (ROOT / "hatch_plugin" / "README.md").read_text(encoding="utf-8")
