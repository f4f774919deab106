"""The odd worlds that programs live in: nothing of them disturbs registries or the runtime."""

import compileall
import shutil
import zipfile

import pytest

from worlds import KEEPS_GETATTR, World

# What each of the worlds must be able to do with a package `weather` of one module and one thing that is missing.
EVERYTHING = """
import sys
from deferred_imports import find_missing, iter_deferred_imports, resolve_now
print(*(entry.name for entry in (*iter_deferred_imports("weather"), *find_missing("weather"))))
import weather._deferred as d
print("weather.core" in sys.modules, d.core.size, d.Size.__module__)
print(*(item.entry.name for item in resolve_now(on_error="report").missing))
"""
PRINTED = ["Size core gone gone", "False 3 weather.core", "gone"]
TABLE = 'imports.Size = ".core:Size"\nimports.core = ".core"\nimports.gone = { module = "nonsuch", optional = true }'
MODULES = {"core.py": "size = 3\nclass Size: pass\n"}


def test_the_current_directory_changes_in_between(world: World) -> None:
    """What was declared before `os.chdir` is found after it, from relative paths, and where one is then."""
    world.write({"sub/heavy.py": "", "other/.keep": "", "top.py": ""})
    world.package(TABLE + '\nimports.heavy = "heavy"\nimports.top = "top"', MODULES)
    code = """
        import os, sys
        sys.path[:] = ["", *(path for path in sys.path if os.path.realpath(path) != os.getcwd())]
        import weather._deferred as d
        os.chdir("sub")
        from deferred_imports import find_missing, resolve_now
        print(*(entry.name for entry in find_missing("weather")))
        print(d.core.size, d.heavy.__name__)
        os.chdir("../other")
        print(*(item.entry.name for item in resolve_now(on_error="report").resolved))
        os.chdir("..")
        print(d.top.__name__)
    """
    assert world.run(code).splitlines() == ["gone top", "3 heavy", "", "top"]


def test_modules_may_replace_themselves(world: World) -> None:
    """What a module puts into `sys.modules` in its own place is what a name stands for, be it a module or not."""
    replace = "import sys\nclass Facade:\n    size = 5\n    def __call__(self): return 'called'\n"
    world.write(
        {
            "facade.py": replace + "sys.modules[__name__] = Facade()\n",
            "other.py": "import sys, json\nsys.modules[__name__] = json\n",
            "vanish.py": "import sys\ndel sys.modules[__name__]\n",
        }
    )
    world.package(
        """
        imports.facade = "facade"
        imports.size = "facade:size"
        imports.other = "other"
        imports.vanish = { module = "vanish", optional = true }
        """,
        {"__init__.py": "import sys\nfrom weather import _deferred\nsys.modules[__name__] = _deferred\n"},
    )
    code = """
        import sys, weather
        from deferred_imports import find_missing, iter_deferred_imports, resolve_now
        print("facade" in sys.modules)
        report = resolve_now("weather", on_error="report")
        print(*(item.entry.name for item in report.broken), find_missing())
        print(weather.facade(), weather.size, weather.other.__name__)
        print(*(entry.state for entry in iter_deferred_imports()))
    """
    lines = ["vanish ()", "called 5 json", "resolved resolved resolved failed"]
    assert world.run(code).splitlines() == ["False", *lines]
    assert world.run(code, env={"PYDEFER_EAGER": "1"}).splitlines() == ["True", *lines]


def test_namespace_packages(world: World) -> None:
    """A package may be in a namespace, be one itself, and defer parts of one that lie in several places."""
    world.write({"one/space/first.py": "", "two/space/second.py": "", "two/space/deep/third.py": ""})
    world.package(
        """
        imports.core = ".core"
        imports.first = "space.first"
        imports.second = "space.second"
        imports.space = "space"
        imports.third = "space.deep.third"
        """,
        {"core.py": ""},
        package="acme.weather",
    )
    (world.path / "acme" / "weather" / "__init__.py").unlink()
    code = """
        from deferred_imports import find_missing, iter_deferred_imports, resolve_now
        print(find_missing("acme.weather"))
        print(*(item.entry.name for item in resolve_now("acme.weather").resolved))
        import acme.weather._deferred
        print(*(entry.name for entry in iter_deferred_imports("acme")), acme.weather._deferred.core.__name__)
    """
    path = [world.path, world.path / "one", world.path / "two"]
    lines = ["()", "space first second core third", "core first second space third acme.weather.core"]
    assert world.run(code, path=path).splitlines() == lines


