"""The README, run: its project built, installed and used as it says; its tables and messages held against the code."""

import importlib.util
import os
import re
import sys
from pathlib import Path

import pytest

from builds import Build, MakeProject, read_from
from deferred_imports import _eager
from deferred_imports.tooling.cli.output import print_table
from deferred_imports.tooling.readahead import report as profile_report
from deferred_imports.tooling.readahead.profile import Comparison, Plan, Profile
from deferred_imports.tooling.readahead.record import Start
from deferred_imports.tooling.table import entries, manifest
from goldens import manifest_of
from processes import MakeVenv, RunPython
from wheelhouse import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the contents of the fenced blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)


def project_files() -> dict[str, str]:
    """Return the files that the section on adding it to a project shows, by the path in their first line."""
    found = {}
    for block in (*blocks("toml"), *blocks("python")):
        first, _, rest = block.partition("\n")
        if re.fullmatch(r"# [\w/]+\.\w+", first):
            found[first[2:]] = rest
    return {"src/atlas/commands/__init__.py": "", **found}


def transcript(containing: str) -> list[tuple[str, str]]:
    """Return the commands of the console block with this text, each with what it prints."""
    block = next(block for block in blocks("console") if containing in block)
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


@pytest.fixture
def atlas(make_project: MakeProject) -> Path:
    """The README's project, as somebody types it."""
    files = project_files()
    assert len(files) == 5
    return make_project(files)


@pytest.mark.isolated
def test_transcript(atlas: Path, build: Build, venv: MakeVenv) -> None:
    """The README's project, built and installed, prints what the README says."""
    environment = venv(build("build", atlas).wheel)
    commands = transcript("atlas report")
    assert len(commands) == 4
    for command, expected in commands[1:]:
        done = environment.run(*command.split())
        assert re.sub(r"\d+\.\d ms", "0.1 ms", done.stdout) == expected


