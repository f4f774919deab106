"""What lands in the wheel, byte for byte: `tests/cases/registry` holds tables, and beside each its registry and record.

`intro.toml` and `intro.py` are the place to begin; `design.py` has everything. After a change of the generator,
`UPDATE_GOLDENS=1 pytest tests/tooling/test_generate.py` renews them, and git shows what users will see.
"""

import ast
import importlib.util
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.project import tree as project
from deferred_imports.tooling.registry import render as generate
from deferred_imports.tooling.registry import template as template_module
from deferred_imports.tooling.registry.code import MARKER
from goldens import CASES, compare, lay_out, manifest_of
from processes import RunPython, clean_env, run

REGISTRY = CASES / "registry"
TABLES = sorted(REGISTRY.glob("*.toml"))
each_case = pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
# The functions of the template that only registries with exports have.
EXPORTING = {"_attach", "_bind", "_exported", "_put_over_submodules"}
# Packages run on Pythons that we ourselves do not.
INTERPRETERS = [f"python3.{minor}" for minor in range(8, 16)]


def rendered(table: Path) -> str:
    return generate.registry_text(manifest_of(table.read_text(encoding="utf-8")))


def test_every_table_has_its_registry() -> None:
    """No golden file is left without its table, and there are as many as we say."""
    assert len(TABLES) >= 10
    expected = {table.with_suffix(suffix).name for table in TABLES for suffix in (".toml", ".py", ".json")}
    assert {path.name for path in REGISTRY.iterdir()} == expected


@each_case
def test_registry(table: Path) -> None:
    """A table gives exactly this registry."""
    compare(rendered(table), table.with_suffix(".py"))


@each_case
def test_record(table: Path) -> None:
    """A table gives exactly this record in dist-info."""
    compare(
        generate.declaration_text(manifest_of(table.read_text(encoding="utf-8"))),
        table.with_suffix(".json"),
    )


@each_case
def test_the_command_writes_the_same(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`generate` writes the golden file, and finds it up to date from then on."""
    golden = table.with_suffix(".py").read_bytes()
    root = lay_out(table.read_text(encoding="utf-8"), tmp_path)

    assert cli.main(["-C", str(root), "generate"]) == 0
    (written,) = [path for path in root.rglob("*.py") if path.read_bytes().startswith(b"# Generated")]
    assert written.read_bytes() == golden
    assert cli.main(["-C", str(root), "generate", "--check"]) == 0
    assert " is up to date\n" in capsys.readouterr().out


@each_case
def test_the_command_lists_the_record(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`list --json` prints what dist-info records."""
    root = lay_out(table.read_text(encoding="utf-8"), tmp_path)

    assert cli.main(["list", "--json", "-C", str(root)]) == 0
    assert capsys.readouterr().out == table.with_suffix(".json").read_text(encoding="utf-8")


@each_case
def test_text(table: Path) -> None:
    """A registry is LF-terminated text that begins with our marker, and ASCII unless declared names are not."""
    content = table.with_suffix(".py").read_bytes()

    assert content.startswith(f"{MARKER} ".encode())
    assert content.endswith(b"\n")
    assert not content.endswith(b"\n\n")
    assert b"\r" not in content
    assert b"\t" not in content
    assert content.isascii() == table.read_text(encoding="utf-8").isascii()
    if not content.isascii():
        assert re.match(rb"[^\n]*\n# -\*- coding: utf-8 -\*-\n", content)


def test_nobody_is_in_it(tmp_path: Path) -> None:
    """Where the project lies leaves no trace in the registry."""
    table = REGISTRY / "design.toml"
    root = lay_out(table.read_text(encoding="utf-8"), tmp_path / "somewhere-else")
    text = generate.registry_text(project.load_project(root).manifest)

    assert text == rendered(table)
    assert "somewhere-else" not in text


@each_case
def test_imports_at_load(table: Path) -> None:
    """Loading a registry imports nothing but sys and os, which every interpreter has loaded."""
    tree = ast.parse(table.with_suffix(".py").read_text(encoding="utf-8"))
    statements = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]

    assert [ast.unparse(statement) for statement in statements] == ["import os, sys"]


