"""Exports: a package offers names imports them when it is asked for them, and looks as if it had at once."""

import shutil
import sys
from pathlib import Path

import pytest

from processes import clean_env, run
from worlds import World, render_registry

TABLE = """
    [tool.deferred-imports.exports]
    charts = ".charts"
    ".model" = ["Forecast"]
    rain = ".rain:rain"
    late = { module = "colorsys", groups = ["late"] }
    winreg = { module = "winreg", marker = "sys_platform == 'win32'" }

    [tool.deferred-imports.exports.".commands"]
    Report = ".commands.report:Report"

    [tool.deferred-imports.exports.".cli"]
    ".model" = ["Forecast"]
"""
TWO_LINES = "from ._deferred import *  # noqa: F403\n\nattach(globals())  # noqa: F405\n"
MODULES = {
    "model.py": "print('model runs')\n\n\nclass Forecast:\n    days = 3\n",
    "charts.py": "print('charts runs')\n",
    "rain.py": "def rain():\n    return 'rain'\n\n\ndef other():\n    pass\n",
    "commands/report.py": "class Report:\n    pass\n",
    "cli.py": "def main():\n    from .cli import Forecast\n\n    return Forecast.days\n",
}
# The same package twice: `weather` exports by the table, `eager` imports.
LAZY = {
    **MODULES,
    "__init__.py": f"{TWO_LINES}\n\ndef version():\n    return 1\n",
    "commands/__init__.py": "from .._deferred import attach\n\nattach(globals())\n",
    "cli.py": f"from ._deferred import attach\n\nattach(globals())\n\n\n{MODULES['cli.py']}",
}
EAGER = {
    **MODULES,
    "__init__.py": (
        "import colorsys as late\n\nfrom . import charts\nfrom .model import Forecast\nfrom .rain import rain\n"
        "\n\ndef version():\n    return 1\n"
    ),
    "commands/__init__.py": "from .report import Report\n",
    "cli.py": f"from .model import Forecast\n\n\n{MODULES['cli.py']}",
}
NAMES = ["Forecast", "charts", "late", "rain", "version"]


@pytest.fixture
def weather(world: World) -> World:
    """The packages `weather`, which exports, and `eager`, which imports the same at once."""
    world.package(TABLE, LAZY)
    world.write({f"eager/{name}": text for name, text in EAGER.items()})
    return world


def test_nothing_is_imported_until_it_is_asked_for(weather: World) -> None:
    """Importing the package imports the registry alone; each name then imports what it stands for, once."""
    code = """
        import sys, weather, weather.commands, weather.cli
        print(sorted(name for name in sys.modules if name.partition(".")[0] in ("weather", "deferred_imports")))
        print(weather.Forecast.days, weather.Forecast is weather.model.Forecast, weather.cli.main())
        from weather import charts, Forecast
        print(charts.__name__, weather.commands.Report.__module__)
    """
    assert weather.run(code, runtime=False).splitlines() == [
        "['weather', 'weather._deferred', 'weather.cli', 'weather.commands']",
        "model runs",
        "3 True 3",
        "charts runs",
        "weather.charts weather.commands.report",
    ]


