"""Eager means loaded by the time `import weather` returns: whatever imports what, in which order and from where."""

import compileall
import shutil
import zipfile
from pathlib import Path

import pytest

from worlds import Golden, World

EAGER = {"PYDEFER_EAGER": "1"}


def test_not_at_the_declaration_but_before_the_import_returns(world: World) -> None:
    """The registry's own import loads nothing: that happens when the whole package has been executed."""
    world.write({"heavy.py": "import weather\nprint('heavy finds', weather.last)"})
    world.package(
        'imports.heavy = "heavy"',
        {"__init__.py": "from weather import _deferred\nimport sys\nprint('heavy' in sys.modules)\nlast = 1\n"},
    )
    code = "import weather; print('heavy' in vars(weather._deferred))"
    assert world.run(code, env=EAGER).splitlines() == ["False", "heavy finds 1", "True"]


# A package that works deferred: its deferred modules import all of it, in every form.
CYCLE = {
    "__init__.py": "from weather import _deferred\nfrom .cli import main\nVERSION = '1.0'\n",
    "__main__.py": "from weather.cli import main\nmain()\n",
    "cli.py": "from . import _deferred\ndef main(): print('main', _deferred.core.VERSION, _deferred.plot.plot())\n",
    "core.py": "import weather.cli\nfrom weather import VERSION, _deferred, cli\nweather.cli.main is cli.main\n",
    "plot.py": "from .core import VERSION\nfrom weather.cli import main\nprint('plot')\ndef plot(): return VERSION\n",
}


@pytest.mark.parametrize(
    "code",
    [
        "import weather; print('imported'); weather.main()",
        "import weather.cli; print('imported'); weather.cli.main()",
        "from weather.core import VERSION; import weather; print('imported'); weather.main()",
        "from weather import _deferred; import weather; print('imported'); weather.main()",
    ],
)
def test_a_package_that_works_deferred_works_eager(world: World, code: str) -> None:
    """Deferred modules that import their own package do so when it is complete, whatever is imported first."""
    world.package('imports.core = ".core"\nimports.plot = ".plot"', CYCLE)
    assert world.run(code).splitlines() == ["imported", "plot", "main 1.0 1.0"]
    assert world.run(code, env=EAGER).splitlines() == ["plot", "imported", "main 1.0 1.0"]


def test_a_package_that_is_run_is_eager(world: World) -> None:
    """`python -m weather` resolves before it runs."""
    world.package('imports.core = ".core"\nimports.plot = ".plot"', CYCLE)
    assert world.run("", flags=["-m", "weather"], env=EAGER).splitlines() == ["plot", "main 1.0 1.0"]


def test_a_registry_that_only_a_submodule_imports(world: World) -> None:
    """It is resolved when that submodule has been imported, and finds it in its package as any later import would."""
    cli = "from . import _deferred\ndef main(): return _deferred.core\n"
    world.package('imports.core = ".core"', {"cli.py": cli, "core.py": "import weather.cli\nprint(weather.cli.main)"})
    code = "import weather; print('weather'); import weather.cli; print(weather.cli.main().__name__)"
    lines = world.run(code, env=EAGER).splitlines()
    assert [line.partition(" at ")[0] for line in lines] == ["weather", "<function main", "weather.core"]


def test_a_registry_that_only_a_function_imports(world: World) -> None:
    """It is resolved at once: nothing of the package is being imported any more."""
    init = "def use():\n    from . import _deferred\n"
    world.package('imports.core = ".core"', {"core.py": "print('core')", "__init__.py": init})
    code = "import weather; print('weather'); weather.use(); print('used')"
    assert world.run(code, env=EAGER).splitlines() == ["weather", "core", "used"]


