"""Wrong tables fail the build: with every problem, where it stands, and without a traceback, in every frontend."""

import re
from pathlib import Path

import pytest

import wheelhouse
from builds import Build, MakeProject, names_in, read_from
from processes import RUNTIME

FILES = {"src/weather/__init__.py": ""}
TABLE = 'imports.j = "json"\n'
HOOK = "[tool.hatch.build.hooks.deferred-imports]\n"
CASES = wheelhouse.ROOT / "tests" / "cases" / "manifest"
WEATHER = (
    "weather/ weather.cli weather.commands/ weather.commands.plot weather.commands.report weather.commands.summary"
)


def cases() -> list[str]:
    """Name the golden tables that have problems; the tests of parsing, and of the command, go through the same."""
    found = {path.name.removesuffix(".errors.txt"): path.read_text("utf-8") for path in CASES.glob("*.errors.txt")}
    # hatchling refuses a [project] or a [tool] that is none itself, before it asks any hook.
    # And a project of another backend is not the hook's.
    ours = [
        name for name, text in sorted(found.items()) if not re.search(r"^  (project|tool:|backend)", text, re.MULTILINE)
    ]
    assert len(ours) >= 25
    return ours


def golden(make_project: MakeProject, name: str) -> tuple[Path, str]:
    """Make a golden table into a project that ships what its first line says; give that and the expected text."""
    text = (CASES / f"{name}.toml").read_text(encoding="utf-8")
    first, _, _ = text.partition("\n")
    shipped = (first.removeprefix("# ships:") if first.startswith("# ships:") else WEATHER).split()
    paths = [module.replace(".", "/") for module in shipped]
    files = [f"src/{path}__init__.py" if path.endswith("/") else f"src/{path}.py" for path in paths]
    system = '[build-system]\nrequires = ["hatchling", "hatch-deferred-imports"]\nbuild-backend = "hatchling.build"\n'
    wheel = '[tool.hatch.build.targets.wheel]\ninclude = ["/src"]\nsources = ["src"]\n'
    text = text.replace("[project]\n", '[project]\nversion = "1.0"\n', 1) + f"\n{HOOK}\n{wheel}\n{system}"
    expected = (CASES / f"{name}.errors.txt").read_text(encoding="utf-8")
    return make_project({**dict.fromkeys(files, ""), "src/data.txt": "", "pyproject.toml": text}), expected


@pytest.mark.parametrize("name", cases())
def test_a_build_says_what_parsing_says(build: Build, make_project: MakeProject, name: str) -> None:
    """For each golden table with problems the build fails with exactly that text."""
    project, expected = golden(make_project, name)
    built = build("hatchling", project, check=False)
    assert (built.output, built.returncode) == (expected, 1)


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def assert_told(output: str, expected: str) -> None:
    """Look for the lines of a message, indented or not, one after the other, and for no traceback."""
    found, wanted = lines(output), lines(expected)
    assert any(found[start : start + len(wanted)] == wanted for start in range(len(found))), output
    assert "Traceback" not in output


@pytest.mark.parametrize("frontend", ["build", "pip", "uv"])
@pytest.mark.parametrize("name", ["names", "no-table"])
def test_frontends_show_all_problems(build: Build, make_project: MakeProject, frontend: str, name: str) -> None:
    """Build, pip and uv show the text as it is, and no traceback around it."""
    project, expected = golden(make_project, name)
    built = build(frontend, project, isolated=False, check=False)
    assert built.returncode != 0
    assert_told(built.output, expected)


@pytest.mark.isolated
def test_hatch_shows_all_problems(build: Build, make_project: MakeProject) -> None:
    """Hatch shows the text as it is, too."""
    project, expected = golden(make_project, "names")
    built = build("hatch", project, check=False)
    assert built.returncode != 0
    assert_told(built.output, expected)


@pytest.mark.parametrize("target", ["wheel", "editable"])
def test_the_hook_without_a_table(build: Build, make_project: MakeProject, target: str) -> None:
    """The hook alone does nothing useful, so the missing table is an error, with a line to begin with."""
    project, expected = golden(make_project, "no-table")
    assert build("hatchling", project, target, check=False).output == expected


OPTIONS = """\
[tool.hatch.build.hooks.deferred-imports] has 2 problems
  enable-by-defualt: unknown key; did you mean "enable-by-default"?
  discover: unknown key; this hook has no options: declare imports in [tool.deferred-imports]
"""