BOTH = [
    "[name for name in dir({0}) if name not in ('__getattr__', '__dir__', '_deferred', 'winreg', 'model')]",
    "sorted(star('{0}'))",
    "{0}.rain()",
    "__import__('{0}.rain', fromlist=['x']).other and {0}.rain()",
    "__import__('{0}.charts').charts.__name__.replace('{0}', '')",
    "pickle.loads(pickle.dumps({0}.Forecast)) is {0}.Forecast",
    "pickle.loads(pickle.dumps({0}.Forecast())).days",
    "copy.deepcopy([{0}.Forecast, {0}.rain]) == [{0}.Forecast, {0}.rain]",
    "patched('{0}.Forecast')",
    "patched('{0}.rain')",
    "patched('{0}.rain', autospec=True)",
    "patched('{0}.commands.Report')",
    "cli('{0}')",
    "failing('from {0} import nothing')",
    "failing('{0}.nothing')",
    "hasattr({0}, 'nothing')",
    "importlib.reload({0}) is {0} and {0}.Forecast.days",
    "edited('{0}')",
    "deleted('{0}')",
    "typing.get_type_hints(hinted('{0}'))['x'].__name__",
    "[name for name, _ in inspect.getmembers({0}, inspect.isclass)]",
    "inspect.getmodule({0}.Forecast).__name__.replace('{0}', '')",
    "pkgutil.resolve_name('{0}:Forecast.days')",
    "pydoc.locate('{0}.Forecast').days",
    "sorted(threads('{0}'))",
]
TOOLS = """
import copy, importlib, inspect, pickle, pkgutil, pydoc, sys, threading, typing
from unittest import mock
import weather, eager, weather.commands, eager.commands, weather.cli, eager.cli

def star(name):
    namespace = {}
    exec(f"from {name} import *", namespace)
    return [name for name in namespace if name not in ("__builtins__", "model", "cli", "commands")]

def patched(target, **how):
    module, _, name = target.rpartition(".")
    with mock.patch(target, **how) as fake:
        inside = getattr(sys.modules[module], name) is fake
    return inside, type(getattr(sys.modules[module], name)).__name__

def cli(name):
    module = sys.modules[f"{name}.cli"]
    with mock.patch(f"{name}.cli.Forecast", days=7):
        inside = module.main()
    module.Forecast = type("Mine", (), {"days": 8})
    return inside, module.main()

def failing(statement):
    try:
        exec(statement, globals())
    except Exception as error:
        return type(error).__name__, str(error).partition("(")[0].replace("eager", "weather")

def edited(name):
    package = sys.modules[name]
    package.Forecast, package.model.Forecast = 1, 2
    importlib.reload(package)
    return package.Forecast

def deleted(name):
    package = sys.modules[name]
    package.Forecast = 5
    return package.Forecast, vars(package)["Forecast"]

def hinted(name):
    def function(x: f"{name}.Forecast"): pass
    return function

def threads(name):
    found = set()
    barrier = threading.Barrier(8)
    def ask():
        barrier.wait()
        found.add(sys.modules[name].Forecast.__name__)
    asking = [threading.Thread(target=ask) for _ in range(8)]
    [one.start() for one in asking]
    [one.join() for one in asking]
    return found
"""


def test_it_is_as_if_it_had_been_imported_at_once(weather: World, subtests: pytest.Subtests) -> None:
    """Whatever is asked of the package, the answer is that of one whose `__init__.py` imports all it offers."""
    lines = [f"    print(repr({expression.format(name)}))" for expression in BOTH for name in ("weather", "eager")]
    each = [f"if fork():\n{line}\n    os._exit(0)" for line in lines]
    fork = """
import os
def fork():
    sys.stdout.flush()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    else:
        sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
    return not child
"""
    if not hasattr(__import__("os"), "fork"):
        pytest.skip("there is no os.fork")
    printed = [line for line in weather.run(TOOLS + fork + "\n".join(each)).splitlines() if not line.endswith(" runs")]
    assert len(printed) == 2 * len(BOTH)
    for index, expression in enumerate(BOTH):
        with subtests.test(expression):
            assert printed[2 * index] == printed[2 * index + 1]


def test_what_it_offers(weather: World) -> None:
    """`dir()`, `__all__` and `import *` have what is exported here, and what the package itself defines."""
    code = """
        import weather
        print({*dir(weather)} >= {"Forecast", "charts", "late", "rain", "version"}, "winreg" in dir(weather))
        print(weather.__all__)
        print("attach" in dir(weather), hasattr(weather, "np"))
        weather.winreg
    """
    done = weather.start(code)  # where 3.15 looks into all that is there for what was meant
    assert done.stdout.splitlines() == ["True False", str(NAMES), "False False"]
    text = "module 'weather' has no attribute 'winreg' here: it is declared for sys_platform == 'win32'"
    assert done.stderr.splitlines()[-1] == f"AttributeError: {text}"


