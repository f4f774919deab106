"""The manual of the figures: each has a command that measures it, and those said twice are the same."""

import re

from builds import Build
from manuals import BENCHMARKS, DOCUMENTS, README, RUNTIME, Document, rows
from processes import RunPython
from wheelhouse import ROOT

DOCUMENT = Document(BENCHMARKS)
WITHOUT_EXTRA = DOCUMENT.take("text", under="The demo")


def test_pictures() -> None:
    """The pictures that this manual and README.md show are there, and there are no others."""
    texts = DOCUMENT.text, Document(README).text.replace("(tests/benchmarks/", "(")
    shown = [name for text in texts for name in re.findall(r"^!\[.+\]\((.+)\)$", text, flags=re.MULTILINE)]
    drawn = (ROOT / "tests/benchmarks/pictures").iterdir()
    assert sorted(shown) == sorted(f"pictures/{path.name}" for path in drawn)


def test_each_command_is_listed() -> None:
    """The table of commands names all that pyproject.toml has for measuring, each with a module of that name."""
    listed = {name for cells in rows(DOCUMENT.text, "command") for name in re.findall(r"hatch run (\w+)", cells[0])}
    modules = {path.stem for path in (ROOT / "tests/benchmarks").glob("*.py")}
    assert listed - {"demo"} <= modules
    scripts = re.findall(
        r'^(\w+) = "python -m benchmarks', (ROOT / "pyproject.toml").read_text("utf-8"), flags=re.MULTILINE
    )
    assert listed == {*scripts, "demo"}


def test_each_section_of_figures_names_its_command() -> None:
    """Above each table of figures stands the command that measures it."""
    for heading in re.findall(r"^## (.+)$", DOCUMENT.text, flags=re.MULTILINE):
        if "|--:|" in (section := DOCUMENT.section(heading)):
            assert re.search(r"`hatch run \w+|`deferred-imports \w+", section), heading


def test_without_the_extra(build: Build, run_python: RunPython) -> None:
    """The message that the demo prints without its extra is the registry's own."""
    wheel = build("hatchling", ROOT / "tests/projects/weather").wheel
    code = "from deferred_imports import find_missing; print(*(entry.name for entry in find_missing('weather')))"
    if "plt" in run_python(code, path=[wheel]).stdout.split():
        done = run_python("import weather; weather._deferred.plt", path=[wheel], check=False)
        assert done.stderr.splitlines()[-1].startswith(f"ModuleNotFoundError: {WITHOUT_EXTRA.strip()}")
    assert 'pip install "weather[plot]"' in WITHOUT_EXTRA


def test_the_demo_is_as_fast_as_said() -> None:
    """The ratios in the text are those of the table."""
    cells = {row[0]: row[1] for row in rows(DOCUMENT.section("The demo"), "")}
    seconds = {name: float(time.split()[0]) * (1000 if time.endswith(" s") else 1) for name, time in cells.items()}
    found = re.search(r"`--help` is (\d+) times as fast and `summary` ([\d.]+) times", DOCUMENT.text)
    assert found is not None
    assert found[1] == f"{seconds['with imports at the top: `--help`'] / seconds['`weather --help`']:.0f}"
    assert found[2] == f"{seconds['with imports at the top: `summary`'] / seconds['`weather summary`']:.1f}"


def test_ratios_of_real_projects() -> None:
    """The ratio beside each pair of times is theirs, and there are as many projects as the other manuals say."""
    projects = rows(DOCUMENT.section("Real projects"), "project")
    for name, *_, times in projects:
        found = re.fullmatch(r"(\d+) to (\d+) ms \(([\d.]+)\)", times)
        assert found is not None, name
        assert abs(int(found[2]) / int(found[1]) - float(found[3])) < 0.011, name
    assert len(projects) == 14
    for document in DOCUMENTS:
        assert set(re.findall(r"(\w+) (?:real )?projects\b", Document(document).text)) & {"twelve", "thirteen"} == set()


def test_figures_of_the_runtime_are_these() -> None:
    """What the manual of the runtime says of threads and forks stands in the tables here."""
    threads = {tuple(row[:2]): row for row in rows(DOCUMENT.section("Threads"), "what is resolved")}
    manual = " ".join(Document(RUNTIME).text.split())
    assert threads["8 modules that wait 50 ms for a server", "3.11"][-1] == "0.18"
    assert "Eight modules that each wait 50 ms for a server took 0.18 times as long with eight workers" in manual
    assert threads["100 small packages", "3.11"][-1].startswith("3.")
    assert "a hundred small packages took three times as long" in manual
    late, early, _ = rows(DOCUMENT.section("Forks"), "")
    first, memory = [row[2].partition(" (")[0] for row in (early, late)], [row[3] for row in (early, late)]
    assert f"takes {first[0]} instead of {first[1]}" in manual
    assert f"all five processes {memory[0]} instead of {memory[1]}" in manual


def test_no_block_is_left() -> None:
    """A test takes each block of the manual."""
    assert DOCUMENT.untaken() == []