@pytest.mark.parametrize("frontend", ["hatchling", "uv"])
def test_options_of_the_hook(build: Build, make_project: MakeProject, frontend: str) -> None:
    """The hook has no options; what stands in its table all the same is named, not ignored."""
    project = make_project(FILES, table=TABLE)
    path = project / "pyproject.toml"
    path.write_text(path.read_text().replace(HOOK, f"{HOOK}enable-by-defualt = true\ndiscover = true\n"))
    built = build(frontend, project, isolated=False, check=False)
    assert built.returncode != 0
    assert_told(built.output, OPTIONS)


def test_the_runtime_is_no_requirement(build: Build, make_project: MakeProject) -> None:
    """The registry is self-contained, so nothing has to be, and nothing is, added to the requirements."""
    project = make_project(FILES, project='dependencies = ["numpy>=2"]\n', table='imports.np = "numpy"')
    metadata = read_from(build("hatchling", project).wheel, "METADATA")
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist")] == ["Requires-Dist: numpy>=2"]


def test_a_file_that_is_not_toml(build: Build, make_project: MakeProject) -> None:
    """What hatchling says of a broken pyproject.toml is not replaced by something of ours."""
    built = build("hatchling", make_project(FILES, table="imports = ["), check=False)
    assert built.returncode != 0
    assert "TOMLDecodeError" in built.output
    assert "hatch_deferred_imports" not in built.output


def test_hatchlings_own_keys(build: Build, make_project: MakeProject) -> None:
    """What hatchling reads from the table of any hook may stand in that of ours."""
    keys = 'dependencies = ["packaging"]\nrequire-runtime-dependencies = true\nrequire-runtime-features = ["plot"]\n'
    project = make_project(FILES, project='optional-dependencies.plot = ["rich"]\n', table=TABLE)
    path = project / "pyproject.toml"
    path.write_text(path.read_text().replace(HOOK, f"{HOOK}{keys}enable-by-default = false\n"))
    assert "weather/_deferred.py" not in names_in(build("hatchling", project).wheel)
    enabled = build("hatchling", project, env={"HATCH_BUILD_HOOKS_ENABLE": "1"}).wheel
    assert "weather/_deferred.py" in names_in(enabled)


def test_the_plugin_is_not_required(build: Build, make_project: MakeProject) -> None:
    """Where `build-system.requires` lacks it hatchling knows no such hook; the README has the text."""
    built = build("hatchling", make_project(FILES, table=TABLE), env={"PYTHONPATH": str(RUNTIME)}, check=False)
    text = built.output.splitlines()[-1]
    assert text == "hatchling.plugin.exceptions.UnknownPluginError: Unknown build hook: deferred-imports"
    assert text in (wheelhouse.ROOT / "hatch_plugin" / "README.md").read_text(encoding="utf-8")


METADATA_HOOK = """\
from hatchling.metadata.plugin.interface import MetadataHookInterface

class Fill(MetadataHookInterface):
    def update(self, metadata):
        metadata["dependencies"] = ["numpy"]
        metadata["optional-dependencies"] = {"plot": ["matplotlib"]}
"""
DYNAMIC = 'dynamic = ["dependencies", "optional-dependencies"]\n'


@pytest.mark.parametrize("target", ["wheel", "both"])
def test_requirements_that_a_metadata_hook_fills_in(build: Build, make_project: MakeProject, target: str) -> None:
    """The table is held against the requirements that the wheel will have, from a tree or from an sdist."""
    table = 'imports.np = "numpy"\nimports.plt = { module = "matplotlib.pyplot", extra = "plot" }\n'
    custom = "[tool.hatch.metadata.hooks.custom]\n"
    project = make_project(FILES | {"hatch_build.py": METADATA_HOOK}, project=DYNAMIC, table=table + custom)
    text = read_from(build("build", project, target, isolated=False).wheel, "_deferred.py")
    assert 'pip install "weather[plot]"' in text


def test_what_a_metadata_hook_does_not_fill_in(build: Build, make_project: MakeProject) -> None:
    """What the requirements that a hook has filled in do not cover is a problem all the same."""
    table = 'imports.pd = "pandas"\nimports.plt = { module = "matplotlib.pyplot", extra = "plots" }\n'
    custom = "[tool.hatch.metadata.hooks.custom]\n"
    project = make_project(FILES | {"hatch_build.py": METADATA_HOOK}, project=DYNAMIC, table=table + custom)
    built = build("hatchling", project, check=False)
    assert built.output == (
        "pyproject.toml: [tool.deferred-imports] has 2 problems\n"
        '  imports.pd: expected a module of the standard library or of a declared requirement, got "pandas"; '
        "name as distribution the requirement that provides it, or add that to [project] dependencies\n"
        '  imports.plt.extra: expected "plot" from [project.optional-dependencies], got "plots"; did you mean "plot"?\n'
    )
