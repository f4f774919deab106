"""Every registry that was ever built works with this runtime; a later one, or none at all, disturbs nobody.

`tests/cases/registry-format-1` keeps the early ones, for good.

They are as the first generator wrote them, before a registry was plain code. They are never renewed: such files lie in
other people's wheels.
"""

import ast
import sys
from pathlib import Path

import pytest

from deferred_imports._registries import FORMAT
from deferred_imports.prefetch import HEADER
from deferred_imports.tooling.registry import formats
from deferred_imports.tooling.registry.render import declaration_text, registry_text
from goldens import CASES, manifest_of
from worlds import World

OLD = sorted((CASES / "registry-format-1").glob("*.py"))


def imports_of(registry: Path) -> dict[str, list[str]]:
    """Return the references of a registry by name, for modules that this test makes up."""
    tree = ast.parse(registry.read_bytes())
    (table,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and "__deferred" in ast.unparse(node.targets[0])
    ]
    assert isinstance(table, ast.Dict)
    (rows,) = [
        value.value
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "imports" and isinstance(value, ast.Constant)
    ]
    return {name: targets.split("|") for name, targets in map(str.split, str(rows).strip().splitlines())}


@pytest.fixture(params=OLD, ids=lambda path: path.stem)
def old(request: pytest.FixtureRequest, world: World) -> World:
    """A package `weather` that holds an old registry, beside modules for all that it declares and Python lacks."""
    files = {"weather/__init__.py": "from . import _deferred as _deferred\n"}
    for targets in imports_of(request.param).values():
        for target in targets:
            module, _, attribute = target.partition(":")
            parts = (f"weather{module}" if module.startswith(".") else module).split(".")
            if parts[0] in sys.stdlib_module_names:
                continue
            for end in range(1, len(parts)):
                files.setdefault(f"{'/'.join(parts[:end])}/__init__.py", "")
            place = "/".join(parts)
            file = f"{place}/__init__.py" if f"{place}/__init__.py" in files else f"{place}.py"
            first, *rest = attribute.split(".") if attribute else ["unused"]
            body = "".join(f"    {name} = None\n" for name in rest) or "    pass\n"
            files[file] = files.get(file, "") + f"class {first}:\n{body}"
    for file in [file for file in files if file.endswith(".py") and file[:-3] + "/__init__.py" in files]:
        files[f"{file[:-3]}/__init__.py"] += files.pop(file)
    world.write(files)
    (world.path / "weather" / "_deferred.py").write_bytes(request.param.read_bytes())
    return world


def test_there_are_old_registries() -> None:
    """The folder is not empty, and nothing was lost."""
    assert len(OLD) == 12
    assert all(b"exec(_SELDOM" in path.read_bytes() for path in OLD)


def test_an_old_registry_is_listed_and_resolved(old: World) -> None:
    """It is found, listed and resolved; what is resolved is bound, and nothing of it is missing."""
    code = """
        import weather
        from deferred_imports import find_missing, iter_deferred_imports, resolve_now
        entries = list(iter_deferred_imports("weather"))
        print(len(entries) > 0, [entry.name for entry in find_missing("weather") if entry.name != "winreg"])
        report = resolve_now("weather", on_error="report")
        print(report.missing, report.broken, {entry.state for entry in entries} <= {"resolved", "excluded"})
        print(all(hasattr(weather._deferred, entry.key) for entry in entries if entry.applies))
        print(resolve_now("weather").resolved)
    """
    assert old.run(code, flags=["-X", "utf8"]).splitlines() == ["True []", "[] [] True", "True", "[]"]


def test_an_old_registry_obeys_the_variables(old: World) -> None:
    """Eager, it is resolved with its package; traced, it tells of each resolution; read ahead, nothing fails."""
    code = """
        import sys, weather
        pending = [name for name in weather._deferred.__deferred_imports__["imports"].split()[::2]
                   if name not in vars(weather._deferred) and name not in
                   weather._deferred.__deferred_imports__.get("markers", ())]
        print(pending)
    """
    env = {"PYDEFER_EAGER": "1", "PYDEFER_TRACE": "1", "PYDEFER_PREFETCH": "0"}
    done = old.start(code, env=env, flags=["-X", "utf8"])
    assert done.stdout.strip() == "[]", done.stderr
    assert {line.split()[1] for line in done.stderr.splitlines()} == {"weather:"}