LOOKS = [
    "dir(weather)",
    "repr(weather)",
    "hasattr(weather, 'nothing')",
    "weather.__all__",
    "inspect.stack()",
    "inspect.getsource(weather)",
    "inspect.getattr_static(weather, 'Forecast', None)",
    "rlcompleter.Completer(globals()).attr_matches('weather.F')",
]


@pytest.mark.parametrize("look", LOOKS)
def test_who_only_looks_loads_nothing(weather: World, look: str) -> None:
    """Looking at a package with exports, or completing its names at the prompt, imports none of them."""
    code = f"""
        import inspect, rlcompleter, weather
        {look}
    """
    assert weather.run(code) == ""


def test_a_function_comes_before_its_module(weather: World) -> None:
    """By one name, the function wins, however the submodule is imported first: scientific-python/lazy-loader#171."""
    ways = [
        "import weather.rain",
        "from weather.rain import other",
        "from weather import rain",
        "import weather; weather.rain",
        "import importlib; importlib.import_module('weather.rain')",
        "import deferred_imports; import weather; deferred_imports.resolve_now('weather')",
    ]
    for way in ways:
        code = f"{way}\nimport sys, weather\nprint(weather.rain(), sys.modules['weather.rain'].other is not None)"
        assert weather.run(code).splitlines()[-1] == "rain True", way


def test_a_function_comes_before_its_module_that_came_first(weather: World) -> None:
    """Also when the package itself imports that submodule before it attaches, and when a module replaces the name."""
    init = weather.path / "weather" / "__init__.py"
    init.write_text(f"from .rain import other\n{init.read_text('utf-8')}", encoding="utf-8")
    code = """
        import sys, types, weather
        print(weather.rain())
        weather.rain = types.ModuleType("x")
        print(weather.rain)
    """
    assert weather.run(code).splitlines() == ["rain", "<module 'x'>"]


def test_the_application_resolves_and_lists_exports(weather: World) -> None:
    """`resolve_now`, groups, `find_missing` and `iter_deferred_imports` cover them, and bind them in the package."""
    code = """
        import weather
        from deferred_imports import find_missing, iter_deferred_imports, resolve_now
        print([(entry.name, entry.state) for entry in iter_deferred_imports("weather")])
        print([one.entry.name for one in resolve_now("weather", group="late").resolved], "late" in vars(weather))
        found = resolve_now("weather").resolved
        print(sorted(one.entry.name for one in found), {"Forecast", "rain"} <= {*vars(weather)})
        print(resolve_now("weather").resolved, find_missing("weather"), weather.rain())
    """
    listed = [".Forecast", ".charts", ".cli.Forecast", ".commands.Report", ".late", ".rain", ".winreg"]
    states = [(name, "excluded" if name == ".winreg" else "pending") for name in listed]
    assert weather.run(code).splitlines() == [
        str(states),
        "['.late'] True",
        "model runs",
        "charts runs",
        "['.Forecast', '.charts', '.cli.Forecast', '.commands.Report', '.rain'] True",
        "[] () rain",
    ]


@pytest.mark.parametrize("how", ["variable", "call", "call before"])
def test_eager(weather: World, how: str) -> None:
    """Eager, all that the package exports has been imported and bound by the time that its import returns."""
    calls = {
        "call": ("", "force_eager('weather')"),
        "call before": ("force_eager('weather')", ""),
        "variable": ("", ""),
    }
    before, after = calls[how]
    code = f"""
        from deferred_imports import force_eager
        {before}
        import weather
        {after}
        print(sorted({{*vars(weather)}} & {{"Forecast", "charts", "late", "rain"}}), weather.rain())
    """
    env = {"PYDEFER_EAGER": "1"} if how == "variable" else {}
    assert weather.run(code, env=env).splitlines() == [
        "model runs",
        "charts runs",
        "['Forecast', 'charts', 'late', 'rain'] rain",
    ]


