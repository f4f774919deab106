"""What is found in sources. `tests/cases/discover` holds projects, and beside each `expected.txt` says what it gives.

`UPDATE_GOLDENS=1 pytest tests/tooling/test_discover.py` renews them.
"""

import ast
import importlib.util
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from builds import Build, MakeProject, names_in, read_from
from deferred_imports.tooling import cli
from deferred_imports.tooling.project.discover import discover, discover_in
from deferred_imports.tooling.project.tree import load_project
from deferred_imports.tooling.registry.render import registry_text
from deferred_imports.tooling.source.usage import Import, Usage
from deferred_imports.tooling.table.manifest import Manifest, Shipped
from deferred_imports.tooling.table.problems import Problems
from deferred_imports.tooling.table.requirements import read_requirements
from goldens import CASES, compare
from processes import RunPython
from worlds import KEEPS_GETATTR

PROJECTS = sorted(path for path in (CASES / "discover").iterdir() if path.is_dir())
each_project = pytest.mark.parametrize("root", PROJECTS, ids=lambda path: path.name)


def described(usage: Usage) -> str:
    """Return all that was found as text, a line for each piece."""
    parts: dict[str, Iterable[str]] = {
        "imports": map(described_import, usage.imports),
        "uses": (
            f"{use.importer}:{use.line} {use.name} {use.when}{' taken' if use.taken else ''}" for use in usage.uses
        ),
        "openers": usage.openers,
        "entries": (
            f"{entry.name} {' '.join(map(str, entry.targets))}"
            f"{' optional' if entry.optional else ''}"
            f"{f' where {entry.marker}' if entry.marker else ''}"
            f"{f' of {entry.distribution}' if entry.distribution else ''}"
            f"{f' with {entry.extra}' if entry.extra else ''}"
            for entry in usage.entries
        ),
        "keys": (f"{module}: {' '.join(keys)}" for module, keys in usage.keys.items()),
        "graph": (f"{module}: {' '.join(others)}".strip() for module, others in usage.graph.items()),
        "undeclared": map(described_import, usage.undeclared),
        "skipped": (f"{item.module}: {item.reason}" for item in usage.skipped),
    }
    return "\n".join(_lines(parts))


def described_import(item: Import) -> str:
    words = [f"{item.importer}:{item.line}", item.module, item.when]
    if item.names is not None:
        words.append(f"({', '.join(item.names)})")
    if item.optional:
        words.append("optional")
    if item.marker:
        words.append(f"where {item.marker}")
    if len(item.candidates) > 1:
        words.append(f"in {'|'.join(item.candidates)}")
    return " ".join(words)


def _lines(parts: dict[str, Iterable[str]]) -> Iterator[str]:
    for title, lines in parts.items():
        yield title
        yield from (f"  {line}" for line in lines)
    yield ""


def test_there_are_cases() -> None:
    """The tests below have what they are about."""
    assert len(PROJECTS) >= 7


@each_project
def test_found(root: Path) -> None:
    """The sources of a project give exactly this, and this is baked into the registry."""
    project = load_project(root)
    usage = discover_in(project)
    lines = registry_text(project.manifest, usage).splitlines()
    table = lines[lines.index("__deferred_imports__ = {  # pragma: no cover") : lines.index("}") + 1]
    compare("\n".join([described(usage), *table, ""]), root / "expected.txt")


def discovered(package: str, sources: dict[str, bytes], packages: Iterable[str]) -> Usage:
    manifest = Manifest(package, package, "_deferred", discover=True, entries=())
    requirements = read_requirements({}, Problems({}))
    return discover(manifest, sources, Shipped(frozenset(sources), frozenset(packages)), requirements)


@pytest.mark.parametrize("package", ["asyncio", "email", "importlib", "_pytest", "unittest", "xml"])
def test_no_import_is_lost(package: str) -> None:
    """Whatever imports a parser finds in real sources, wherever they stand, is among what is found."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package} is not installed")
    root = Path(spec.submodule_search_locations[0])
    sources, packages, expected = {}, [], set()
    for path in root.rglob("*.py"):
        *parts, stem = path.relative_to(root.parent).with_suffix("").parts
        name = ".".join(parts if stem == "__init__" else [*parts, stem])
        packages += [name] if stem == "__init__" else []
        sources[name] = path.read_bytes()
        nodes = [node for node in ast.walk(ast.parse(sources[name])) if isinstance(node, ast.Import | ast.ImportFrom)]
        expected |= {(name, node.lineno) for node in nodes}

    usage = discovered(package, sources, packages)

    assert usage.skipped == ()
    assert {(item.importer, item.line) for item in usage.imports} == expected
    assert len(expected) > 9


def test_the_order_is_fixed(run_python: RunPython) -> None:
    """What is found does not depend on the order of sets."""
    code = """
