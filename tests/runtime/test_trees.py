"""In a source tree, as an editable install has it, what was written since the registry was made is found or said."""

import json
import os
from pathlib import Path

import pytest

from deferred_imports.tooling import cli
from processes import RunPython
from worlds import World

FILES = {
    "cli.py": "from . import _deferred\ndef main(): return _deferred.one\n",
    "sub/__init__.py": "",
    "sub/shared.py": "from .. import _deferred as later\ndef use(): return later.two\n",
}
RESOLVE = """
    import warnings
    warnings.simplefilter("error")
    from deferred_imports import resolve_now
    for _ in range(2):
        print(*(item.entry.key for item in resolve_now("weather", importer="weather.cli").resolved))
"""


def edit(package: Path, name: str, text: str) -> None:
    """Write a module later than the registry."""
    file = package / name
    file.write_text(text, encoding="utf-8")
    made = (package / "_deferred.py").stat().st_mtime
    os.utime(file, (made + 10, made + 10))


@pytest.fixture
def world(tmp_path: Path, run_python: RunPython) -> World:
    """A source tree: nothing is compared with what is installed."""
    return World(tmp_path / "src", run_python)


@pytest.fixture
def package(world: World) -> Path:
    """A package of which one module uses one of three names."""
    world.write({f"{name}.py": "" for name in ("one", "two", "three")})
    return world.package(
        'imports = { one = "one", two = "two", three = "three" }',
        FILES,
        uses=".cli: one\n.sub.shared: two",
        graph=".cli:\n.sub:\n.sub.shared:",
    )


@pytest.mark.unmeasured
@pytest.mark.usefixtures("package")
def test_what_is_as_it_was(world: World) -> None:
    """Nothing is read that is older than the registry."""
    assert world.run(RESOLVE).split() == ["one"]
    assert not world.run("import weather._deferred, sys; print({'ast'} & {*sys.modules})").startswith("{'")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("from . import _deferred\ndef main(): return _deferred.one, _deferred.three\n", ["one", "three"]),
        ("import weather._deferred as d\ndef main(): return d.three\n", ["one", "three"]),
        ("def main():\n    from ._deferred import three\n    return three\n", ["one", "three"]),
        ("def main():\n    import three\n    return three\n", ["one", "three"]),
        ("from .sub import shared\n", ["one", "two"]),
        ("def main():\n    from weather.sub.shared import use\n    use()\n", ["one", "two"]),
        ("this is no Python", ["one"]),
    ],
)
def test_a_new_use_of_a_module(text: str, keys: "list[str]", world: World, package: Path) -> None:
    """`resolve_now(importer=)` has what the module uses by now, by itself or through others."""
    edit(package, "cli.py", text)
    assert sorted(world.run(RESOLVE).split()) == keys


def test_a_new_module(world: World, package: Path) -> None:
    """A module that the registry has never heard of is as good as any."""
    edit(package, "newer.py", FILES["cli.py"])
    assert world.run(RESOLVE.replace("weather.cli", "weather.newer")).split() == ["one"]
    error = world.error(RESOLVE.replace("weather.cli", "weather.nonsuch"))
    assert error.startswith('LookupError: importer: expected one of "weather.cli", "weather.sub", ')


def test_an_import_that_the_registry_lacks(world: World, package: Path) -> None:
    """With `discover = true` a new import in a function is said, once, with the remedy."""
    text = (package / "_deferred.py").read_text("utf-8").replace("    three", "    <three>")
    (package / "_deferred.py").write_text(text, "utf-8")
    edit(package, "cli.py", "def main():\n    import three, wave\n")
    done = world.start(RESOLVE.replace('warnings.simplefilter("error")', ""))
    assert sorted(done.stdout.split()) == ["<three>", "one"]
    (said,) = [line for line in done.stderr.splitlines() if "Warning" in line]
    assert said.endswith(
        '"weather.cli" imports "wave" in a function, which the registry of weather does not know: it is older; '
        'run "deferred-imports generate", or install weather again'
    )


def test_what_is_installed_is_taken_as_it_is(world: World, package: Path) -> None:
    """Installers write files in any order, so there nothing is compared."""
    edit(package, "cli.py", "from . import _deferred\ndef main(): return _deferred.three\n")
    site = world.path / "site-packages"
    site.mkdir()
    package.rename(site / "weather")
    assert world.run(RESOLVE, path=[world.path, site]).split() == ["one"]