def test_a_name_that_was_replaced_stays_so(weather: World) -> None:
    """What somebody has put in the place of an export, a mock say, is not overwritten by resolving."""
    code = """
        from unittest import mock
        import weather
        from deferred_imports import resolve_now
        weather.Forecast = 1
        resolve_now("weather")
        print(weather.Forecast)
        with mock.patch("weather.charts", 2):
            print(weather.charts)
        print(weather.charts.__name__)
    """
    assert weather.run(code).splitlines()[-3:] == ["1", "2", "weather.charts"]


def test_a_module_that_fails(weather: World) -> None:
    """A module that fails inside keeps its own error, one that is missing is told by the registry; cured, it works."""
    model = weather.path / "weather" / "model.py"
    text = model.read_text("utf-8")
    code = f"""
        import importlib, pathlib, weather
        model, text = pathlib.Path({str(model)!r}), {text!r}
        for broken in ("import nowhere\\n", "1 / 0\\n", None):
            model.unlink() if broken is None else model.write_text(broken)
            importlib.invalidate_caches()
            try:
                weather.Forecast
            except Exception as error:
                print(type(error).__name__, error)
        model.write_text(text)
        importlib.invalidate_caches()
        print(weather.Forecast.days)
    """
    assert weather.run(code, env={"PYTHONDONTWRITEBYTECODE": "1"}).splitlines() == [
        "ModuleNotFoundError No module named 'nowhere'",
        "ZeroDivisionError division by zero",
        (
            "ModuleNotFoundError weather needs weather.model for '.Forecast' (declared in [tool.deferred-imports]): "
            "it is part of weather itself; install weather again"
        ),
        "model runs",
        "3",
    ]


def test_native_lazy_imports_are_those_of_names(world: World) -> None:
    """`__lazy_modules__` has what the names of the registry stand for; what is exported is no import of a module."""
    table = 'imports.colors = "colorsys"\nimports.dom = "xml.dom:Node"\nimports.m = ".model"\n'
    world.package(f'{table}exports.late = "json"', {"__init__.py": TWO_LINES, "model.py": ""})
    code = """
        import weather
        from weather._deferred import __lazy_modules__
        from weather import _deferred
        print(sorted(__lazy_modules__), {"colors", "dom", "m"} <= {*dir(_deferred)}, ".late" in dir(_deferred))
    """
    assert world.run(code) == "['colorsys', 'weather.model', 'xml.dom'] True False"


def test_reset(weather: World) -> None:
    """`testing.reset()` makes exports pending again, also where all were resolved, and where a mock has stayed."""
    code = """
        import sys, weather
        from deferred_imports import resolve_now
        from deferred_imports.testing import reset
        resolve_now("weather")
        reset("weather")
        print("Forecast" in vars(weather), weather.Forecast.days)
        weather.Forecast = "a mock"
        reset()
        sys.modules["weather.model"].Forecast = "another"
        print(resolve_now("weather").broken, weather.Forecast)
    """
    assert weather.run(code).splitlines()[-2:] == ["False 3", "[] another"]


def test_traced(weather: World) -> None:
    """`PYDEFER_TRACE` tells of an export as of any other name, with the line that asked for it."""
    done = weather.start("import weather\nweather.Forecast\n", env={"PYDEFER_TRACE": "1"})
    (line,) = done.stderr.splitlines()
    assert line.startswith("deferred-imports: weather: .Forecast = weather.model:Forecast, ")
    assert line.endswith(" ms, <string>:2")


def test_a_module_that_is_run(weather: World) -> None:
    """A module with exports can be run by `python -m`, where its name is `__main__`."""
    cli = weather.path / "weather" / "cli.py"
    cli.write_text(f"{cli.read_text('utf-8')}\n\nif __name__ == '__main__':\n    print(__getattr__('Forecast').days)\n")
    env = clean_env(weather.path)
    done = run([sys.executable, "-m", "weather.cli"], env={**env, "PYTHONPATH": str(weather.path)}, cwd=weather.path)
    assert done.stdout.splitlines() == ["model runs", "3"]