@pytest.mark.isolated
def test_command(atlas: Path, venv: MakeVenv) -> None:
    """The commands for other build backends do what the README says of them."""
    environment = venv("deferred-imports[tooling]")
    commands = [command for command, _ in transcript("deferred-imports generate")]
    assert commands[1:] == ["deferred-imports generate", "deferred-imports generate --check", "deferred-imports list"]
    for command in commands[1:]:
        environment.run(*command.split(), cwd=atlas)
    assert (atlas / "src/atlas/_deferred.py").is_file()
    with (atlas / "src/atlas/_deferred.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert environment.run(*commands[2].split(), cwd=atlas, check=False).returncode == 1


@pytest.mark.isolated
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux reads ahead")
def test_reading_ahead(atlas: Path, build: Build, venv: MakeVenv) -> None:
    """The record is written where the README's first lines of a program have it read."""
    environment = venv(build("build", atlas).wheel, "deferred-imports[tooling]")
    ((command, expected),) = transcript("deferred-imports record")
    path = os.pathsep.join([str(environment.bin), environment.env["PATH"]])  # as it is in an environment that is active
    done = environment.run(*command.split(), env={"PATH": path})
    sizes = r"[\d.]+ MiB in \d+ files"
    assert re.sub(sizes, "", done.stdout) == re.sub(sizes, "", expected).replace("/opt/venv", str(environment.path))
    first_lines = next(block for block in blocks("python") if "prefetch()" in block)
    trace = "import sys; sys.addaudithook(lambda event, args: event == 'deferred_imports.prefetch' and print(*args))"
    done = environment.run("python", "-c", f"{trace}\n{first_lines}")
    assert done.stdout == f"{environment.path}/deferred-imports.record\n"


def test_profile(capsys: pytest.CaptureFixture[str]) -> None:
    """What `profile --cold` prints is what it prints of these figures."""
    expected = next(block for block in blocks("text") if "profile --cold" in block)
    file = "/opt/venv/lib/python3.11/site-packages/weather/_deferred.py"
    record = Path("deferred-imports.record")
    files = (("library", [(0, 46451917)]), *[("module", [])] * 590)
    plan = Plan(("weather", "summary"), record, True, files, 0, Start(file, 236, "weather", str(record)))

    def seconds(low: float, middle: float, high: float) -> tuple[float, ...]:
        return (low, low, low, middle, high, high, high)

    cold = Comparison(seconds(0.661, 0.702, 0.748), seconds(0.538, 0.542, 0.571))
    warm = Comparison(seconds(0.376, 0.418, 0.468), seconds(0.385, 0.417, 0.485))
    found = Profile(plan, cold, warm, 0.10, None)
    print_table(profile_report.COLUMNS, profile_report.table(found))
    table = capsys.readouterr().out.splitlines()
    shown = [*profile_report.describe(plan), *table, *profile_report.summary(found)]
    assert expected.splitlines()[1:] == shown


def test_startup(atlas: Path, run_python: RunPython) -> None:
    """Two imports at the top of modules are found as the README shows it."""
    report, cli = atlas / "src/atlas/commands/report.py", atlas / "src/atlas/cli.py"
    report.write_text("from xml.dom import minidom\n\n" + report.read_text("utf-8"), "utf-8")
    cli.write_text(
        cli.read_text("utf-8").replace("import _deferred\n", "import _deferred\nfrom .commands import report\n"),
        "utf-8",
    )
    command, _, expected = next(block for block in blocks("text") if "--startup" in block).partition("\n")
    code = f"import sys; from deferred_imports.tooling.cli import main; sys.exit(main({command.split()[2:]}))"
    run_python(code.replace("check", "generate").replace(", '--startup', 'atlas.cli'", ""), cwd=atlas)
    done = run_python(code, cwd=atlas, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (1, expected)


def test_generated_file(atlas: Path, build: Build) -> None:
    """The generated file shows a type checker what the README shows of it."""
    shown = next(block for block in blocks("python") if block.startswith("TYPE_CHECKING"))
    assert shown in read_from(build("hatchling", atlas).wheel, "atlas/_deferred.py")


def test_demo_table() -> None:
    """The first table is the demo's own."""
    demo = (ROOT / "tests/projects/weather/pyproject.toml").read_text(encoding="utf-8")
    assert blocks("toml")[0] in demo


def test_pictures() -> None:
    """The pictures that the README shows are there, and the benchmarks draw no others."""
    shown = re.findall(r"^!\[.+\]\((.+)\)$", README, flags=re.MULTILINE)
    drawn = (ROOT / "tests/benchmarks/pictures").iterdir()
    assert sorted(shown) == sorted(path.relative_to(ROOT).as_posix() for path in drawn)


def test_keys() -> None:
    """The tables of keys name all keys that there are, and no other."""
    documented = re.findall(r"^\| `(\w+)` \| (?:string|boolean|table|array)", README, flags=re.MULTILINE)
    assert documented == [*manifest.KEYS, *entries.KEYS]


@pytest.mark.parametrize(
    ("value", "eager"),
    [
        *((value, True) for value in ("1", "true", "yes", "on", "atlas,weather", "-weather")),
        *((value, False) for value in ("0", "false", "no", "off", "", "-atlas")),
    ],
)
def test_variable(value: str, eager: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """PYDEFER_EAGER means what the README's table says."""
    monkeypatch.setenv("PYDEFER_EAGER", value)
    assert _eager.is_eager("atlas") is eager


def test_problems() -> None:
    """The example of a mistake is what a mistake gives."""
    table = """
        [project]
        name = "weather"
        dependencies = ["numpy"]
        optional-dependencies = { plot = ["matplotlib"], excel = ["openpyxl"] }
        [tool.deferred-imports.imports]
        plt = { module = "matplotlib.pyplot", extra = "plots" }
        [tool.deferred-imports]
        discovr = true
    """
    with pytest.raises(manifest.ManifestError) as caught:
        manifest_of(table)
    assert f"{caught.value}\n" in blocks("text")


def test_errors(atlas: Path, build: Build, run_python: RunPython) -> None:
    """The example of an error is what a missing module gives."""
    done = run_python("import atlas; atlas._deferred.httpx", path=[build("hatchling", atlas).wheel], check=False)
    # Where the standard library has not been loaded, 3.15 adds a guess of its own.
    assert done.stderr.splitlines()[-1].startswith(blocks("text")[-1].strip())


@pytest.mark.skipif(sys.version_info < (3, 15), reason="lazy imports came with Python 3.15")
def test_native(atlas: Path, build: Build, run_python: RunPython) -> None:
    """A module that takes `__lazy_modules__` from the registry imports natively what the table declares."""
    shown = next(block for block in blocks("python") if "__lazy_modules__" in block)
    (atlas / "src/atlas/native.py").write_text(shown, encoding="utf-8")
    code = """
import sys, atlas.native
assert "xml.dom" not in sys.modules
atlas.native.xml.dom.minidom
assert "xml.dom" in sys.modules
"""
    run_python(code, path=[build("hatchling", atlas).wheel])


def test_progress(atlas: Path, build: Build, run_python: RunPython) -> None:
    """The progress bar is one: it ends with as many steps as there were imports."""
    shown = next(block for block in blocks("python") if "rich.progress" in block)
    code = f"import atlas\n{shown}\nassert (bar.tasks[0].completed, bar.tasks[0].total) == (5, 5), bar.tasks"
    # The tests run with it, so it is found, and in a file.
    rich = Path(importlib.util.find_spec("rich").origin).parents[1]  # type: ignore[union-attr, arg-type]
    run_python(code, path=[build("hatchling", atlas).wheel, rich])
