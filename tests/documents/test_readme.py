"""README.md, run: both ways to declare built and used as it says, its figures those of the benchmarks' manual."""

import ast
import re
import sys
from pathlib import Path

import pytest

from builds import Build, MakeProject
from manuals import BENCHMARKS, DOCUMENTS, README, Document, rows, transcript
from manuals import HOOK as HOOK_MANUAL
from processes import RunPython
from wheelhouse import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCUMENT = Document(README)
PICTURE = DOCUMENT.take("text", "weather --help")
HOOK = DOCUMENT.take("toml", "hatchling.build")
WRAPPED = DOCUMENT.take("toml", "deferred_imports.backend")
INSTALL = DOCUMENT.take("console", "tooling")
TABLES = {"functions": DOCUMENT.take("toml", "discover"), "names": DOCUMENT.take("toml", "minidom")}
CODE = {"functions": DOCUMENT.take("python", "from xml.dom"), "names": DOCUMENT.take("python", "_deferred.minidom")}
DECIDING = DOCUMENT.take("python", "resolve_now")
CLONE = DOCUMENT.take("console", "hatch test")

PROJECT = """
[project]
name = "atlas"
version = "1.0"
optional-dependencies.web = ["nothing-has-this-name"]
"""


@pytest.fixture(params=["functions", "names"])
def atlas(request: pytest.FixtureRequest, make_project: MakeProject) -> Path:
    """A project that declares in one of the two ways."""
    way: str = request.param
    pyproject = "\n".join([HOOK, PROJECT, TABLES[way]])
    return make_project({"pyproject.toml": pyproject, "src/atlas/__init__.py": "", "src/atlas/part.py": CODE[way]})


def test_both_ways_defer_and_work(atlas: Path, build: Build, run_python: RunPython) -> None:
    """Declared either way, the import waits until the function is called."""
    code = """
import sys, atlas.part
assert "xml.dom.minidom" not in sys.modules
assert atlas.part.root("<a/>") == "a"
assert "xml.dom.minidom" in sys.modules
"""
    run_python(code, path=[build("hatchling", atlas).wheel])


def test_the_application_decides(atlas: Path, build: Build, run_python: RunPython) -> None:
    """Declared either way, the README's lines resolve it, and nothing is missing."""
    code = f"import sys\n{DECIDING}\nassert 'xml.dom.minidom' in sys.modules\n"
    assert run_python(code, path=[build("hatchling", atlas).wheel]).stdout == ""


def test_what_is_missing_is_told_with_its_remedy(
    make_project: MakeProject, build: Build, run_python: RunPython
) -> None:
    """The README's loop prints the remedy for an import that is not installed."""
    table = TABLES["names"] + 'web = { module = "nothing_has_this_name", extra = "web" }\n'
    project = make_project({"pyproject.toml": f"{HOOK}\n{PROJECT}\n{table}", "src/atlas/__init__.py": ""})
    done = run_python(DECIDING, path=[build("hatchling", project).wheel])
    assert done.stdout == 'pip install "atlas[web]"\n'


def test_whoever_runs_it_decides(atlas: Path, build: Build, run_python: RunPython) -> None:
    """Declared either way, `PYDEFER_EAGER=1` loads it with the package."""
    assert "`PYDEFER_EAGER=1 atlas`" in DOCUMENT.text
    code = "import sys, atlas.part; assert 'xml.dom.minidom' in sys.modules"
    run_python(code, path=[build("hatchling", atlas).wheel], env={"PYDEFER_EAGER": "1"})


def test_both_ways_are_shown_in_ten_lines() -> None:
    """Each way takes at most ten lines of table and code."""
    for way, table in TABLES.items():
        assert len((table + CODE[way]).splitlines()) <= 10


def test_both_ways_can_be_mixed(make_project: MakeProject, build: Build, run_python: RunPython) -> None:
    """One table does both."""
    table = "\n".join([TABLES["functions"], TABLES["names"]])
    files = {f"src/atlas/{way}.py": code for way, code in CODE.items()}
    project = make_project({"pyproject.toml": f"{HOOK}\n{PROJECT}\n{table}", "src/atlas/__init__.py": "", **files})
    code = "import atlas.functions, atlas.names; print(atlas.functions.root('<a/>'), atlas.names.root('<b/>'))"
    assert run_python(code, path=[build("hatchling", project).wheel]).stdout == "a b\n"