NEW = {
    "an alias": "from . import _deferred\ndef f(): return _deferred.one\n",
    "by its whole name": "import weather._deferred\ndef f(): return weather._deferred.one\n",
    "by the package": "import weather\ndef f(): return weather._deferred.one\n",
    "through another module": "from .common import lazy\ndef f(): return lazy.one\n",
    "through a module's attribute": "from . import common\ndef f(): return common.lazy.one\n",
    "by a variable": "from . import _deferred\nd = _deferred\ndef f(): return d.one\n",
    "by getattr": "from . import _deferred\ndef f(): return getattr(_deferred, 'one')\n",
    "all": "from ._deferred import *\n",  # which is `attach` alone, where there are exports
    "its list": "from ._deferred import __lazy_modules__\nimport colorsys\n",
    "an import": "class A:\n    def f(self):\n        import colorsys\n",
    "a part": "def f():\n    from fractions import Fraction\n",
    "one without a name": "def f():\n    import quopri\n",
    "a chain": "def f():\n    try:\n        import wave as t\n    except ImportError:\n        import cmd as t\n",
    "a module of the package": "def f():\n    from .commands import report\n",
    "a module by a name": "from . import _deferred\ndef f(): return _deferred.report\n",
    "what its package imports": "import weather.deep.down\n",
    "an export": "from weather import Thing\ndef f(): return Thing\n",
    "an export by the package": "import weather\ndef f(): return weather.Thing\n",
    "an export in a function": "def f():\n    from weather import Thing\n",
    "types": "import typing\nif typing.TYPE_CHECKING:\n    from .commands import report\n",
    "nothing": "import typing\n",
    "what no table has": "def f():\n    import wsgiref.util\n",
    "another part": "def f():\n    from fractions import Decimal\n",
    "a new module": "def f():\n    from . import plain\n",
}
TREE = {
    "pyproject.toml": """
        [project]
        name = "weather"
        version = "1"
        [tool.deferred-imports]
        discover = true
        [tool.deferred-imports.imports]
        one = "colorsys"
        two = ["wave", "cmd"]
        report = ".commands.report"
        Dec = "fractions:Fraction"
        [tool.deferred-imports.exports]
        Thing = ".things:Thing"
        """,
    "src/weather/__init__.py": "from . import _deferred as _deferred\n_deferred.attach(globals())\n",
    "src/weather/commands/__init__.py": "",
    "src/weather/commands/report.py": "from weather import _deferred\ndef r(): return _deferred.two\n",
    "src/weather/deep/__init__.py": "from . import side\n",
    "src/weather/deep/side.py": "def r():\n    import quopri\n",
    "src/weather/deep/down.py": "",
    "src/weather/common.py": "from . import _deferred as lazy\n",
    "src/weather/things.py": "class Thing: pass\n",
    "src/weather/plain.py": "",
}
ASK = """
    import json, warnings
    from deferred_imports import resolve_now
    names = {names!r}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = {{}}
        for name in names:
            report = resolve_now("weather", importer=name, on_error="report")
            found[name] = [entry.entry.key for entry in (*report.resolved, *report.missing, *report.skipped)]
    texts = [str(warning.message) for warning in said]
    print(json.dumps([found, [name for name in names if any(f'"{{name}}" imports' in text for text in texts)]]))
"""


def test_a_stale_registry_has_what_a_new_one_has(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a module uses the registry, before it is renewed that is found, or said, as it is found afterwards.

    The modules are new, with a time before the registry's, as when they were moved there.
    """
    world.write(TREE)
    monkeypatch.chdir(world.path)
    assert cli.main(["generate"]) == 0
    package = world.path / "src" / "weather"
    names = [f"weather.new{number}" for number in range(len(NEW))]
    for name, text in zip(names, NEW.values(), strict=True):
        file = package / f"{name.partition('.')[2]}.py"
        file.write_text(text, "utf-8")
        os.utime(file, (0, 0))
    ask = ASK.format(names=names)
    before, said = json.loads(world.run(ask, path=[world.path / "src"]))
    assert cli.main(["generate"]) == 0
    after, nothing = json.loads(world.run(ask, path=[world.path / "src"]))
    assert not nothing
    lacking = {
        how: sorted(set(after[name]) - set(before[name]))
        for how, name in zip(NEW, names, strict=True)
        if name not in said and not set(after[name]) <= set(before[name])
    }
    assert lacking == {}
    assert [how for how, name in zip(NEW, names, strict=True) if name in said] == [
        "what no table has",
        "a new module",
    ]
    assert [how for how, name in zip(NEW, names, strict=True) if not after[name]] == ["all", "types", "nothing"]


@pytest.mark.parametrize(
    ("start", "env"),
    [
        ("import weather", {"PYDEFER_EAGER": "1"}),
        ("import weather; from deferred_imports import force_eager; force_eager()", {}),
        ("from deferred_imports import resolve_now; resolve_now('weather'); resolve_now()", {}),
        ("import weather; from deferred_imports import resolve_now; resolve_now()", {}),
        ("from deferred_imports import find_missing; find_missing('weather')", {}),
        ("from deferred_imports import iter_deferred_imports as list_; list_('weather'); list_()", {}),
    ],
)
@pytest.mark.parametrize("before", ["", "def f():\n    import quopri\n"])
def test_what_a_start_lacks(
    start: str, env: "dict[str, str]", before: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `discover = true` what is older than its sources says which import in a function it lacks, once."""
    table = '[project]\nname = "weather"\nversion = "1"\n[tool.deferred-imports]\ndiscover = true\n'
    world.write({"pyproject.toml": table, "weather/__init__.py": "from . import _deferred\n", "weather/cli.py": before})
    monkeypatch.chdir(world.path)
    assert cli.main(["generate"]) == 0
    assert not world.start(start, env=env).stderr
    package = world.path / "weather"
    edit(package, "cli.py", "def f():\n    import quopri, wave\n    if f:\n        import wave\n")
    (package / "sub").mkdir()
    edit(package, "sub/new.py", "def f():\n    from wsgiref import util\n")
    edit(package, "sub/plain.py", "x = '''\n    import nothing'''\n")
    said = [line for line in world.start(start, env=env).stderr.splitlines() if "Warning" in line]
    wanted = ['"weather.cli" imports "wave"', '"weather.sub.new" imports "wsgiref"']
    if not before:
        wanted.insert(0, '"weather.cli" imports "quopri"')
    assert [line.partition("RuntimeWarning: ")[2].partition(" in a function")[0] for line in said] == wanted


def test_a_table_alone_lacks_nothing_at_a_start(world: World, package: Path) -> None:
    """Without `discover = true` imports in functions are no affair of the registry."""
    edit(package, "cli.py", "def f():\n    import wave\n")
    assert not world.start("import weather._deferred", env={"PYDEFER_EAGER": "1"}).stderr
