"""The manual of the table and the command, run: its project, its messages, each reason and finding by an example."""

import json
import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from builds import Build, names_in, read_from
from deferred_imports.tooling import cli
from deferred_imports.tooling.table import entries, manifest
from goldens import CASES, manifest_of
from manuals import TOOLING, Document, files, rows, transcript, write
from processes import MakeVenv, RunPython
from wheelhouse import ROOT
from worlds import World

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCUMENT = Document(TOOLING)
PROJECT = "A project from start to end"
REASONS = "Why an import can or cannot wait"

DOCUMENT.take_all("toml", under=PROJECT)  # what the fixture `atlas` is made of
DOCUMENT.take_all("python", under=PROJECT)
INSTALLED = DOCUMENT.take("console", under=PROJECT)
DEMO = DOCUMENT.take("toml", under="Keys")
EXPORTS = DOCUMENT.take("toml", under="exports")
EXPORTING = DOCUMENT.take_all("python", under="exports")
DISCOVER = DOCUMENT.take("toml", under="discover")
MISTAKES = DOCUMENT.take("text", under="Mistakes")
WHOLE = DOCUMENT.take("python", under="A whole registry")
BAKE = DOCUMENT.take("console", under="bake")
LINTERS = DOCUMENT.take("toml", under="Editors, linters and formatters")
LINE = DOCUMENT.take("python", under="Editors, linters and formatters")
OTHER_BACKENDS = DOCUMENT.take("console", under="Other build backends")
ADOPT = DOCUMENT.take("python", under="adopt")
ADOPT_SAYS = DOCUMENT.take("text", under="adopt")
SCAN = DOCUMENT.take("console", under="scan")
KEEP = DOCUMENT.take("toml", under="scan")
CHECK_SAYS = DOCUMENT.take("text", "atlas.cli", under="check")
LOCK = DOCUMENT.take("text", "--update\n$", under="Locks and budgets")
UPGRADE = DOCUMENT.take("text", "went from", under="Locks and budgets")
EAGER_SAYS = DOCUMENT.take("text", under="Eager starts")
COOKIECUTTER = DOCUMENT.take("text", under="Real projects")
CLONE = DOCUMENT.take("console", "hatch run check", under="Contributing")
GOLDENS = DOCUMENT.take("console", "UPDATE_GOLDENS", under="Contributing")
BUILDS = DOCUMENT.take("console", under="Releasing")
EXAMPLES: dict[str, list[str]] = {}
for block in DOCUMENT.blocks:
    if REASONS in block.under:
        EXAMPLES.setdefault(block.under[-1], []).append(block.text)
DOCUMENT.take_all("python", under=REASONS)
DOCUMENT.take_all("json", under=REASONS)


@pytest.mark.isolated
def test_the_project_prints_what_is_shown(atlas: Path, build: Build, venv: MakeVenv) -> None:
    """The manual's project, built and installed, prints what the manual says."""
    environment = venv(build("build", atlas).wheel)
    commands = transcript(INSTALLED)
    assert len(commands) == 4
    for command, expected in commands[1:]:
        done = environment.run(*command.split())
        assert re.sub(r"\d+\.\d ms", "0.1 ms", done.stdout) == expected


def test_the_project_passes_its_own_check(atlas: Path, run_python: RunPython) -> None:
    """A table written as the manual's is one that `check` has nothing against, notes aside."""
    code = "import sys; from deferred_imports.tooling.cli import main; sys.exit(main(['check', '--no-environment']))"
    run_python(code.replace("'check', '--no-environment'", "'generate'"), cwd=atlas)
    assert run_python(code, cwd=atlas).stdout == "no problems\n"