def test_code_is_whole_python() -> None:
    """What is shown can be pasted."""
    for code in (*CODE.values(), DECIDING):
        ast.parse(code)


def test_the_picture_shows_measured_figures() -> None:
    """The bars are as long as the figures of the demo say, and "31 times" is their ratio."""
    demo = {cells[0]: cells[1] for cells in rows(Document(BENCHMARKS).section("The demo"), "")}
    shown = re.findall(r"^(.+?)  +(█+) (\d+) ms$", PICTURE, flags=re.MULTILINE)
    sources = ["with imports at the top: `--help`", "`weather --help`", "`python -c pass`"]
    assert [f"{figure} ms" for _, _, figure in shown] == [demo[source] for source in sources]
    top, deferred, _ = (int(figure) for _, _, figure in shown)
    assert [len(bar) for _, bar, _ in shown] == [max(1, round(60 * int(figure) / top)) for _, _, figure in shown]
    assert f"**{top / deferred:.0f} times**" in DOCUMENT.text


def test_the_cost_is_a_measured_figure() -> None:
    """The other figure is that of reading a name when nothing is pending, on each Python."""
    measured = {cells[0]: cells[3:] for cells in rows(Document(BENCHMARKS).section("Budgets"), "what")}
    (shown,) = re.findall(r"\*\*([\d.]+) times\*\*\)", DOCUMENT.text)
    ratios = [float(cell.split()[0]) for cell in measured["reading a name: nothing pending"]]
    assert {f"{ratio:.1f}" for ratio in ratios} == {shown}


def test_what_is_to_be_installed_can_be() -> None:
    """The extra and the hook that are named are those of the two distributions."""
    ours, hook = (
        tomllib.loads((ROOT / place / "pyproject.toml").read_text(encoding="utf-8")) for place in (".", "hatch_plugin")
    )
    install, *others = (command for command, _ in transcript(INSTALL))
    assert install == 'pip install "deferred-imports[tooling]"'
    assert "tooling" in ours["project"]["optional-dependencies"]
    assert hook["project"]["name"] in tomllib.loads(HOOK)["build-system"]["requires"]
    assert {command.split()[0] for command in others} == {*ours["project"]["scripts"]}


def test_another_backend_is_wrapped_as_its_manual_says() -> None:
    """What is shown for setuptools is what the manual of the hook shows, which a test builds."""
    there = tomllib.loads(Document(HOOK_MANUAL).take("toml", under="Other build backends"))
    del there["tool"]["deferred-imports"]["discover"]
    assert tomllib.loads(WRAPPED) == there


def test_pythons_are_those_of_the_metadata() -> None:
    """The Pythons that are named are those of the classifiers, and the first is what the distributions require."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = [line.rpartition(" ")[2] for line in project["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert f"Python {versions[0]} to {versions[-1]}" in DOCUMENT.text
    assert project["requires-python"] == f">={versions[0]}"


def test_a_clone_needs_two_commands() -> None:
    """The commands are those of hatch's environments, and the second is the test command that CI runs."""
    assert [command for command, _ in transcript(CLONE)] == ["pip install hatch && hatch run demo", "hatch test"]
    assert "hatch test" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_every_other_document_is_linked() -> None:
    """A stranger finds all manuals, and the changes, from here."""
    assert {*DOCUMENTS, "CHANGELOG.md"} - {README} <= set(DOCUMENT.links())


def test_terms_are_explained_where_they_come_first() -> None:
    """Registry, deferred and resolved are bold where they come first, and that is where they are explained."""
    for term in ("deferred", "resolved", "registry"):
        first = re.search(rf"\b{term}\b(?!-imports)", DOCUMENT.prose)
        assert first is not None
        assert DOCUMENT.prose[: first.end() + 2].endswith(f"**{term}**")


def test_no_block_is_left() -> None:
    """A test takes each block of README.md."""
    assert DOCUMENT.untaken() == []