def test_a_registry_that_is_reloaded_is_eager(world: World) -> None:
    """`importlib.reload` of a registry resolves what has been added to it meanwhile."""
    world.package('imports.js = "json"', {"__init__.py": "from . import _deferred"})
    code = """
        import importlib, sys, weather
        from pathlib import Path
        file = Path(weather._deferred.__file__)
        file.write_text(file.read_text().replace("js json", "js json\\n    cs csv"))
        importlib.reload(weather._deferred)
        print("cs" in vars(weather._deferred))
    """
    assert world.run(code, env=EAGER | {"PYTHONDONTWRITEBYTECODE": "1"}) == "True"


def test_packages_within_packages_wait_for_the_outermost(world: World) -> None:
    """A registry of a subpackage is resolved when the whole package has been imported, unless its name is excluded."""
    world.write({"heavy.py": "import weather\nprint('heavy', weather.last)", "light.py": "print('light')"})
    init = "from weather.plugins import _deferred"
    world.package('imports.heavy = "heavy"', {"__init__.py": init}, package="weather.plugins")
    init = "import weather.plugins\nfrom weather import _deferred\nlast = 1\n"
    world.package('imports.light = "light"', {"__init__.py": init})
    for value, lines in {
        "1": ["heavy 1", "light"],
        "weather": ["heavy 1", "light"],
        "weather,-weather.plugins": ["light"],
        "weather.plugins": ["heavy 1"],
    }.items():
        for statement in ("import weather", "import weather.plugins"):
            assert world.run(statement, env={"PYDEFER_EAGER": value}).splitlines() == lines


def test_a_registry_that_turns_up_while_resolving_is_resolved(world: World) -> None:
    """A deferred module may be a package with a registry of its own, even in the same package; that is eager, too."""
    world.write({"heavy.py": "print('heavy')", "light.py": "print('light')"})
    world.package('imports.heavy = "heavy"', {"__init__.py": "from other import _deferred"}, package="other")
    world.package(
        'imports.light = "light"', {"__init__.py": "from weather.sub import _deferred"}, package="weather.sub"
    )
    world.package(
        'imports.other = "other"\nimports.sub = ".sub"',
        {"__init__.py": "from weather import _deferred", "sub/__init__.py": "from weather.sub import _deferred"},
    )
    assert world.run("import weather; print('done')", env=EAGER).splitlines() == ["heavy", "light", "done"]


def test_missing_modules_fail_the_import_all_listed(world: World, golden: Golden) -> None:
    """The import of the package fails with one error for all that is required, and nothing of it counts as imported."""
    world.write({"heavy.py": "", "broken.py": "raise OSError('no licence')"})
    world.package(
        """
        [tool.deferred-imports.imports]
        first = "nonsuch"
        heavy = "heavy"
        broken = "broken"
        required = { module = "nonsuch.plot", extra = "plot", optional = false }
        optional = { module = "nonsuch.table", extra = "plot" }
        """,
        {"__init__.py": "from weather import _deferred\n"},
        project='dependencies = ["heavy", "nonsuch", "broken"]\noptional-dependencies.plot = ["nonsuch"]',
    )
    code = """
        import sys
        for _ in range(2):
            try:
                import weather
            except ImportError as error:
                print(f"{type(error).__name__}: {error}")
            print(sorted(name for name in sys.modules if name in ("weather", "weather._deferred", "heavy")))
    """
    golden("eager-missing", world.run(code, env=EAGER))