@pytest.mark.parametrize("pack", ["compiled", "zipped", "zipped and compiled"])
def test_without_source_files(world: World, pack: str) -> None:
    """It makes no difference whether a package comes from a zip file, or without its sources."""
    world.package(TABLE, MODULES)
    if "compiled" in pack:
        compileall.compile_dir(world.path, quiet=2, legacy=True)
        for file in world.path.rglob("*.py"):
            file.unlink()
    if "zipped" not in pack:
        assert world.run(EVERYTHING).splitlines() == PRINTED
        return
    archive = world.path.parent / "world.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for file in world.path.rglob("*.py*"):
            target.write(file, file.relative_to(world.path))
    shutil.rmtree(world.path / "weather")
    assert world.run(EVERYTHING, path=[archive]).splitlines() == PRINTED


def test_reloading(world: World) -> None:
    """`importlib.reload` of a package, its registry and a deferred module leaves all of them in working order.

    What had been taken from the module before stays the old one, as after any `from module import name`.
    """
    world.package(
        TABLE, {**MODULES, "__init__.py": "from weather import _deferred\ndef use(): return _deferred.core\n"}
    )
    code = """
        import importlib, weather
        from deferred_imports import iter_deferred_imports, resolve_now
        registry, core = weather._deferred, weather.use()
        old = core.Size
        importlib.reload(weather), importlib.reload(registry), importlib.reload(core)
        print(weather._deferred is registry, weather.use() is core, registry.core is core)
        print(*(entry.state for entry in iter_deferred_imports()))
        resolve_now()
        print(registry.Size is not old)
    """
    assert world.run(code).splitlines() == ["True True True", "resolved resolved pending", "True"]
    lines = world.run(code, env={"PYDEFER_EAGER": "1"}).splitlines()
    assert lines == ["True True True", "resolved resolved failed", "False"]


def test_pickling(world: World) -> None:
    """Objects of classes that were reached through a registry can be pickled, and read where nothing is loaded yet."""
    world.package(TABLE, {"core.py": "class Size:\n    def __repr__(self): return repr('of weather')\n"})
    code = """
        import pickle, subprocess, sys
        from weather import _deferred
        data = pickle.dumps([_deferred.Size(), _deferred.Size, pickle.loads(pickle.dumps(_deferred.Size))])
        read = "import pickle, sys; print(pickle.loads(sys.stdin.buffer.read()))"
        print(subprocess.run([sys.executable, "-c", read], input=data, capture_output=True).stdout.decode().strip())
    """
    assert world.run(code) == "['of weather', <class 'weather.core.Size'>, <class 'weather.core.Size'>]"


def test_subinterpreters(world: World) -> None:
    """Each interpreter of a process has its own registries; what was forced before it started holds in it."""
    world.package(TABLE, {**MODULES, "__init__.py": "from weather import _deferred\n"})
    world.write({"everything.py": EVERYTHING})
    code = """
        import sys
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        import weather
        weather._deferred.core
        from deferred_imports import force_eager
        def run(code):
            new = interpreters.create()
            failure = (interpreters.exec if hasattr(interpreters, "exec") else interpreters.run_string)(new, code)
            if failure is not None:
                print(failure)
            interpreters.destroy(new)
        head = "import sys; sys.path[:0] = " + repr(sys.path) + "; "
        run(head + "import everything; sys.stdout.flush()")
        with force_eager("weather"):
            pass
        force_eager("weather.core")
        run(head + "import weather; print('weather.core' in sys.modules); sys.stdout.flush()")
        force_eager("weather")
        run(head + "import weather; print('weather.core' in sys.modules); sys.stdout.flush()")
    """
    # Nothing can measure coverage in them: what wants to do so from a .pth file says so.
    done = world.start(code, flags=["-W", "ignore"], env={"COVERAGE_PROCESS_CONFIG": "", "COVERAGE_PROCESS_START": ""})
    assert (done.stderr, done.stdout.splitlines()) == ("", [*PRINTED, "False", "True"])