def test_an_old_registry_tells_what_is_missing(old: World) -> None:
    """Without the modules, each name that is not optional is one line of one error, as its own registry words it."""
    for file in list(old.path.rglob("*.py")):
        if file.parent.name != "weather" or file.name not in {"__init__.py", "_deferred.py"}:
            file.unlink()
    code = """
        import weather
        from deferred_imports import resolve_now
        report = resolve_now("weather", on_error="report")
        print({item.is_missing for item in report.missing} <= {True}, report.broken)
    """
    assert old.run(code, flags=["-X", "utf8"]) == "True []"


@pytest.fixture
def later(world: World) -> World:
    """A package `good`, and a package `newer` whose registry is of a later format."""
    for package in ("good", "newer"):
        world.package('imports.js = "wave"', {"__init__.py": "from . import _deferred as _deferred\n"}, package=package)
    registry = world.path / "newer" / "_deferred.py"
    registry.write_text(registry.read_text("utf-8").replace('"format": 1', '"format": 99'), "utf-8")
    return world


TEXT = (
    "newer._deferred has format 99, and this deferred-imports reads up to 1: upgrade deferred-imports, or build newer "
    "with the version that is installed"
)
CALLS = """
import good, newer
from deferred_imports import find_missing, force_eager, iter_deferred_imports, resolve_now
calls = {
    "resolve": lambda *names: len(resolve_now(*names).resolved),
    "list": lambda *names: len(list(iter_deferred_imports(*names))),
    "missing": lambda *names: len(find_missing(*names)),
    "eager": lambda *names: force_eager(*names).__exit__(None, None, None),
}
"""


def test_a_later_format_does_not_disturb_what_names_others(later: World) -> None:
    """Who names another package hears nothing of it, and neither does a package that is eager."""
    code = CALLS + "print(*[call('good') for call in calls.values()])"
    assert later.run(code, flags=["-W", "error"]) == "1 1 0 None"
    assert later.run("import good, newer; print('js' in vars(good._deferred))", env={"PYDEFER_EAGER": "good"}) == "True"


def test_a_later_format_is_skipped_with_one_warning(later: World) -> None:
    """A call that names nothing does without it, and says so once in the process; what it declares works when used."""
    code = (
        CALLS
        + """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(*[call() for call in calls.values()])
print(*[f"{warning.category.__name__}: {warning.message}" for warning in caught], sep="\\n")
print(newer._deferred.js.__name__)
"""
    )
    warning = f"RuntimeWarning: {TEXT}; what it declares stays deferred"
    assert later.run(code).splitlines() == ["1 1 0 None", warning, "wave"]
    done = later.start("import newer; print('js' in vars(newer._deferred))", env={"PYDEFER_EAGER": "1"})
    assert (done.returncode, done.stdout, done.stderr.count(TEXT)) == (0, "False\n", 1)


def test_a_later_format_works_when_it_is_traced(later: World) -> None:
    """A trace changes no outcome: what cannot be told of is said once, and accesses work."""
    registry = later.path / "newer" / "_deferred.py"
    registry.write_text(registry.read_text("utf-8").replace(" js wave", " js wave\n    col colorsys"), "utf-8")
    code = (
        "import newer, good; print(*[m.__name__ for m in (newer._deferred.js, newer._deferred.col, good._deferred.js)])"
    )
    done = later.start(code, env={"PYDEFER_TRACE": "1"})
    assert (done.returncode, done.stdout, done.stderr.count(TEXT)) == (0, "wave colorsys wave\n", 1)
    assert "good: js = wave" in done.stderr.splitlines()[-1]


def test_a_later_format_is_an_error_for_who_names_it(later: World) -> None:
    """The error says whom to upgrade; also before the package is imported."""
    for call in ("resolve", "list", "missing", "eager"):
        assert later.error(CALLS + f"calls['{call}']('newer')").endswith(TEXT)
    assert later.error("from deferred_imports import find_missing; find_missing('newer')").endswith(TEXT)