@pytest.mark.parametrize(
    ("importer", "statement"),
    [
        ("__init__", "import weather"),
        ("__init__", "import weather.cli"),
        ("cli", "import weather.cli"),
        ("sub.mod", "from weather.sub import mod"),
        ("nobody", "from weather import _deferred"),
    ],
)
def test_the_import_that_follows_a_cure_is_eager_again(world: World, importer: str, statement: str) -> None:
    """Once what was missing is there, the next import of the package works and loads everything."""
    modules = {"__init__": "", "cli": "", "core": "", "sub.__init__": "", "sub.mod": ""}
    modules[importer] = "from weather import _deferred"
    files = {f"{name.replace('.', '/')}.py": text for name, text in modules.items()}
    world.package('imports.gone = "gone"\nimports.core = ".core"', files)
    code = f"""
        import importlib, pathlib, sys
        for _ in range(3):
            try:
                {statement}
            except ImportError as error:
                print(type(error).__name__)
        pathlib.Path("gone.py").write_text("")
        importlib.invalidate_caches()
        {statement}
        print("gone" in sys.modules)
        from weather import _deferred
        print("gone" in vars(_deferred), sys.modules["weather._deferred"] is _deferred)
    """
    assert world.run(code, env=EAGER).splitlines() == [*["DeferredImportError"] * 3, "True", "True True"]


def test_an_import_that_fails_for_reasons_of_its_own_keeps_its_error(world: World) -> None:
    """What the package raises itself gets through, nothing is resolved, and the next import starts anew."""
    world.package(
        'imports.core = ".core"',
        {
            "__init__.py": "from weather import _deferred\nimport os\nif 'FAIL' in os.environ: raise OSError('disk')\n",
            "core.py": "print('core')",
        },
    )
    code = """
        import os, sys
        try:
            import weather
        except OSError as error:
            print(error, error.__cause__, error.__context__)
        print("weather" in sys.modules, "weather._deferred" in sys.modules)
        del os.environ["FAIL"]
        import weather
        print("core" in vars(weather._deferred))
    """
    lines = ["disk None None", "False False", "core", "True"]
    assert world.run(code, env=EAGER | {"FAIL": "1"}).splitlines() == lines


def test_interrupted_while_resolving_the_next_import_starts_anew(world: World) -> None:
    """KeyboardInterrupt gets through at once; the next import of the package is eager again."""
    world.write({"heavy.py": "import os\nif os.environ.pop('FAIL', ''): raise KeyboardInterrupt\nprint('heavy')"})
    world.package('imports.heavy = "heavy"', {"__init__.py": "from weather import _deferred\n"})
    code = """
        try:
            import weather
        except KeyboardInterrupt:
            print("interrupted")
        import weather
    """
    assert world.run(code, env=EAGER | {"FAIL": "1"}).splitlines() == ["interrupted", "heavy"]


def test_a_deferred_module_may_need_a_package_further_out(world: World) -> None:
    """What finds another package half imported is tried again when that is complete, instead of failing."""
    world.write(
        {
            "outer/__init__.py": "import weather\nprint('weather imported')\nfrom outer import late\nLAST = 1\n",
            "outer/late.py": "",
            "by_name.py": "from outer import LAST\nprint('by name')",
            "by_attribute.py": "import outer\nouter.LAST\nprint('by attribute')",
            "by_module.py": "import outer\nouter.late.__name__\nprint('by module')",
            "at_once.py": "import outer.late\nprint('at once')",
            "wrapped.py": "import by_name_too",
            "by_name_too.py": """
                try:
                    from outer import LAST
                except ImportError as error:
                    raise RuntimeError("needs LAST") from error
                print("wrapped")
            """,
        }
    )
    world.package(
        """
        imports.LAST = "outer:LAST"
        imports.at_once = { module = "at_once", optional = true }
        imports.by_attribute = "by_attribute"
        imports.by_module = "by_module"
        imports.by_name = "by_name"
        imports.wrapped = "wrapped"
        """,
        {"__init__.py": "from weather import _deferred"},
    )
    code = "import outer; print('LAST' in vars(outer.weather._deferred))"
    lines = world.run(code, env=EAGER).splitlines()
    assert lines == ["at once", "by module", "weather imported", "by attribute", "by name", "wrapped", "True"]


