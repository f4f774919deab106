"""What modules export through the registry: the table, two lines a module, and that all works as with the imports."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from deferred_imports.tooling.adopt.exporting import find_exports, settled
from deferred_imports.tooling.adopt.frontier import Name, all_names
from deferred_imports.tooling.adopt.generating import with_exports
from deferred_imports.tooling.adopt.package import AdoptedPackage, read_package
from deferred_imports.tooling.adopt.scratch import Scratch
from deferred_imports.tooling.adopt.target import find_target
from deferred_imports.tooling.project.modules import find_modules
from deferred_imports.tooling.project.pyproject import read_toml
from deferred_imports.tooling.table.document import table_at
from goldens import CASES, compare, unpack

MakeProject = Callable[..., Path]
CASE = CASES / "adopt" / "forms" / "exports.project"


def package_in(root: Path) -> AdoptedPackage:
    """Read the package of a case, with all that its registry can serve."""
    document = read_toml(root / "pyproject.toml")
    files = find_modules(root, document)
    package = read_package(root, files, registered=True)
    table = table_at(document, "tool", "deferred-imports", "exports")
    exporting = find_exports(package.plans, "weather", "_deferred", table, files)
    return replace(package, plans=settled(package.plans, exporting), exporting=exporting)


def test_the_new_sources_and_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What becomes of the sources, what the table exports, and what stays and why is what the golden file says."""
    root = unpack(CASE, tmp_path)
    monkeypatch.chdir(root)
    package = package_in(root)
    parts = []
    for module, source in package.rewritten(all_names(package.plans)).items():
        compile(source, module, "exec", dont_inherit=True)
        parts.append(f"== {package.files[module].relative_to(root).as_posix()}\n{source.decode()}")
    assert package.exporting is not None
    exports = [f'{name.module}: {name.name} = "{one}"\n' for name, one in sorted(package.exporting.targets.items())]
    kept = [
        f"{module}:{kept.line}: {kept.name}: {kept} [{kept.reason}]\n"
        for module, plan in package.plans.items()
        for kept in plan.kept
    ]
    compare("".join([*parts, "== exports\n", *exports, "== kept\n", *kept]), CASE.with_suffix(".txt"))