@pytest.mark.isolated
def test_other_backends(atlas: Path, venv: MakeVenv) -> None:
    """The commands for other build backends do what the manual says of them."""
    environment = venv("deferred-imports[tooling]")
    commands = [command for command, _ in transcript(OTHER_BACKENDS)]
    assert commands[1:] == ["deferred-imports generate", "deferred-imports generate --check", "deferred-imports list"]
    for command in commands[1:]:
        environment.run(*command.split(), cwd=atlas)
    assert (atlas / "src/atlas/_deferred.py").is_file()
    with (atlas / "src/atlas/_deferred.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert environment.run(*commands[2].split(), cwd=atlas, check=False).returncode == 1


def test_generated_file(atlas: Path, build: Build) -> None:
    """The registry that is shown is the project's own, to the last byte; with `UPDATE_GOLDENS` it is from now on."""
    found = read_from(build("hatchling", atlas).wheel, "atlas/_deferred.py")
    if os.environ.get("UPDATE_GOLDENS"):
        DOCUMENT.path.write_text(DOCUMENT.text.replace(WHOLE, found), encoding="utf-8")
    else:
        assert found == WHOLE


def test_demo_table() -> None:
    """The table that is shown is the demo's own."""
    assert DEMO in (ROOT / "tests/projects/weather/pyproject.toml").read_text(encoding="utf-8")


def test_keys() -> None:
    """The tables of keys name all keys that there are, and no other."""
    documented = re.findall(r"^\| `([\w-]+)` \| (?:string|boolean|table|array)", DOCUMENT.text, flags=re.MULTILINE)
    assert documented == [*manifest.KEYS, *entries.KEYS]


def test_exports(tmp_path: Path, run_python: RunPython) -> None:
    """The table and the lines of the section make a package that offers what the comments say, and loads nothing."""
    modules = {
        "model.py": "class Forecast:\n    pass\n",
        "charts.py": "",
        "units.py": "celsius, kelvin = 'C', 'K'\n",
        "commands/report.py": "class Report:\n    pass\n",
    }
    shown = {name.removeprefix("src/weather/"): text for name, text in files(EXPORTING).items()}
    world = World(tmp_path, run_python)
    world.package(EXPORTS, {**modules, **shown})
    code = """
        import sys, weather
        print([name for name in sys.modules if name.startswith("weather.")])
        from weather import Forecast
        from weather.commands import Report
        print(Forecast.__module__, weather.charts.__name__, weather.celsius, weather.kelvin, Report.__module__)
    """
    assert world.run(code).splitlines() == [
        "['weather._deferred']",
        "weather.model weather.charts C K weather.commands.report",
    ]


def test_default_of_optional() -> None:
    """An entry is optional by default where it has an extra, and else is not."""
    (row,) = [cells for cells in rows(DOCUMENT.section("Keys"), "key of an import") if cells[0] == "`optional`"]
    assert row[2] == "`true` with `extra`, else `false`"
    table = """
        [project]
        name = "weather"
        dependencies = ["numpy"]
        optional-dependencies = { plot = ["matplotlib"] }
        [tool.deferred-imports.imports]
        np = "numpy"
        plt = { module = "matplotlib.pyplot", extra = "plot" }
        ticks = { module = "matplotlib.dates", extra = "plot", optional = false }
    """
    assert {entry.name: entry.optional for entry in manifest_of(table).entries} == {
        "np": False,
        "plt": True,
        "ticks": False,
    }


def test_discover() -> None:
    """The two lines of `discover` are a table that is valid."""
    assert manifest_of(f'[project]\nname = "weather"\n{DISCOVER}').discover


def test_mistakes() -> None:
    """The example of mistakes is what such mistakes give."""
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
    assert f"{caught.value}\n" == MISTAKES


def test_settings_of_other_tools() -> None:
    """The settings for other tools are TOML, each with the registry's name, and those that are tried."""
    for name, settings in tomllib.loads(LINTERS)["tool"].items():
        assert "_deferred" in str(settings), name
    tried = Path(__file__).parents[1] / "tooling" / "registry" / "test_linters.py"
    assert LINE in tried.read_text("utf-8")
    assert LINTERS in tried.read_text("utf-8")


def test_verbs_are_all_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """The table of verbs names all that the command has, and no other."""
    named = {
        verb
        for cells in rows(DOCUMENT.section("The command"), "verb")
        for verb in re.findall(r"`([\w-]+)[^`]*`", cells[0])
    }
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    verbs = set(re.findall(r"^    ([a-z-]+) ", capsys.readouterr().out, flags=re.MULTILINE))
    assert named == verbs


def test_scan_takes_what_is_shown(atlas: Path, run_python: RunPython) -> None:
    """Of the ways to call `scan` the two that start nothing of the project print verdicts."""
    commands = [command.split()[1:] for command, _ in transcript(SCAN)]
    assert ["scan", "--static"] in commands
    code = "from deferred_imports.tooling.cli import main; raise SystemExit(main(['scan', '--static']))"
    assert "imports: " in run_python(code, cwd=atlas).stdout


def test_bake_takes_what_is_shown(atlas: Path, run_python: RunPython, build: Build) -> None:
    """The ways to call `bake` work on the wheel of a project without the hook."""
    path = atlas / "pyproject.toml"
    path.write_text(path.read_text("utf-8").replace("[tool.hatch.build.hooks.deferred-imports]", ""), "utf-8")
    wheel = build("hatchling", atlas).wheel
    assert "atlas/_deferred.py" not in names_in(wheel)
    (atlas / "dist").mkdir(exist_ok=True)
    shown = atlas / "dist" / "atlas-1.0-py3-none-any.whl"
    _, *commands = [command.split()[1:] for command, _ in transcript(BAKE)]
    for arguments in commands:
        shown.write_bytes(wheel.read_bytes())
        code = f"from deferred_imports.tooling.cli import main; raise SystemExit(main({arguments}))"
        assert run_python(code, cwd=atlas).stdout.endswith(" -> atlas/_deferred.py\n")
    assert "atlas/_deferred.py" in names_in(atlas / "wheelhouse" / shown.name)


def test_startup(atlas: Path, run_python: RunPython) -> None:
    """Two imports at the top of modules are found as the manual shows it."""
    report, program = atlas / "src/atlas/commands/report.py", atlas / "src/atlas/cli.py"
    report.write_text("from xml.dom import minidom\n\n" + report.read_text("utf-8"), "utf-8")
    program.write_text(
        program.read_text("utf-8").replace("import _deferred\n", "import _deferred\nfrom .commands import report\n"),
        "utf-8",
    )
    command, _, expected = CHECK_SAYS.partition("\n")
    code = f"import sys; from deferred_imports.tooling.cli import main; sys.exit(main({command.split()[2:]}))"
    run_python(code.replace("check", "generate").replace(", '--startup', 'atlas.cli'", ""), cwd=atlas)
    done = run_python(code, cwd=atlas, check=False)
    assert (done.returncode, done.stdout) == (1, expected)
    assert done.stderr.startswith("starting in a child process: import atlas.cli, with the modules of the tree, in ")


def test_adopt(tmp_path: Path, run_python: RunPython) -> None:
    """The module that is shown changes as shown, and writes itself when asked to."""
    project = '[project]\nname = "shop"\nversion = "1.0"\nscripts.shop = "shop.cli:main"\n'
    root = write(tmp_path / "shop", {"pyproject.toml": project, "src/shop/__init__.py": "", **files([ADOPT])})
    command, _, expected = ADOPT_SAYS.partition("\n")
    arguments = shlex.split(command.removeprefix("$ "))[1:]
    code = f"import sys; from deferred_imports.tooling.cli import main; sys.exit(main({arguments}))"
    done = run_python(code, cwd=root, check=False)

    def without_counts(text: str) -> str:  # what a module of the standard library imports differs between Pythons
        text = re.sub(r"^  what stays, and what hangs on it:\n(?:    .*\n)+", "", text, flags=re.MULTILINE)
        return re.sub(r"\d+ modules before, \d+ after, \d+ %", "", re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE))

    assert (done.returncode, without_counts(done.stdout)) == (1, without_counts(expected))
    run_python(code.replace("])", ", '--write', '--yes', '--allow-dirty'])"), cwd=root)
    assert "    from xml.dom import minidom" in (root / "src/shop/cli.py").read_text(encoding="utf-8")


