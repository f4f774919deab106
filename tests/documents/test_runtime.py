"""The manual of the runtime, run: on the project of the manual of the table, built and installed."""

import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import deferred_imports
from builds import Build
from deferred_imports import _eager, _watching, machinery
from deferred_imports.tooling import cli
from deferred_imports.tooling.cli.tables import print_table
from deferred_imports.tooling.readahead import report as profile_report
from deferred_imports.tooling.readahead.observing import ReadAheadStart
from deferred_imports.tooling.readahead.profile import Plan, Profile, Times
from manuals import RUNTIME, Document, rows, transcript, write
from processes import RUNTIME as SOURCES
from processes import MakeVenv, RunPython, clean_env
from recipes.drivers import RECIPES
from residents import Program
from wheelhouse import ROOT

DOCUMENT = Document(RUNTIME)
ON_LOAD = DOCUMENT.take("python", under="Configuring what is deferred")
REPORT = DOCUMENT.take("python", "item.entry.remedy", under="Calls")
REPORT_SAYS = DOCUMENT.take("text", under="Calls")
EAGER_IN_CI = DOCUMENT.take("console", under="Deciding when")
PROGRESS = DOCUMENT.take("python", under="Progress")
GUNICORN = DOCUMENT.take("python", under="Forks")  # tests/runtime/test_gunicorn.py serves it
RECIPE_BLOCKS = DOCUMENT.take_all("python", under="Recipes")  # tests/recipes runs them
TRACE_SAYS = DOCUMENT.take("text", under="Seeing")
RECORD = DOCUMENT.take("console", under="Reading ahead")
PREFETCH = DOCUMENT.take("python", under="Reading ahead")
PROFILE_SAYS = DOCUMENT.take("text", under="Reading ahead")
RESIDENT = DOCUMENT.take("console", under="Resident process")
ERROR_SAYS = DOCUMENT.take("text", under="Errors")
IN_ONE_LINE = DOCUMENT.take("python", under="Errors")
NATIVE = DOCUMENT.take("python", under="Python 3.15")
AT_RUN_TIME = DOCUMENT.take("python", under="Declaring at run time")
AT_RUN_TIME_SAYS = DOCUMENT.take("text", under="Declaring at run time")
PYTEST = DOCUMENT.take("python", "monkeypatch", under="Testing your program")
STARTUP = DOCUMENT.take("python", "loads_not", under="Testing your program")
RESET = DOCUMENT.take("python", "testing.reset", under="Testing your program")
RESET_SAYS = DOCUMENT.take("text", under="Testing your program")


@pytest.fixture
def wheel(atlas: Path, build: Build) -> Path:
    """The project's wheel."""
    return build("hatchling", atlas).wheel


def test_report(wheel: Path, run_python: RunPython) -> None:
    """A report lists what is missing, each with its remedy, and raises nothing."""
    assert run_python(REPORT, path=[wheel]).stdout == REPORT_SAYS


def test_calls_are_all_there_are() -> None:
    """The table of calls names each public function, with its arguments, and no other."""
    calls = [cells[0] for cells in rows(DOCUMENT.section("Calls"), "call")]
    named = {re.sub(r"^`(?:await )?([\w.]+).*", r"\1", call) for call in calls}
    functions = {name for name in deferred_imports.__all__ if name[0].islower()}
    assert (
        named - {"deferred_imports.prefetch.prefetch", "deferred_imports.machinery", "deferred_imports.testing.reset"}
        == functions
    )
    assert importlib.util.find_spec("deferred_imports.prefetch")


def test_arguments_are_all_there_are() -> None:
    """The table of arguments names those that the calls share."""
    named = [cells[0].strip("`=") for cells in rows(DOCUMENT.section("Calls"), "argument")]
    assert named == [name for name in inspect.signature(deferred_imports.resolve_now).parameters if name != "packages"]


def test_attributes_exist(wheel: Path, run_python: RunPython) -> None:
    """A report, its items and its entries have the attributes that the manual names."""
    text = " ".join(DOCUMENT.section("Calls").split())
    found = re.search(
        r"A `Resolution` has the lists (.+?), and `seconds`.+?An item has (.+?); an entry has (.+?)\.", text
    )
    assert found is not None
    report, item, entry = (re.findall(r"`(\w+)`", part) for part in found.groups())
    code = f"""
from deferred_imports import resolve_now
report = resolve_now("atlas", on_error="report")
item = report.missing[0]
for owner, names in ((report, {report}), (item, {item}), (item.entry, {entry})):
    for name in names:
        getattr(owner, name)
"""
    assert len(entry) == 9
    run_python(code, path=[wheel])