def test_linters_and_formatters_have_nothing_to_add(tmp_path: Path) -> None:
    """What is written is sorted, used and formatted, and nothing is left to move (pitfall 31)."""
    root = unpack(CASE, tmp_path)
    package = package_in(root)
    assert package.exporting is not None
    served = sorted({str(package.files[name.module]) for name in package.exporting.targets})
    for module, source in package.rewritten(all_names(package.plans)).items():
        package.files[module].write_bytes(source)
    for tool in (["check", "--extend-select=I001,F401,F821,E402"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *tool, "--no-cache", "--isolated", *served]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout
    assert all_names(package_in(root).plans) == frozenset()


MODEL = '''"""Models."""

import decimal


class Forecast:
    value = decimal.Decimal(1)


class Storm(Forecast):
    pass
'''
RAIN = '''"""Rain."""

import fractions


def rain():
    return fractions.Fraction(1, 2)
'''
PACKAGE = '"""Weather."""\n\nfrom weather.model import Forecast, Storm\nfrom weather.rain import rain\n'
# What holds of a package that imports all that it offers, before and after.
PROBE = """
import copy, pickle, sys
from unittest import mock
import weather
assert {"Forecast", "Storm", "rain"} <= set(dir(weather))
names = {}
exec("from weather import *", names)
assert {"Forecast", "Storm", "rain"} <= names.keys() and "attach" not in names
from weather import Forecast
assert Forecast.value == 1 and pickle.loads(pickle.dumps(Forecast())).__class__ is Forecast
assert weather.Storm is names["Storm"] and issubclass(weather.Storm, Forecast)
import weather.rain
assert weather.rain() * 2 == 1 and weather.rain is names["rain"]
with mock.patch("weather.Forecast", autospec=True) as patched:
    assert weather.Forecast is patched
assert weather.Forecast is Forecast
from weather import cli
with mock.patch("weather.cli.render", autospec=True) as render:
    cli.show("<a/>")
render.assert_called_once()
original, cli.render = cli.render, lambda value: 5
assert cli.show("<a/>") == 5
cli.render = original
assert "Document" in cli.show("<a/>")
assert not hasattr(weather, "nothing")
"""


def run(root: Path, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run code that may import the package, and the runtime."""
    source = Path(cli.__file__).parents[3]
    path = f"import sys; sys.path[:0] = [{str(root / 'src')!r}, {str(source)!r}]\n"
    command = [
        sys.executable,
        "-I",
        "-c",
        path + "".join(f"import os; os.environ[{k!r}] = {v!r}\n" for k, v in variables.items()) + code,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def adopted_project(make_project: MakeProject) -> Path:
    """Return a project that offers more, adopted."""
    root = make_project(src__weather__model=MODEL, src__weather__rain=RAIN)
    (root / "src/weather/__init__.py").write_text(PACKAGE, encoding="utf-8", newline="\n")
    done = run(root, PROBE)
    assert done.returncode == 0, done.stderr
    assert cli.main(["adopt", "--write", "--yes", "--allow-dirty", "--test", "python -m pytest -q"]) == 0
    return root


def test_all_that_is_offered_works_as_before(adopted_project: Path) -> None:
    """Star, `dir`, pickles, `mock.patch` with `autospec`, `setattr`, a function with the name of its module."""
    source = (adopted_project / "src/weather/__init__.py").read_text(encoding="utf-8")
    assert source.endswith("    __getattr__ = attach(globals())\n")
    table = table_at(read_toml(adopted_project / "pyproject.toml"), "tool", "deferred-imports")
    assert table["exports"] == {
        "Forecast": ".model:Forecast",
        "Storm": ".model:Storm",
        "rain": ".rain:rain",
        ".cli": {"render": ".report:render"},
    }
    done = run(adopted_project, PROBE)
    assert done.returncode == 0, done.stderr
    loaded = "import weather; assert not {'decimal', 'fractions', 'weather.model'} & sys.modules.keys()"
    done = run(adopted_project, loaded)
    assert done.returncode == 0, done.stderr


def test_what_is_exported_is_under_control(adopted_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The variable, the runtime and `check` know what is exported; a second run has nothing to do."""
    done = run(adopted_project, "import weather; assert 'decimal' in sys.modules", PYDEFER_EAGER="1")
    assert done.returncode == 0, done.stderr
    code = "import weather.cli, deferred_imports as d; found = d.resolve_now().resolved"
    done = run(adopted_project, f"{code}; print(sorted(str(one.entry.name) for one in found), d.find_missing())")
    assert "'.Forecast', '.Storm', '.cli.render', '.rain'" in done.stdout, done.stderr
    assert cli.main(["check"]) == 0
    capsys.readouterr()
    assert cli.main(["adopt", "--allow-dirty"]) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_a_module_that_exports_can_export_more(adopted_project: Path) -> None:
    """What tests replace there later becomes one more row of the table; the two lines stay as they are."""
    source = adopted_project / "src/weather/cli.py"
    text = source.read_text(encoding="utf-8")
    source.write_text(
        text.replace("import sys\n", "import sqlite3\nimport sys\n", 1) + "\n\ndef store():\n    return sqlite3\n",
        "utf-8",
    )
    more = (
        "from unittest import mock\n\n\ndef test_store():\n    with mock.patch('weather.cli.sqlite3'):\n        pass\n"
    )
    (adopted_project / "tests/test_more.py").write_text(more, encoding="utf-8")
    assert cli.main(["adopt", "--write", "--yes", "--allow-dirty"]) == 0
    text = source.read_text(encoding="utf-8")
    assert text.count("attach") == 2
    assert "    from weather.cli import sqlite3\n" in text
    table = table_at(read_toml(adopted_project / "pyproject.toml"), "tool", "deferred-imports", "exports", ".cli")
    assert table == {"render": ".report:render", "sqlite3": "sqlite3"}


@pytest.mark.parametrize(
    ("manifest", "options"),
    [
        ("", ["--no-table"]),
        ("[tool.deferred-imports]\ndiscovr = true\n", []),
        ('dependencies = "none"\n', []),
    ],
)
def test_without_a_registry_a_module_serves_by_itself(
    manifest: str, options: list[str], make_project: MakeProject
) -> None:
    """Where the table shall not or cannot say it, the module has a function of its own, and nothing else changes."""
    root = make_project()
    path = root / "pyproject.toml"
    path.write_text(path.read_text(encoding="utf-8") + manifest, encoding="utf-8")
    before = path.read_bytes()
    assert cli.main(["adopt", "--write", "--yes", "--allow-dirty", *options]) == 0
    assert "def __getattr__(name):" in (root / "src/weather/cli.py").read_text(encoding="utf-8")
    assert path.read_bytes() == before
    assert not (root / "src/weather/_deferred.py").exists()


def test_what_no_requirement_covers_is_no_export(make_project: MakeProject) -> None:
    """An entry that the table would refuse keeps its module from exporting, and no other module."""
    text = "import unheard_of\n\n\ndef use():\n    return unheard_of\n"
    patching = "from unittest import mock\n\nmock.patch('weather.other.unheard_of')\n"
    root = make_project(src__weather__other=text, tests__test_other=patching)
    target = find_target(root)
    package = read_package(target.root, target.files, registered=True)
    package = with_exports(target, package, Scratch(target, root.parent / "copy").root)
    assert package.exporting is not None
    assert package.exporting.targets.keys() == {Name("weather", "Forecast"), Name("weather.cli", "render")}
    assert "unheard_of" in package.plans["weather.other"].moves