def test_what_fails_when_all_is_complete_fails_the_outermost_import(world: World) -> None:
    """A second try that fails, too, is an error of the import that was waited for, and all of it starts anew."""
    world.write({"outer.py": "import weather\nprint('outer')", "early.py": "import outer\nouter.nonsuch\n"})
    world.package('imports.early = "early"', {"__init__.py": "from weather import _deferred"})
    code = """
        import sys
        for _ in range(2):
            try:
                import outer
            except ImportError as error:
                print(error)
            print({"outer", "weather", "weather._deferred", "early"} & {*sys.modules})
    """
    lines = [
        "outer",
        "1 deferred import failed:",
        "  weather: early = early: AttributeError: module 'outer' has no attribute 'nonsuch'",
        "set()",
    ]
    assert world.run(code, env=EAGER).splitlines() == lines * 2


def test_what_is_missing_fails_at_once_whatever_else_waits(world: World) -> None:
    """Only what a half imported package explains is tried again; the rest fails the import of its own package."""
    world.write(
        {
            "outer.py": "try:\n    import weather\nexcept ImportError as error:\n    print(error)\nLAST = 1\n",
            "early.py": "import outer\nouter.LAST\n",
        }
    )
    world.package('imports.early = "early"\nimports.gone = "gone"', {"__init__.py": "from weather import _deferred"})
    code = "import outer, sys; print('weather' in sys.modules)"
    assert world.run(code, env=EAGER).splitlines() == [
        "1 deferred import failed:",
        "  weather needs gone for 'gone' (declared in [tool.deferred-imports]): pip install gone",
        "False",
    ]


def test_every_thread_that_imports_the_package_waits_until_it_is_loaded(world: World) -> None:
    """Threads that import an eager package at once all go on when everything is there, and each body runs once."""
    slow = "import time\ntime.sleep(0.05)\nprint('{0}')\ntime.sleep(0.05)\ndone = True\n"
    world.write({"heavy.py": slow.format("heavy"), "light.py": slow.format("light")})
    world.package(
        'imports.heavy = "heavy"\nimports.light = "light"\nimports.core = ".core"',
        {"__init__.py": "from weather import _deferred", "cli.py": "", "core.py": "import weather.cli\n"},
    )
    code = """
        import sys, threading
        sys.setswitchinterval(1e-6)
        seen, errors, start = [], [], threading.Barrier(12)
        def work(statement):
            try:
                start.wait()
                exec(statement)
                seen.append(hasattr(sys.modules.get("heavy"), "done") and hasattr(sys.modules.get("light"), "done"))
            except BaseException as error:
                errors.append(error)
        statements = ["import weather", "import weather.cli", "from weather import _deferred"] * 4
        threads = [threading.Thread(target=work, args=(statement,)) for statement in statements]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(seen.count(True), len(seen), errors)
    """
    for _ in range(3):
        assert world.run(code, env=EAGER).splitlines() == ["heavy", "light", "12 12 []"]


def test_threads_that_cross_each_other_do_not_fail(world: World) -> None:
    """One thread imports the package, another a deferred module that imports the package: nobody fails."""
    world.write(
        {"heavy.py": "import time\ntime.sleep(0.05)\nimport weather\nimport weather.cli\ntime.sleep(0.05)\ndone = True"}
    )
    init = "import time\ntime.sleep(0.05)\nfrom weather import _deferred\n"
    world.package('imports.heavy = "heavy"\nimports.done = "heavy:done"', {"__init__.py": init, "cli.py": ""})
    code = """
        import threading
        errors, start = [], threading.Barrier(2)
        def work(statement):
            try:
                start.wait()
                exec(statement)
            except BaseException as error:
                errors.append(error)
        threads = [threading.Thread(target=work, args=(f"import {name}",)) for name in ("weather", "heavy")]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        import weather
        print(errors, weather._deferred.heavy.done, weather._deferred.done)
    """
    for _ in range(3):
        assert world.run(code, env=EAGER) == "[] True True"