def test_in_a_circle(world: World) -> None:
    """Modules that take from their package what it exports work, in whichever order they are imported."""
    table = '[tool.deferred-imports.exports]\n".one" = ["One"]\n".two" = ["Two"]\n'
    files = {
        "__init__.py": TWO_LINES,
        "one.py": "import weather\n\n\nclass One:\n    def other(self):\n        return weather.Two()\n",
        "two.py": "from weather import One\n\n\nclass Two(One):\n    pass\n",
    }
    world.package(table, files)
    for first in ("Two", "One"):
        assert world.run(f"import weather; print(type(weather.{first}().other()).__name__)") == "Two"
    assert world.run("import weather; print(weather.One)", env={"PYDEFER_EAGER": "1"}) == "<class 'weather.one.One'>"


@pytest.mark.parametrize("minor", range(8, 16))
def test_on_every_python(weather: World, minor: int) -> None:
    """What is exported works on all Pythons from 3.8 on, without our distribution."""
    python = shutil.which(f"python3.{minor}")
    env = clean_env(weather.path)
    if python is None or run([python, "-c", ""], env=env, cwd=weather.path, check=False).returncode:
        pytest.skip(f"there is no python3.{minor}")
    code = """
import weather, weather.rain, weather.cli
from weather import *
from weather.commands import Report
print(Forecast.days, charts.__name__, weather.rain(), weather.cli.main(), Report.__name__, weather.__all__)
"""
    done = run([python, "-c", code], env=env, cwd=weather.path)
    assert done.stdout.splitlines()[-1] == f"3 weather.charts rain 3 Report {NAMES}"


def test_renamed(weather: World) -> None:
    """A package that was renamed, or vendored into another one, exports the same."""
    (weather.path / "app").mkdir()
    (weather.path / "app" / "__init__.py").touch()
    shutil.move(weather.path / "weather", weather.path / "app" / "climate")
    code = "import app.climate; print(app.climate.Forecast.days, app.climate.rain(), app.climate.__all__)"
    assert weather.run(code).splitlines() == ["model runs", "charts runs", f"3 rain {NAMES}"][::2]


# What type checkers and editors see


def test_mypy_sees_what_the_package_exports(weather: World, home: Path) -> None:
    """Under --strict each name has its type; what is not exported is an error, also the registry's own names."""
    pytest.importorskip("mypy")
    text = render_registry(
        f'imports.dom = "xml.dom.minidom"\n{TABLE}',
        {f"weather.{Path(name).with_suffix('')}".replace("/", "."): False for name in MODULES}
        | {"weather": True, "weather.commands": True},
    )
    (weather.path / "weather" / "_deferred.py").write_text(text, encoding="utf-8")
    (weather.path / "weather" / "rain.py").write_text("def rain() -> str:\n    return ''\n", encoding="utf-8")
    uses = {
        "weather.Forecast().days": "int",
        "weather.rain()": "str",
        "weather.charts": "types.ModuleType",
        "weather.dom": "UNKNOWN",
        "weather.nothing": "UNKNOWN",
        "_deferred.dom": "types.ModuleType",
        "Forecast": "def () -> weather.model.Forecast",
    }
    lines = ["import weather", "from weather import *", "from weather import _deferred"]
    (weather.path / "use.py").write_text("\n".join([*lines, *(f"reveal_type({use})" for use in uses)]), "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-version=3.11", "use.py"]
    command += ["weather/__init__.py", "--allow-untyped-defs", "--cache-dir=/dev/null"]
    done = run(command, env=clean_env(home), cwd=weather.path, check=False)
    found: dict[str, str] = {}
    for line in done.stdout.splitlines():
        place, _, said = line.partition(": ")
        if place.startswith("use.py:"):
            use = [*uses][int(place.split(":")[1]) - 4]
            found.setdefault(use, said.partition('"')[2].rpartition('"')[0] if "Revealed" in said else "UNKNOWN")
    assert found == uses, done.stdout
    assert "weather/" not in done.stdout