def test_hooks_of_pre_commit() -> None:
    """The hooks that are named are those that we offer."""
    offered = re.findall(
        r"^- id: (.+)$", (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert re.findall(r"`(deferred-imports-[\w-]+)`", DOCUMENT.section("pre-commit")) == offered


def test_exit_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit codes mean what the table says."""
    project = '[project]\nname = "app"\n[tool.deferred-imports]\ndiscover = true\n'
    monkeypatch.chdir(write(tmp_path, {"pyproject.toml": project, "app/__init__.py": ""}))
    codes: list[object] = [cli.main(["generate"]), cli.main(["check"])]
    (tmp_path / "app/_deferred.py").write_text((tmp_path / "app/_deferred.py").read_text("utf-8") + "#\n", "utf-8")
    codes.append(cli.main(["check"]))
    with pytest.raises(SystemExit) as ended:
        cli.main(["nothing"])
    (tmp_path / "pyproject.toml").write_text(project + "nothing = 1\n", "utf-8")
    codes += [ended.value.code, cli.main(["check"])]
    assert codes == [0, 0, 1, 2, 3]
    assert [int(cells[0]) for cells in rows(DOCUMENT.section("Exit codes"), "code")] == [0, 1, 2, 3]


def test_each_reason_has_a_section() -> None:
    """Each code that a verdict of `scan` can have is a heading with an example, and no other is."""
    lines = [line for path in (CASES / "scan").rglob("expected.jsonl") for line in path.read_text("utf-8").splitlines()]
    codes = {found["reason"] for line in lines if "reason" in (found := json.loads(line))}
    assert {*EXAMPLES} == codes


@pytest.mark.parametrize("code", EXAMPLES)
def test_reasons(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each import with a comment gets the verdict and the reason that the comment says."""
    given = [text for text in EXAMPLES[code] if text.startswith("{")]
    texts = [text for text in EXAMPLES[code] if text not in given]
    sources = files(texts) or {"app/cli.py": "".join(texts)}
    write(tmp_path, {"app/__init__.py": "", **sources})
    monkeypatch.chdir(tmp_path)
    program = "\nscripts.app = 'app.cli:main'\n" if code == "called" else ""  # only then the function runs
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "app"{program}', encoding="utf-8")
    (tmp_path / "lifeguard.json").write_text("".join(given), encoding="utf-8")
    how = {"called": [], "reported": ["--static", "--lifeguard", "lifeguard.json"]}
    how |= {code: ["--startup", "app.cli"] for code in ("together", "shared", "held")}
    assert cli.main(["scan", "--json", "--all", *how.get(code, ["--static"])]) == 0
    found = {
        (item["path"], item["line"], item["verdict"], item["reason"])
        for item in json.loads(capsys.readouterr().out)["imports"]
    }
    expected = {
        (path, number, said[1], said[2])
        for path, text in sources.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (said := re.search(r"import .+  # ([a-z ]+): ([a-z-]+)$", line))
    }
    assert expected
    assert expected <= found
    assert code in {reason for *_, reason in expected}


def test_what_is_kept() -> None:
    """The table that keeps imports is one that the rules of the table have nothing against."""
    manifest_of(f'[project]\nname = "weather"\n[tool.deferred-imports]\ndiscover = true\n{KEEP}')


def test_each_finding_is_listed() -> None:
    """The table of findings lists each code that a golden message of `check` ends with, and no other."""
    texts = [path.read_text(encoding="utf-8") for path in (CASES / "check").rglob("*.txt")]
    codes = {code for text in texts for code in re.findall(r"\[([a-z-]+)\]$", text, flags=re.MULTILINE)}
    listed = [cells[0].strip("`") for cells in rows(DOCUMENT.section("What check finds"), "code")]
    assert {*listed} == codes | {"table"}


def test_guards_say_what_is_shown() -> None:
    """What the manual shows of locks and of eager starts are lines of golden messages."""
    golden = (CASES / "check" / "lock" / "deferred-imports.lock").read_text("utf-8").replace("3.X", "3.11")
    assert LOCK.partition("[")[2] == golden.replace("PLATFORM", "linux").partition("[")[2]
    assert UPGRADE in (CASES / "check" / "lock" / "upgrade.text.txt").read_text("utf-8")
    eager = (CASES / "check" / "eager" / "failures.txt").read_text("utf-8").splitlines()
    assert {*EAGER_SAYS.splitlines()[1:]} <= {*eager}


def test_real_projects_say_what_the_command_says() -> None:
    """What is shown of cookiecutter are sentences that the command has today."""
    tools = ROOT / "src/deferred_imports/tooling"
    said = {
        "adopt/report.py": [
            "modules before, ",
            "; same output, same exit code",
            " could move, and would gain nothing here",
        ],
        "check/startup.py": ["defer the first import in this chain that can be deferred", "loaded-at-startup"],
        "init/advice.py": [
            " can move into functions, and what that saves; --write writes it",
            "as every build does; again after each",
        ],
        "init/report.py": ["; next:"],
        "scan/report.py": ["can be deferred"],
    }
    for file, sentences in said.items():
        source = (tools / file).read_text(encoding="utf-8")
        assert {text for text in sentences if text not in source or text not in COOKIECUTTER} == set(), file


def test_contributing() -> None:
    """The commands for contributors are there, and golden files are renewed by the variable that is named."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["envs"]["default"]
    assert [command for command, _ in transcript(CLONE)] == ["pip install hatch", "hatch run check", "hatch test"]
    assert "check" in scripts["scripts"]
    renewing, looking = (command for command, _ in transcript(GOLDENS))
    assert renewing.partition("=")[0] in (ROOT / "tests/goldens.py").read_text(encoding="utf-8")
    assert (ROOT / looking.split()[-1]).is_dir()


def test_rooms_are_those_of_the_contract() -> None:
    """The rooms stand in the order that the import contract holds."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(item["layers"] for item in contracts if item["type"] == "layers")
    rooms = [room for layer in layers for room in re.findall(r"\w+", layer)]
    section = DOCUMENT.section("Contributing")
    house = section[section.index("**How the house is built.**") : section.index("**Golden files.**")]
    assert {room for room in rooms if f"`{room}`" not in house} == set()


def test_releasing() -> None:
    """Both distributions are built where the manual builds them, and their version stands in one place."""
    assert [command for command, _ in transcript(BUILDS)] == ["hatch build", "cd hatch_plugin && hatch build"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    sources = [ROOT / "pyproject.toml", *(ROOT / "src").rglob("*.py"), *(ROOT / "hatch_plugin").rglob("*.*")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sources if path.suffix != ".pyc"}
    assert [name for name, text in texts.items() if f'"{version}"' in text or f"=={version}" in text] == [
        "pyproject.toml"
    ]


def test_no_block_is_left() -> None:
    """A test takes each block of the manual."""
    assert DOCUMENT.untaken() == []