def test_what_another_thread_is_importing_stays_pending(world: World) -> None:
    """Where waiting for each other would never end, the package goes without, for then; using it works as ever."""
    world.write(
        {
            "sync.py": "import threading\nin_pkg, in_weather = threading.Event(), threading.Event()\n",
            "pkg/__init__.py": "import sync\nsync.in_pkg.set()\nsync.in_weather.wait(100)\nimport weather\n",
            "pkg/sub.py": "done = True\n",
            "first.py": "import time\ntime.sleep(0.2)\n",
        }
    )
    init = "from weather import _deferred\nimport sync\nsync.in_pkg.wait(100)\nsync.in_weather.set()\n"
    world.package('imports.first = "first"\nimports.sub = "pkg.sub"', {"__init__.py": init})
    code = """
        import threading
        errors = []
        def work(statement):
            try:
                exec(statement)
            except BaseException as error:
                errors.append(error)
        threads = [threading.Thread(target=work, args=(f"import {name}",)) for name in ("weather", "pkg.sub")]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        import weather
        print(errors, weather._deferred.first.__name__, weather._deferred.sub.done)
    """
    assert world.run(code, env=EAGER) == "[] first True"


def compiled(world: World) -> Path:
    compileall.compile_dir(world.path, quiet=2, legacy=True)
    for file in world.path.rglob("*.py"):
        file.unlink()
    return world.path


def zipped(world: World) -> Path:
    archive = world.path.parent / "world.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for file in world.path.rglob("*.py"):
            target.write(file, file.relative_to(world.path))
    shutil.rmtree(world.path)
    world.path.mkdir()
    return archive


@pytest.mark.parametrize("pack", [compiled, zipped])
def test_compiled_and_zipped_packages_are_eager(world: World, pack: type) -> None:
    """It makes no difference whether a package comes as sources, as .pyc files alone, or from a zip file."""
    world.package('imports.core = ".core"\nimports.plot = ".plot"', CYCLE)
    place = pack(world)
    code = "import weather; print('imported'); weather.main()"
    assert world.run(code, path=[place], env=EAGER).splitlines() == ["plot", "imported", "main 1.0 1.0"]


def test_packages_from_other_loaders_are_eager(world: World) -> None:
    """A finder may bring specs and loaders of its own."""
    world.package('imports.core = ".core"\nimports.plot = ".plot"', CYCLE)
    code = """
        import sys
        from importlib.machinery import ModuleSpec, PathFinder
        class Spec(ModuleSpec): pass
        class Finder:
            def find_spec(self, name, path=None, target=None):
                spec = PathFinder.find_spec(name, path, target)
                if spec is not None and name.startswith("weather"):
                    spec.__class__ = Spec
                    return spec
        sys.meta_path.insert(0, Finder())
        import weather
        print("imported", type(weather.__spec__) is Spec, weather.__spec__._initializing)
        weather.main()
    """
    assert world.run(code, env=EAGER).splitlines() == ["plot", "imported True False", "main 1.0 1.0"]


@pytest.mark.parametrize(
    "load",
    [
        "spec.loader.exec_module(module)",
        "importlib.util.LazyLoader(spec.loader).exec_module(module); module.VALUE",
    ],
    ids=["exec_module", "LazyLoader"],
)
def test_a_package_that_is_loaded_without_an_import_statement(world: World, load: str) -> None:
    """What needs the package whole stays deferred, for nothing tells when it is; the rest is resolved."""
    world.write({"heavy.py": ""})
    world.package(
        'imports = { heavy = "heavy", own = ".own" }',
        {"__init__.py": "from . import _deferred as _deferred\nVALUE = 1\n", "own.py": "from plug import VALUE\n"},
        package="plug",
    )
    code = f"""
        import importlib.util, sys
        spec = importlib.util.spec_from_file_location("plug", "plug/__init__.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules["plug"] = module
        {load}
        print("heavy" in vars(module._deferred), module._deferred.own.VALUE)
    """
    assert world.run(code, env=EAGER) == "True 1"