@each_case
def test_code(table: Path) -> None:
    """A registry is plain code, the template's: it compiles and executes no text, and whoever ships it can read it."""
    tree = ast.parse(table.with_suffix(".py").read_text(encoding="utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert called.isdisjoint({"exec", "eval", "compile", "globals().update"})
    template = ast.parse(Path(template_module.__file__).read_text(encoding="utf-8"))
    functions = [
        {node.name: ast.unparse(node) for node in module.body if isinstance(node, ast.FunctionDef)}
        for module in (tree, template)
    ]
    if "attach" not in {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Name)}:
        assert set(functions[1]) - set(functions[0]) == EXPORTING  # nothing for exports is where there are none
        functions[1] = {name: text for name, text in functions[1].items() if name not in EXPORTING}
    assert functions[0] == functions[1]


def test_template() -> None:
    """The template is a registry itself: a module that works, and that a debugger or a linter can look at."""
    assert template_module.colorsys is importlib.import_module("colorsys")
    assert "colorsys" in dir(template_module)
    assert not hasattr(template_module, "nothing")


@pytest.mark.parametrize("python", INTERPRETERS)
def test_every_python_compiles_it(python: str, tmp_path: Path, home: Path) -> None:
    """Every golden registry is valid Python from 3.8 on, without so much as a warning."""
    env = clean_env(home)
    found = shutil.which(python)
    # A pyenv shim is there for versions that are not.
    if found is None or run([found, "-c", ""], env=env, cwd=tmp_path, check=False).returncode:
        pytest.skip(f"there is no {python}")
    code = "import pathlib, sys\nfor name in sys.argv[1:]: compile(pathlib.Path(name).read_bytes(), name, 'exec')"
    done = run([found, "-I", "-W", "error", "-c", code, *sorted(REGISTRY.glob("*.py"))], env=env, cwd=tmp_path)

    assert done.stderr == ""


@pytest.mark.parametrize("seed", ["0", "1", "4294967295"])
def test_hash_seeds(seed: str, run_python: RunPython) -> None:
    """The bytes do not depend on the order of sets."""
    code = """
import sys
from pathlib import Path
from deferred_imports.tooling.registry.render import declaration_text, registry_text
from deferred_imports.tooling.project.registry_file import MARKER
from goldens import manifest_of
for name in sys.argv[1:]:
    table = Path(name)
    manifest = manifest_of(table.read_text(encoding="utf-8"))
    assert registry_text(manifest) == table.with_suffix(".py").read_text(encoding="utf-8"), name
    assert declaration_text(manifest) == table.with_suffix(".json").read_text(encoding="utf-8"), name
"""
    path = [Path(__file__).parents[2], *map(Path, filter(None, sys.path))]
    run_python(code, *map(str, TABLES), path=path, env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"})


# What type checkers see

STUBS = {
    "numpy/__init__.py": "def zeros(n: int) -> list[float]: return [0.0] * n\n",
    "matplotlib/__init__.py": "",
    "matplotlib/pyplot.py": "def plot(x: list[float]) -> None: ...\n",
    "matplotlib/figure.py": "class Figure:\n    dpi: int = 100\n",
    "weather/__init__.py": "",
    "weather/commands/__init__.py": "",
    "weather/commands/report.py": "class Report:\n    def render(self) -> str: return ''\n",
}
# A line of a module that uses registries, and what a checker must make of it: a type or, in capitals, a complaint.
USES = {
    "design.np.zeros": "def (n: int) -> list[float]",
    "design.plt.plot": "def (x: list[float])",
    "design.Figure": "def () -> matplotlib.figure.Figure",
    "design.Figure().dpi": "int",
    "design.tomllib": "types.ModuleType",
    "design.report.Report().render()": "str",
    "attributes.Report": "def () -> weather.commands.report.Report",
    "attributes.render": "def (self: weather.commands.report.Report) -> str",
    "design.nope": "UNKNOWN",
    "design.np.nope": "UNKNOWN",
}


@pytest.fixture
def consumer(tmp_path: Path) -> Path:
    """The directory of a package with two registries, and of a module that uses them, beside what they import."""
    registries = {
        f"weather/{name}.py": (REGISTRY / f"{name}.py").read_text("utf-8") for name in ("attributes", "design")
    }
    lines = ["from weather import attributes, design", *(f"reveal_type({use})" for use in USES)]
    for name, text in {**STUBS, **registries, "weather/use.py": "\n".join(lines)}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_mypy_sees_the_types(consumer: Path, home: Path) -> None:
    """Under --strict each name has the type that its import would give it; unknown names are errors, and no others."""
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-version=3.11", "weather"]
    done = run(command, env=clean_env(home), cwd=consumer, check=False)
    found: dict[str, str] = {}
    for path, line, said in re.findall(r"^(.*):(\d+): \w+: (.*)$", done.stdout, re.MULTILINE):
        revealed = re.fullmatch(r'Revealed type is "(.*)"', said)
        if path != "weather/use.py" or not (revealed or said == 'Module has no attribute "nope"  [attr-defined]'):
            pytest.fail(done.stdout)
        found.setdefault(list(USES)[int(line) - 2], revealed[1] if revealed else "UNKNOWN")

    assert found == USES


def test_pyright_sees_the_types(consumer: Path, home: Path) -> None:
    """Pyright, and what is made of it, complains of the unknown names and of nothing else."""
    pyright = shutil.which("basedpyright") or shutil.which("pyright")
    if pyright is None:
        pytest.skip("pyright is not installed")
    done = run([pyright, "--outputjson", "weather"], env=clean_env(home), cwd=consumer, check=False)
    errors = [item for item in json.loads(done.stdout)["generalDiagnostics"] if item["severity"] == "error"]

    lines = [list(USES)[item["range"]["start"]["line"] - 1] for item in errors]
    assert (lines, done.returncode) == ([use for use, said in USES.items() if said == "UNKNOWN"], 1)