VALUES = [
    *((value, True) for value in ("1", "true", "yes", "on", "atlas,weather", "*", "-weather")),
    *((value, False) for value in ("0", "false", "no", "off", "", "-atlas")),
]


@pytest.mark.parametrize(("value", "eager"), VALUES)
def test_variable(value: str, eager: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PYDEFER_EAGER means what the manual's table says."""
    monkeypatch.syspath_prepend(write(tmp_path, {"atlas/__init__.py": "", "weather/__init__.py": ""}))
    monkeypatch.setenv("PYDEFER_EAGER", value)
    assert _eager.is_eager("atlas") is eager


def test_values_are_all_there_are() -> None:
    """The table of values has no value that is not tried here."""
    shown = {
        value
        for cells in rows(DOCUMENT.section("PYDEFER_EAGER"), "value")
        for value in re.findall(r"`([^`]+)`", cells[0])
    }
    assert shown <= {value for value, _ in VALUES}


def test_variables_are_all_there_are() -> None:
    """Each variable that the runtime reads has a heading, and no other has."""
    runtime = ROOT / "src/deferred_imports"
    read, residents = (
        {name for file in files for name in re.findall(r"\bPYDEFER_[A-Z]+\b", file.read_text(encoding="utf-8"))}
        for files in (runtime.glob("*.py"), (runtime / "resident").glob("*.py"))
    )
    assert read <= {heading for heading in DOCUMENT.headings if heading.startswith("PYDEFER_")} <= read | residents


def test_eager_in_ci_finds_what_is_missing(wheel: Path, run_python: RunPython) -> None:
    """The line for CI succeeds where all that is required is there."""
    ((command, _),) = transcript(EAGER_IN_CI)
    found = re.fullmatch(r'(\w+)=(\w+) python -c "(.+)"', command)
    assert found is not None
    run_python(found[3], path=[wheel], env={found[1]: found[2]})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has resident processes")
def test_resident(tmp_path: Path, home: Path) -> None:
    """The commands of the resident process print what the manual says, apart from numbers."""
    with tempfile.TemporaryDirectory(prefix="resident-") as runtime:  # the path of a socket has to be short
        program = Program.make(tmp_path, Path(runtime), home, "def main(): print(42)")
        program.variables["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{program.variables['PATH']}"
        try:
            for command, says in transcript(RESIDENT):
                done = program.shell(command, env={"PYDEFER_RESIDENT": ""})
                assert without_numbers(done.stdout.decode()) == without_numbers(says), done.stderr
        finally:
            program.end()


def without_numbers(text: str) -> str:
    """Return a text with one number for all, and one name of a process."""
    return re.sub(r"\d+(\.\d+)?", "1", re.sub(r"atlas-[0-9a-f]{16}", "atlas-name", text)).strip()


def test_progress(wheel: Path, run_python: RunPython) -> None:
    """The progress bar is one: it ends with as many steps as there were imports."""
    code = f"import atlas\n{PROGRESS}\nassert (bar.tasks[0].completed, bar.tasks[0].total) == (5, 5), bar.tasks"
    # The tests run with it, so it is found, and in a file.
    rich = Path(importlib.util.find_spec("rich").origin).parents[1]  # type: ignore[union-attr, arg-type]
    run_python(code, path=[wheel, rich])


def test_trace(wheel: Path, run_python: RunPython) -> None:
    """`PYDEFER_TRACE=1` prints the line that is shown, and `json` one object."""
    code = "import atlas; from atlas.commands import report; report.titles('<a/>')"
    done = run_python(code, path=[wheel], env={"PYDEFER_TRACE": "1"})
    where = re.sub(r"\d+\.\d ms, .*(atlas/commands)", r"4.3 ms, src/\1", done.stderr.replace(os.sep, "/"))
    assert where == TRACE_SAYS
    done = run_python(code, path=[wheel], env={"PYDEFER_TRACE": "json"})
    assert json.loads(done.stderr)["name"] == "minidom"


def test_event_has_what_is_named() -> None:
    """A `ResolveEvent` has the attributes that the manual names."""
    found = re.search(r"`ResolveEvent` \((.+?)\)", DOCUMENT.section("Seeing"))
    assert found is not None
    for name in re.findall(r"`(\w+)`", found[1]):
        slots = {slot for kind in _watching.ResolveEvent.__mro__ for slot in getattr(kind, "__slots__", ())}
        assert name in slots


@pytest.mark.isolated
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux reads ahead")
def test_reading_ahead(atlas: Path, build: Build, venv: MakeVenv) -> None:
    """The record is written where the first lines of a program have it read."""
    environment = venv(build("build", atlas).wheel, "deferred-imports[tooling]")
    ((command, expected),) = transcript(RECORD)
    path = os.pathsep.join([str(environment.bin), environment.env["PATH"]])  # as it is in an environment that is active
    done = environment.run(*command.split(), env={"PATH": path})
    sizes = r"[\d.]+ MiB in \d+ files"
    assert re.sub(sizes, "", done.stdout) == re.sub(sizes, "", expected).replace("/opt/venv", str(environment.path))
    trace = "import sys; sys.addaudithook(lambda event, args: event == 'deferred_imports.prefetch' and print(*args))"
    done = environment.run("python", "-c", f"{trace}\n{PREFETCH}")
    assert done.stdout == f"{environment.path}/deferred-imports.record\n"


def test_profile(capsys: pytest.CaptureFixture[str]) -> None:
    """What `profile` prints is what it prints of these figures."""
    file = "/opt/venv/lib/python3.11/site-packages/weather/_deferred.py"
    record = Path("deferred-imports.record")
    files = (("library", [(0, 46451917)]), *[("module", [])] * 590)
    plan = Plan(("weather", "summary"), record, True, files, 0, ReadAheadStart(file, 236, "weather", str(record)))

    def seconds(low: float, middle: float, high: float) -> tuple[float, ...]:
        return (low, low, low, middle, high, high, high)

    cold = Times(seconds(0.661, 0.702, 0.748), seconds(0.538, 0.542, 0.571))
    warm = Times(seconds(0.376, 0.418, 0.468), seconds(0.385, 0.417, 0.485))
    found = Profile(plan, cold, warm, 0.10, None)
    print_table(profile_report.COLUMNS, profile_report.rows(found))
    table = capsys.readouterr().out.splitlines()
    shown = [*profile_report.planned(plan), *table, *profile_report.summary(found)]
    assert PROFILE_SAYS.splitlines()[1:] == shown


def test_errors(wheel: Path, run_python: RunPython) -> None:
    """The example of an error is what a missing module gives."""
    done = run_python("import atlas; atlas._deferred.httpx", path=[wheel], check=False)
    # Where the standard library has not been loaded, 3.15 adds a guess of its own.
    assert done.stderr.splitlines()[-1].startswith(ERROR_SAYS.strip())


def test_kinds_of_errors(wheel: Path, run_python: RunPython) -> None:
    """Each error of the table that a program can catch is raised when the table says."""
    code = """
import atlas, deferred_imports
from atlas import _deferred

def kind(call):
    try:
        call()
    except BaseException as error:
        return type(error).__name__
raised = [
    kind(lambda: _deferred.httpx),
    kind(lambda: _deferred.nothing),
    kind(lambda: _deferred.winreg) if __import__("sys").platform != "win32" else "AttributeError",
    kind(lambda: deferred_imports.resolve_now("nothing_has_this_name")),
    kind(lambda: deferred_imports.resolve_now(workers=0)),
]
print(*raised)
"""
    raised = run_python(code, path=[wheel]).stdout.split()
    assert raised == ["ModuleNotFoundError", "AttributeError", "AttributeError", "LookupError", "ValueError"]
    shown = {cells[0].split("`")[1] for cells in rows(DOCUMENT.section("Errors"), "error")}
    assert {*raised} < shown


def test_one_line_for_the_user(atlas: Path, build: Build, run_python: RunPython) -> None:
    """A program can say in a line what is missing, without a traceback."""
    pyproject = atlas / "pyproject.toml"
    text = pyproject.read_text(encoding="utf-8").replace(
        '"xml.dom.minidom"', '{ module = "gone", distribution = "gone" }'
    )
    pyproject.write_text(text.replace('["deferred-imports", ', '["deferred-imports", "gone", '), encoding="utf-8")
    done = run_python(IN_ONE_LINE, path=[build("hatchling", atlas).wheel], check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("atlas needs gone for 'minidom'")


@pytest.mark.skipif(sys.version_info < (3, 15), reason="lazy imports came with Python 3.15")
def test_native(atlas: Path, build: Build, run_python: RunPython) -> None:
    """A module that takes `__lazy_modules__` from the registry imports natively what the table declares."""
    (atlas / "src/atlas/native.py").write_text(NATIVE, encoding="utf-8")
    code = """
import sys, atlas.native
assert "xml.dom" not in sys.modules
atlas.native.xml.dom.minidom
assert "xml.dom" in sys.modules
"""
    run_python(code, path=[build("hatchling", atlas).wheel])


def test_declaring_at_run_time(run_python: RunPython) -> None:
    """A declaration at run time is resolved with the others, and says what is shown."""
    assert run_python(AT_RUN_TIME).stdout == AT_RUN_TIME_SAYS
    assert {"defer_runtime_import", "resolve_deferred_imports"} <= {*machinery.__all__}


def test_patching_in_tests(wheel: Path, home: Path, tmp_path: Path) -> None:
    """The test that is shown passes, whether the name was resolved before or not, and leaves nothing behind."""
    after = "\n\ndef test_after():\n    from atlas import _deferred\n    import xml.dom.minidom\n"
    after += "    assert _deferred.minidom is xml.dom.minidom\n"
    (tmp_path / "test_atlas.py").write_text(PYTEST + after + PYTEST.replace("test_report", "test_again"), "utf-8")
    env = {**clean_env(home), "PYTHONPATH": os.pathsep.join(map(str, [wheel, SOURCES]))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "test_atlas.py"]
    done = subprocess.run(command, cwd=tmp_path, env=env, check=False, capture_output=True, encoding="utf-8")
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_configuring(run_python: RunPython) -> None:
    """The manual's callback configures the library when a plain import loads it, and not before."""
    code = f"import sys\n{ON_LOAD}\nassert 'decimal' not in sys.modules\nimport decimal\nprint(decimal.Decimal(1) / 3)"
    assert run_python(code).stdout == "0.333333\n"


def test_a_start_in_a_test(atlas: Path, run_python: RunPython) -> None:
    """The manual's test of a start passes in its project, and fails where the start loads what it must not."""
    code = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "deferred_imports.pytest_plugin",
        "test_start.py",
    ]
    tests = STARTUP + STARTUP.replace("is_light", "is_heavy").replace('"httpx"', '"atlas"')
    (atlas / "test_start.py").write_text(tests, encoding="utf-8")
    assert cli.main(["-C", str(atlas), "generate"]) == 0
    installed = [Path(str(importlib.util.find_spec(name).origin)).parents[1] for name in ("pytest",)]  # type: ignore[union-attr]  # it runs this
    done = run_python(code, *options, path=installed, cwd=atlas, check=False)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr


def test_a_mock_does_not_stay(wheel: Path, run_python: RunPython) -> None:
    """The line that undoes what a mock has left in a registry does."""
    assert run_python(RESET, path=[wheel]).stdout == RESET_SAYS


def test_what_is_stable_exists() -> None:
    """The names and variables that are said to be stable are there."""
    section = DOCUMENT.section("What is stable")
    for name in re.findall(r"`deferred_imports\.(\w+)\.__all__`", section):
        assert importlib.import_module(f"deferred_imports.{name}").__all__
    assert {*re.findall(r"PYDEFER_\w+", section)} == {
        heading for heading in DOCUMENT.headings if heading.startswith("PYDEFER_")
    }


def test_what_is_not_an_error(wheel: Path, run_python: RunPython) -> None:
    """What the last section calls no error is none."""
    code = """
import sys
from deferred_imports import find_missing, resolve_now
assert not resolve_now().resolved  # no registry at all
import atlas, xml.dom.minidom
resolution = resolve_now("atlas")  # httpx is optional, winreg has a marker
assert [item.entry.name for item in resolution.missing] == ["httpx"]
assert [entry.name for entry in find_missing("atlas")] == ["httpx"]
assert "winreg" in [item.entry.name for item in resolution.skipped] or sys.platform == "win32"
assert not resolve_now("atlas").resolved
from atlas._deferred import minidom
assert minidom is xml.dom.minidom
"""
    run_python(code, path=[wheel])


def test_no_block_is_left() -> None:
    """A test takes each block of the manual."""
    assert "start_response" in GUNICORN
    assert len(RECIPE_BLOCKS) == len({recipe.begins for recipe in RECIPES.values() if recipe.begins})
    assert "test_gunicorn" in {path.stem for path in (ROOT / "tests/runtime").iterdir()}
    assert DOCUMENT.untaken() == []