import sys
from pathlib import Path
from zipfile import ZipFile
from deferred_imports.tooling.project.discover import discover_in
from deferred_imports.tooling.project.tree import load_project
for root in sys.argv[1:]:
    print(discover_in(load_project(Path(root))))
"""
    roots = [str(root) for root in PROJECTS]
    path = [Path(folder) for folder in sys.path if folder]
    seeds = ["0", "1", "4294967295"]
    found = {run_python(code, *roots, path=path, env={"PYTHONHASHSEED": seed}).stdout for seed in seeds}
    assert len(found) == 1


# From a table of two lines to imports under control

SOURCES = {
    "src/weather/__init__.py": "",
    "src/weather/cli.py": "def main():\n    from .commands import plot\n    return plot.run()\n",
    "src/weather/commands/__init__.py": "",
    "src/weather/commands/plot.py": (
        "from . import units\n\ndef run():\n    from xml.etree import ElementTree\n    import nonsuch\n"
    ),
    "src/weather/commands/units.py": "def convert():\n    import decimal\n",
    "src/weather/commands/report.py": "def run():\n    import csv\n",
    "src/weather/commands/version.py": "def run():\n    return 1\n",
    "src/weather/broken.py": "def run(:\n",
}


@pytest.fixture
def project(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that hides its imports in functions, and has a table of two lines."""
    root = make_project(SOURCES, project='dependencies = ["nonsuch"]', table="discover = true")
    monkeypatch.chdir(root)
    return root


def test_from_a_table_of_two_lines(project: Path, build: Build, run_python: RunPython) -> None:
    """A wheel whose sources nobody changed has its hidden imports under control, each by who uses it."""
    wheel = build("hatchling", project).wheel
    code = """
import sys
from deferred_imports import find_missing, resolve_now

def resolve(**selection):
    found = resolve_now("weather", on_error="report", **selection)
    return sorted(item.entry.key for item in [*found.resolved, *found.missing])

import weather
print(*[entry.key for entry in find_missing("weather")])
for importer in ("version", "report", "plot"):
    print(*resolve(importer=f"weather.commands.{importer}"))
print(*resolve())
print("xml.etree.ElementTree" in sys.modules)
try:
    resolve_now("weather")
except ImportError as error:
    print(error)
"""
    assert run_python(code, path=[wheel]).stdout.splitlines() == [
        "<nonsuch>",
        "",
        "<csv>",
        "<decimal> <nonsuch> <xml.etree:ElementTree>",
        "<.commands.plot> <nonsuch>",
        "True",
        "1 deferred import failed:",
        "  weather needs nonsuch in a function of weather.commands.plot: pip install nonsuch",
    ]


def test_command_and_hook_bake_the_same(project: Path, build: Build, capsys: pytest.CaptureFixture[str]) -> None:
    """`generate` writes what a wheel holds, and both say what they have left out."""
    left_out = "deferred-imports: the imports of weather.broken are left out: it is not valid Python, or too new for"
    built = build("hatchling", project)
    assert left_out in built.output
    assert "deferred-imports: 0 names, 5 imports in functions -> weather/_deferred.py" in built.output

    assert cli.main(["generate"]) == 0
    out, err = capsys.readouterr()
    assert out == "wrote src/weather/_deferred.py: 0 names, 5 imports in functions\n"
    assert err.startswith(left_out)
    assert (project / "src/weather/_deferred.py").read_text(encoding="utf-8") == read_from(built.wheel, "_deferred.py")
    assert cli.main(["generate", "--check"]) == 0