def test_vendored_and_renamed(world: World) -> None:
    """A copy of a package in another one, under another name, is a package of its own, beside the original."""
    world.package(TABLE, {**MODULES, "__init__.py": "from . import _deferred\n"}, uses=".core: gone\n")
    world.write({"app/__init__.py": "", "app/_vendor/__init__.py": ""})
    shutil.copytree(world.path / "weather", world.path / "app" / "_vendor" / "climate")
    code = """
        from deferred_imports import find_missing, iter_deferred_imports, resolve_now
        print(*(entry.package for entry in find_missing("app._vendor.climate")))
        import app._vendor.climate, weather
        print(*(entry.targets[0] for entry in iter_deferred_imports("app")))
        print(*(entry.registry for entry in iter_deferred_imports(importer="app._vendor.climate.core")))
        print(*(item.entry.targets[0] for item in resolve_now("weather", on_error="report").resolved))
        print(app._vendor.climate._deferred.Size is weather._deferred.Size)
    """
    assert world.run(code).splitlines() == [
        "app._vendor.climate",
        "app._vendor.climate.core:Size app._vendor.climate.core nonsuch",
        "app._vendor.climate._deferred",
        "weather.core:Size weather.core",
        "False",
    ]


def test_mocking(world: World) -> None:
    """`mock.patch` replaces a deferred attribute and restores it; `patch.dict` does so without loading it."""
    world.package(
        TABLE, {**MODULES, "__init__.py": "from weather import _deferred\ndef use(): return _deferred.core.size\n"}
    )
    code = """
        import sys, weather
        from types import SimpleNamespace
        from unittest import mock
        fake = SimpleNamespace(size=7)
        with mock.patch.dict(vars(weather._deferred), core=fake, gone=fake):
            print(weather.use(), weather._deferred.gone.size, "weather.core" in sys.modules)
        with mock.patch("weather._deferred.core", fake):
            print(weather.use())
        print(weather.use())
        with mock.patch.object(weather._deferred, "core", fake):
            print(weather.use())
        with mock.patch("weather._deferred.core.size", 9):
            print(weather.use())
        with mock.patch("weather._deferred.Size") as Size:
            print(weather._deferred.Size() is Size.return_value)
        print(weather.use(), weather._deferred.Size.__name__)
        with mock.patch.dict(sys.modules, nonsuch=fake):
            print(weather._deferred.gone.size)
    """
    assert world.run(code).split() == ["7", "7", "False", "7", "3", "7", "9", "True", "3", "Size", "7"]


def test_while_the_interpreter_shuts_down(world: World) -> None:
    """Names resolve in `atexit` functions and in threads that outlive the main one; later they fail as imports do.

    Without a GIL, modules may be taken down before what reads them: then `__getattr__` is None, as any global is.
    """
    world.write({"slow.py": "import time\ntime.sleep(0.1)\n", "late.py": ""})
    world.package(TABLE + '\nimports.slow = "slow"\nimports.late = "late"', MODULES)
    code = """
        import atexit, threading, time
        from weather import _deferred
        class Last:
            def __del__(self, registry=_deferred, errors=(ImportError, AttributeError), none=NONE):
                try:
                    registry.late
                except errors:
                    pass
                except none:
                    assert registry.__getattr__ is None
        last = Last()
        atexit.register(lambda: print("atexit", _deferred.core.size, flush=True))
        def work():
            threading.main_thread().join()
            print("thread", _deferred.slow.__name__, flush=True)
        threading.Thread(target=work).start()
        threading.Thread(target=lambda: time.sleep(9) or _deferred.gone, daemon=True).start()
    """
    code = code.replace("NONE", "TypeError" if KEEPS_GETATTR else "()")
    for env in ({}, {"PYDEFER_TRACE": "0"}):
        assert world.run(code, env=env).splitlines() == ["thread slow", "atexit 3"]


def test_isolated_and_unwritable(world: World) -> None:
    """Nothing is written anywhere: packages work from a place that cannot be written to."""
    world.package(TABLE, MODULES)
    before = sorted(world.path.rglob("*"))
    assert world.run(EVERYTHING, flags=["-B"]).splitlines() == PRINTED
    assert sorted(world.path.rglob("*")) == before


def test_modules_that_are_there_only_once_they_are_imported(world: World) -> None:
    """A module may make others that no finder knows: what cannot be known is not called missing."""
    world.write({"maker.py": "import sys, types\nsys.modules['maker.made'] = types.ModuleType('maker.made')\n"})
    world.package('imports.made = "maker.made"')
    code = """
        from deferred_imports import find_missing, resolve_now
        before = find_missing("weather")
        print(len(before), [entry.name for entry in before.unsure])
        print(len(resolve_now("weather").resolved), find_missing("weather"), find_missing("weather").unsure)
    """
    assert world.run(code).splitlines() == ["0 ['made']", "1 () ()"]