HOSTILE = [
    *("7", "None", "'text'", "[]", "unittest.mock.MagicMock()", "{}", "{'format': 0}", "{'format': '1'}"),
    *("{'format': 1}", "{'format': 1, 'imports': None}", "{'format': 1, 'imports': ['a b']}"),
    *("{'format': 1, 'imports': 'a'}", "{'format': 1, 'imports': 'a b c'}", "{'format': None, 'imports': 'a b'}"),
    "{'format': 1, 'imports': 'a b', 'markers': ['a']}",
    "{'format': 1, 'imports': 'a b', 'markers': {'a': 3}}",
    "{'format': 1, 'imports': 'a b', 'uses': 7}",
    "{'format': 1, 'imports': 'a b', 'caught': 7}",
    "{'format': 1, 'imports': 'a b', 'caught': {'a': 7}}",
    "{'format': 1, 'imports': 'a b', 'extras': {'x': 7}}",
    "{'format': 1, 'imports': 'a b', 'groups': {7: 'a'}}",
    "{'format': 1, 'imports': 'a b', 'groups': {'g': ['a']}}",
]


@pytest.mark.parametrize("data", HOSTILE)
def test_what_is_no_registry_disturbs_nobody(later: World, data: str) -> None:
    """Whatever stands in `__deferred_imports__` of a module that is none of ours: other packages know nothing of it."""
    code = (
        CALLS.replace("import good, newer", "import good, sys, types, unittest.mock")
        + f"""
odd = types.ModuleType("odd._deferred")
odd.__deferred_imports__ = {data}
sys.modules["odd._deferred"] = odd
print(*[call("good") for call in calls.values()])
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(*[call() for call in calls.values()])
print([str(warning.message).partition(" is no registry")[0] for warning in caught])
"""
    )
    assert later.run(code, flags=["-W", "error"]).splitlines() == ["1 1 0 None", "0 1 0 None", "['odd._deferred']"]


@pytest.mark.parametrize(
    ("name", "why"), [("None", "it has no name"), ("''", "it has no name"), ("'nowhere'", "it is in no package")]
)
def test_a_registry_that_is_in_no_package_disturbs_nobody(later: World, name: str, why: str) -> None:
    """What has no name, or none with a package in it, is reported by the name that it has in `sys.modules`."""
    code = (
        CALLS.replace("import good, newer", "import good, sys, types")
        + f"""
odd = types.ModuleType("odd")
odd.__deferred_imports__ = {{"format": 1, "imports": "a b"}}
sys.modules["nowhere"] = odd
odd.__name__ = {name}
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(*[call() for call in calls.values()])
print(*[warning.message for warning in caught])
"""
    )
    said = f"nowhere is no registry of deferred-imports: {why}; what it declares stays deferred"
    assert later.run(code).splitlines() == ["1 1 0 None", said]


def test_a_registry_of_others_that_raises_is_one_failure_among_others(later: World) -> None:
    """Whatever its `__getattr__` does, it is reported by name, and the rest is resolved."""
    code = (
        CALLS.replace("import good, newer", "import good, sys, types")
        + """
odd = types.ModuleType("odd._deferred")
odd.__deferred_imports__ = {"format": 1, "imports": "a b"}
odd.__getattr__ = sys.exit
sys.modules["odd._deferred"] = odd
report = resolve_now(on_error="report")
print(report.broken[0], "js" in vars(good._deferred))
try:
    force_eager()
except ImportError as error:
    print(str(error).splitlines()[-1].strip())
"""
    )
    assert later.run(code).splitlines() == ["odd: a = b: SystemExit: a True", "odd: a = b: SystemExit: a"]


def test_keys_that_are_not_known_are_ignored(later: World) -> None:
    """A later generator may say more in the same format; readers take what they know."""
    registry = later.path / "newer" / "_deferred.py"
    text = registry.read_text("utf-8").replace('"format": 99,', '"format": 1, "novelty": {"js": 1},')
    registry.write_text(text, "utf-8")
    assert later.run(CALLS + "print(*[call('newer') for call in calls.values()])") == "1 1 0 None"


def test_each_format_has_a_number_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers of the registry, the JSON in dist-info and the file to read ahead change one by one."""
    manifest = manifest_of((CASES / "registry" / "design.toml").read_text("utf-8"))
    registry, record = registry_text(manifest), declaration_text(manifest)
    assert formats.REGISTRY <= FORMAT  # every runtime reads what is written with it

    monkeypatch.setattr(formats, "REGISTRY", 7)
    assert registry_text(manifest) == registry.replace('"format": 1,', '"format": 7,') != registry
    assert (declaration_text(manifest), HEADER) == (record, "# deferred-imports record 1")

    monkeypatch.setattr(formats, "DECLARATION", 8)
    assert declaration_text(manifest) == record.replace('"format": 1,', '"format": 8,') != record
    assert '"format": 7,' in registry_text(manifest)