def test_the_record_has_them(project: Path, build: Build, capsys: pytest.CaptureFixture[str]) -> None:
    """Entries without names are in the wheel's record, which `list` shows too."""
    wheel = build("hatchling", project).wheel
    (name,) = [name for name in names_in(wheel) if name.endswith("deferred-imports.json")]
    recorded = json.loads(read_from(wheel, name))["imports"]
    assert list(recorded) == ["<.commands.plot>", "<csv>", "<decimal>", "<nonsuch>", "<xml.etree:ElementTree>"]

    assert cli.main(["list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["imports"] == recorded
    assert cli.main(["list"]) == 0
    assert "xml.etree:ElementTree" in capsys.readouterr().out


GUARDED = """\
import sys

def run():
    if sys.platform == "nowhere":
        import nonsuch
    if sys.version_info >= (3,):
        import colorsys
    else:
        import also_nonsuch
"""


def test_what_is_for_other_platforms_is_not_missing(
    build: Build, make_project: MakeProject, run_python: RunPython, tmp_path: Path
) -> None:
    """Imports for another platform or Python are listed as excluded, neither missing nor pending nor resolved."""
    files = {"src/weather/__init__.py": "", "src/weather/cli.py": GUARDED}
    wheel = build("hatchling", make_project(files, table='discover = true\nimports.wave = "wave"')).wheel
    code = """
import weather
from deferred_imports import find_missing, iter_deferred_imports, resolve_now

print(find_missing())
print(*[f"{entry.module}: {entry.state}, {entry.marker}" for entry in iter_deferred_imports()], sep="\\n")
print(*[item.entry.module for item in resolve_now().resolved])
print("__getattr__" in vars(weather._deferred))
"""
    installed = tmp_path / "site-packages"
    with ZipFile(wheel) as archive:
        archive.extractall(installed)
    lines = run_python(code, path=[installed]).stdout.splitlines()
    assert lines[:6] == [
        "()",
        "wave: pending, None",
        "also_nonsuch: excluded, python_version < '3'",
        "colorsys: pending, python_version >= '3'",
        "nonsuch: excluded, sys_platform == 'nowhere'",
        "wave colorsys",
    ]
    # What has no name costs the names nothing: where nothing is pending, the registry is a plain module.
    assert lines[6:] == [str(KEEPS_GETATTR)]


HANDLERS = {
    "raise RuntimeError('no') from error": False,
    "raise": False,
    "sys.exit('no')": False,
    "print(error)\n        raise SystemExit(1)": False,
    "other = None": True,
    "if sys.argv:\n            raise": True,
    "return": True,
}


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_that_raises_guards_nothing(handler: str) -> None:
    """An import is optional where the code goes on without it: not where the handler ends by raising or leaving."""
    code = (
        f"import sys\ndef f():\n    try:\n        import other\n    except ImportError as error:\n        {handler}\n"
    )
    found = discovered("app", {"app": code.encode()}, ["app"])
    assert [item.optional for item in found.imports if item.module == "other"] == [HANDLERS[handler]]


def test_a_chain_that_ends_by_raising() -> None:
    """The last of several candidates has to be there, if what comes after it raises."""
    code = (
        "def f():\n    try:\n        import one as x\n    except ImportError:\n"
        "        try:\n            import two as x\n        except ImportError:\n            raise RuntimeError\n"
    )
    found = discovered("app", {"app": code.encode()}, ["app"])
    assert [(item.candidates, item.optional) for item in found.imports] == [(("one", "two"), False)] * 2


SHADOWED = """
def a():
    from . import _deferred as d
    def nested(): return d.in_nested
    return d.items_of_a, nested
def b(d): return d.items()
def c():
    for d in (): d.items()
    [d.items() for d in ()]
    return (lambda d: d.items()), {d.items(): 1 for d in ()}
def e(): return d.items()
def g():
    d = {}
    return d.items()
class H:
    d = {}
    d.items()
    def method(self): return d.items()
"""


def test_a_name_is_that_of_its_scope() -> None:
    """A variable that is called as an alias of the registry is elsewhere is not taken for it."""
    found = discovered("app", {"app": SHADOWED.encode()}, ["app"])
    assert {use.name for use in found.uses} == {"in_nested", "items_of_a"}


@pytest.mark.parametrize(
    ("binds", "eager"),
    [
        ("def run():\n    return 'function'\n", "function"),
        ("class run: pass\nrun = run.__name__\n", "run"),
        ("from .run import run\n", "function of the module"),
        ("", "module"),
    ],
)
def test_what_the_package_has_comes_first(
    binds: str, eager: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_python: RunPython
) -> None:
    """What `from . import run` gets is what resolving leaves there: no module takes the place of a function."""
    files = {
        "pyproject.toml": '[project]\nname = "app"\n[tool.deferred-imports]\ndiscover = true\n',
        "src/app/__init__.py": f"from . import _deferred as _deferred\n{binds}",
        "src/app/run.py": "def run():\n    return 'function of the module'\n",
        "src/app/m.py": "def f():\n    from . import run\n    return run\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["generate"]) == 0
    code = """
import app.m
found = app.m.f()
print(found() if callable(found) else found if isinstance(found, str) else type(found).__name__)
"""
    for env in ({}, {"PYDEFER_EAGER": "1"}):
        assert run_python(code, path=[tmp_path / "src"], env=env).stdout.strip() == eager
