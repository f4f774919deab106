"""The registry by itself: it imports on first access, tells what is missing, and needs nothing but Python."""

import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from processes import RUNTIME, RunPython
from worlds import KEEPS_GETATTR, Golden, World

# Modules that tell when they are executed, and packages of which one lacks something.
BODIES = {
    "heavy.py": "print('heavy runs')\nclass Thing:\n    size = 3\n",
    "other.py": "print('other runs')\n",
}


@pytest.fixture
def weather(world: World) -> World:
    """A package `weather` that defers two modules which tell when they are executed, and an attribute of one."""
    world.write(BODIES)
    world.package(
        """
        imports.heavy = "heavy"
        imports.other = "other"
        imports.Thing = "heavy:Thing"
        """
    )
    return world


def test_nothing_runs_until_it_is_used(weather: World) -> None:
    """Importing the package and its registry loads nothing that is deferred; an access loads that one module."""
    code = """
        import sys
        import weather._deferred
        print({"heavy", "other"} & {*sys.modules})
        print(weather._deferred.heavy.Thing.size)
        print({"heavy", "other"} & {*sys.modules})
    """
    assert weather.run(code).splitlines() == ["set()", "heavy runs", "3", "{'heavy'}"]


def test_what_has_been_accessed_is_a_plain_global(weather: World) -> None:
    """After the first access a name is an ordinary attribute of the module, and stays the same object."""
    code = """
        from weather import _deferred
        first = _deferred.Thing
        print("Thing" in vars(_deferred), _deferred.Thing is first)
    """
    assert weather.run(code).splitlines() == ["heavy runs", "True True"]


def test_who_comes_too_late_gets_what_is_there(weather: World) -> None:
    """A thread that looked for a name just before another one bound it gets that, and no error."""
    code = """
        from weather import _deferred
        late = vars(_deferred)["__getattr__"]
        _deferred.heavy
        print(late("heavy") is _deferred.heavy)
        _deferred.Thing, _deferred.other
        print(late("Thing") is _deferred.Thing)
    """
    assert weather.run(code).splitlines() == ["heavy runs", "True", "other runs", "True"]


@pytest.mark.skipif(KEEPS_GETATTR, reason="there it makes no read slower, or another thread may just be looking for it")
def test_a_registry_without_pending_names_has_no_getattr(weather: World) -> None:
    """When nothing is pending, accesses cost what those of any module cost: `__getattr__` is gone, and no harm done."""
    code = """
        from weather import _deferred
        _deferred.heavy, _deferred.other
        print("__getattr__" in vars(_deferred))
        _deferred.Thing
        print("__getattr__" in vars(_deferred))
        print({"heavy", "other", "Thing"} <= {*dir(_deferred)}, hasattr(_deferred, "nothing"))
        from weather._deferred import __lazy_modules__
    """
    assert weather.run(code).splitlines()[2:] == ["True", "False", "True False"]


@pytest.mark.parametrize("place", ["src", "python-packages"])
def test_in_a_source_tree_a_registry_keeps_its_getattr(place: str, tmp_path: Path, run_python: RunPython) -> None:
    """There names are deleted and added to the table: even when nothing is pending, an access sees to it."""
    world = World(tmp_path / place, run_python)
    world.write(BODIES)
    world.package('imports.heavy = "heavy"')
    code = """
        from weather import _deferred
        heavy = _deferred.heavy
        del _deferred.heavy
        print(_deferred.heavy is heavy)
        try:
            _deferred.stats
        except AttributeError as error:
            print(error)
    """
    assert world.run(code).splitlines() == [
        "heavy runs",
        "True",
        (
            "module 'weather._deferred' has no attribute 'stats': when this was made, pyproject.toml declared none; "
            'to renew it install again, or run "deferred-imports generate"'
        ),
    ]


@pytest.mark.parametrize("flags", [[], ["-I", "-S"], ["-OO"]], ids=["plainly", "isolated", "without docstrings"])
def test_it_needs_nothing_but_python(weather: World, flags: list[str]) -> None:
    """A package with a registry works where deferred-imports is not installed, however Python was started."""
    code = f"""
        import sys
        sys.path.insert(0, {str(weather.path)!r})
        before = set(sys.modules)
        from weather import _deferred
        print(sorted(set(sys.modules) - before - {{"os", "stat", "posixpath", "ntpath", "genericpath", "os.path",
              "_stat", "_collections_abc", "abc", "_abc", "nt", "errno"}}))
        print(_deferred.Thing.size)
        try:
            import deferred_imports
        except ModuleNotFoundError:
            print("not installed")
    """
    printed = weather.run(code, runtime=False, flags=flags).splitlines()
    assert printed == ["['weather', 'weather._deferred']", "heavy runs", "3", "not installed"]


@pytest.mark.parametrize(
    "look",
    [
        "dir(_deferred)",
        "repr(_deferred)",
        "hasattr(_deferred, 'nothing')",
        "inspect.stack()",
        "inspect.getmodule(inspect.currentframe())",
        "inspect.getsource(_deferred)",
        "inspect.getdoc(_deferred)",
        "inspect.getattr_static(_deferred, 'heavy', None)",
        "inspect.getmembers(weather)",
        "doctest.DocTestFinder().find(weather) + doctest.DocTestFinder().find(_deferred)",
        "pydoc.render_doc(weather)",
        "rlcompleter.Completer(globals()).attr_matches('_deferred.h')",
        "pickle.whichmodule(heavy_like, 'heavy_like')",
        "copy.copy(weather)",
        "importlib.util.find_spec('weather._deferred')",
        "linecache.checkcache()",
    ],
)
def test_who_only_looks_loads_nothing(weather: World, look: str) -> None:
    """Looking at a registry, or at a package with one, loads nothing; what asks for every value of course does."""
    code = f"""
        import copy, copyreg, doctest, importlib.util, inspect, linecache, pickle, pydoc, rlcompleter
        import weather
        from weather import _deferred
        copyreg.pickle(type(weather), lambda module: module.__name__)
        def heavy_like(): pass
        del heavy_like.__module__
        print(bool({look}))
    """
    assert weather.run(code) in ("True", "False")


def test_tab_completion_offers_names_that_are_pending(weather: World) -> None:
    """The interactive prompt completes the names of a registry without importing what they stand for."""
    code = """
        import rlcompleter
        from weather import _deferred
        print(rlcompleter.Completer(globals()).attr_matches("_deferred.h"))
        _deferred.heavy
        print(rlcompleter.Completer(globals()).attr_matches("_deferred.h"))
    """
    assert weather.run(code).splitlines() == ["['_deferred.heavy']", "heavy runs", "['_deferred.heavy']"]


def test_who_asks_may_have_no_frame(weather: World) -> None:
    """C code that runs below no Python function gets a name, too, as a thread does whose function is built in."""
    code = """
        import _thread, sys, time
        from weather import _deferred
        failed = []
        sys.unraisablehook = failed.append
        _thread.start_new_thread(getattr, (_deferred, "heavy"))
        while not failed and "heavy" not in vars(_deferred):
            time.sleep(0.001)
        print([str(one.exc_value) for one in failed])
    """
    assert weather.run(code).splitlines() == ["heavy runs", "[]"]


def test_dir_lists_what_is_declared(weather: World) -> None:
    """`dir()` has the names that are pending and those that are not."""
    code = """
        from weather import _deferred
        _deferred.other
        print({"heavy", "other", "Thing", "__deferred_imports__"} <= set(dir(_deferred)))
    """
    assert weather.run(code).splitlines() == ["other runs", "True"]


def test_a_reloaded_registry_works_on(weather: World) -> None:
    """`importlib.reload` of a registry keeps what is resolved, and what is pending still resolves."""
    code = """
        import importlib
        from weather import _deferred
        thing = _deferred.Thing
        assert importlib.reload(_deferred) is _deferred
        print(_deferred.Thing is thing, _deferred.other.__name__)
    """
    assert weather.run(code).splitlines() == ["heavy runs", "other runs", "True other"]


def test_a_failure_is_not_remembered(world: World) -> None:
    """What was missing or broken works at the next access once it has been cured, and fails the same way until then."""
    world.write({"broken.py": "raise OSError('no licence')"})
    world.package('imports.gone = "gone"\nimports.broken = "broken"')
    code = """
        import importlib, pathlib
        from weather import _deferred
        def attempt(name):
            try:
                return getattr(_deferred, name).__name__
            except Exception as error:
                return f"{type(error).__name__}: {error}"
        print(attempt("gone") == attempt("gone") != "gone", attempt("broken"), attempt("broken"), sep="\\n")
        pathlib.Path("gone.py").write_text("")
        pathlib.Path("broken.py").write_text("mended = True")
        importlib.invalidate_caches()
        print(attempt("gone"), attempt("broken"))
    """
    assert world.run(code).splitlines() == ["True", "OSError: no licence", "OSError: no licence", "gone broken"]


def test_one_absent_module_spoils_no_other(weather: World) -> None:
    """Names of a registry stand by themselves: one that cannot be had leaves all others alone."""
    weather.package('imports.gone = "gone"\nimports.other = "other"')
    code = """
        from weather import _deferred
        try:
            _deferred.gone
        except ImportError:
            print(_deferred.other.__name__)
    """
    assert weather.run(code).splitlines() == ["other runs", "other"]


def test_the_first_candidate_that_is_there_counts(world: World) -> None:
    """Of several modules the first that can be found is imported, and no other is."""
    world.write({"second.py": "", "third.py": "raise AssertionError('not needed')"})
    world.package('imports.one = ["first", "second", "third"]')
    assert world.run("from weather import _deferred; print(_deferred.one.__name__)") == "second"


def test_a_candidate_without_the_attribute_is_passed_over(world: World) -> None:
    """A module that lacks the attribute counts as absent, as in `try: from a import x`, `except ImportError:`."""
    world.write({"first.py": "", "second.py": "load = 2"})
    world.package('imports.load = ["first:load", "second:load"]')
    assert world.run("from weather import _deferred; print(_deferred.load)") == "2"


def test_a_broken_candidate_is_not_passed_over(world: World) -> None:
    """A module that is there but fails keeps its error: falling back would hide the real cause."""
    world.write({"first.py": "import nonsuch", "second.py": ""})
    world.package('imports.one = ["first", "second"]')
    assert world.error("from weather import _deferred; _deferred.one") == (
        "ModuleNotFoundError: No module named 'nonsuch'"
    )


def test_an_attribute_may_be_a_submodule_or_lie_deeper(world: World) -> None:
    """`module:attribute` means what `from module import attribute` does, and dots lead further."""
    world.write({"pkg/__init__.py": "", "pkg/sub.py": "class Outer:\n    class Inner: pass\n"})
    world.package('imports.sub = "pkg:sub"\nimports.Inner = "pkg.sub:Outer.Inner"\nimports.deep = "pkg:sub.Outer"')
    code = "from weather import _deferred as d; print(d.sub.__name__, d.Inner.__name__, d.deep.__name__)"
    assert world.run(code) == "pkg.sub Inner Outer"


def test_a_dotted_module_is_the_module_itself(world: World) -> None:
    """`xml.dom.minidom` gives the submodule, not the package that it is in."""
    world.package('imports.minidom = "xml.dom.minidom"')
    assert world.run("from weather import _deferred; print(_deferred.minidom.__name__)") == "xml.dom.minidom"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("import nonsuch", "ModuleNotFoundError: No module named 'nonsuch'"),
        ("import broken.part", "ModuleNotFoundError: No module named 'broken.part'; 'broken' is not a package"),
        ("from math import nonsuch", "ImportError: cannot import name 'nonsuch' from 'math'"),
        ("raise ModuleNotFoundError('of its own')", "ModuleNotFoundError: of its own"),
        ("import math; math.nonsuch", "AttributeError: module 'math' has no attribute 'nonsuch'"),
        ("raise SystemExit('stop')", "SystemExit: stop"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt:"),
        ("class Own(BaseException): pass\nraise Own", "Own:"),
        ("=", "SyntaxError: invalid syntax"),
    ],
)
def test_a_broken_module_keeps_its_own_error(world: World, body: str, error: str) -> None:
    """What is there but fails is told as what it is, and never as something to install."""
    world.write({"broken.py": body})
    world.package('imports.broken = "broken"\nimports.thing = "broken:thing"')
    code = """
        from weather import _deferred
        for name in ("broken", "thing"):
            try:
                getattr(_deferred, name)
            except BaseException as error:
                print(f"{type(error).__name__}: {error}".strip())
                assert not hasattr(error, "declared_by")
    """
    first, second = world.run(code).splitlines()
    assert first == second
    assert first.startswith(error)


def test_errors_name_the_declaration_and_the_remedy(world: World, golden: Golden) -> None:
    """Each kind of absence has its own words: whose need, the declaration, and what to do."""
    world.write({"there/__init__.py": ""})
    world.package(
        """
        [tool.deferred-imports.imports]
        required = "nonsuch"
        parent = "nonsuch.sub.mod"
        child = "there.nonsuch"
        extra = { module = "nonsuch.plot", extra = "plot" }
        yaml = { module = "nonsuch_yaml", distribution = "PyYAML" }
        either = ["nonsuch", "nonsuch_too"]
        attribute = "there:nonsuch.deeper"
        own = ".core:nonsuch"
        gone = ".gone"
        stdlib = "winsound"
        elsewhere = { module = "winreg", marker = "sys_platform == 'nowhere'" }
        """,
        {"core.py": "", "gone.py": ""},
        project="""
        dependencies = ["nonsuch", "nonsuch_too", "PyYAML", "there"]
        optional-dependencies.plot = ["nonsuch"]
        """,
    )
    (world.path / "weather" / "gone.py").unlink()
    code = """
        from weather import _deferred
        for name in sorted([*_deferred.__deferred_imports__["imports"].split()[::2], "undeclared"]):
            try:
                getattr(_deferred, name)
            except (ImportError, AttributeError) as error:
                print(f"{type(error).__name__}: {error}")
                print(f"    about {error.name}; {'no cause' if error.__cause__ is None else error.__cause__}")
    """
    golden("absent", world.run(code))


def test_errors_name_the_project(world: World) -> None:
    """A project need not be called as its package is: what to install bears the project's name."""
    world.package(
        'imports.plt = { module = "nonsuch", extra = "plot" }',
        project='name = "Acme-Weather"\noptional-dependencies.plot = ["nonsuch"]',
    )
    assert world.error("from weather import _deferred; _deferred.plt") == (
        "ModuleNotFoundError: Acme-Weather needs nonsuch for 'plt' (declared in [tool.deferred-imports]): "
        'pip install "Acme-Weather[plot]"'
    )


def test_an_error_shows_where_the_module_was_needed(world: World) -> None:
    """The traceback has the line that accessed the name, and the original error as the direct cause."""
    world.package(
        'imports.gone = "gone"', {"cli.py": "from weather import _deferred\n\ndef main():\n    _deferred.gone\n"}
    )
    done = world.start("import weather.cli; weather.cli.main()")
    lines = [line.strip() for line in done.stderr.splitlines()]
    assert lines[lines.index("The above exception was the direct cause of the following exception:") - 2].endswith(
        "ModuleNotFoundError: No module named 'gone'"
    )
    assert f'File "{world.path / "weather" / "cli.py"}", line 4, in main' in lines


def test_markers_decide_when_the_registry_is_loaded(world: World) -> None:
    """An entry with a false marker is not there, says why, and is not in `dir()`; one with a true marker is there."""
    world.package(
        """
        [tool.deferred-imports.imports]
        here = { module = "json", marker = "python_version >= '3.8'" }
        elsewhere = { module = "csv", marker = "sys_platform == 'nowhere'" }
        """
    )
    code = """
        from weather import _deferred
        print(_deferred.here.__name__, hasattr(_deferred, "elsewhere"), {"here", "elsewhere"} & {*dir(_deferred)})
    """
    assert world.run(code) == "json False {'here'}"


def test_names_may_be_of_any_script(world: World) -> None:
    """Names and modules need not be ASCII; a name is found as Python reads it, whatever its accents were written as."""
    world.package(
        """
        imports."Größe" = ".größe"
        imports."O\\u0308ffnung" = { module = ".größe:öffnung" }
        """,
        {"größe.py": "öffnung = 3"},
    )
    code = "from weather import _deferred; print(_deferred.Größe.öffnung, _deferred.Öffnung)"
    assert world.run(code, flags=["-X", "utf8"]) == "3 3"


def test_a_vendored_package_finds_its_own_modules(world: World) -> None:
    """Copied into another package under another name, a registry imports from where it is."""
    world.package('imports.core = ".core"\nimports.size = ".core:size"', {"core.py": "size = 5"})
    world.write({"app/__init__.py": "", "app/_vendor/__init__.py": ""})
    (world.path / "weather").rename(world.path / "app" / "_vendor" / "climate")
    code = """
        import sys
        from app._vendor.climate import _deferred
        print(_deferred.core.__name__, _deferred.size, "weather" in sys.modules)
    """
    assert world.run(code) == "app._vendor.climate.core 5 False"


def test_importing_a_name_from_the_registry_resolves_it(weather: World) -> None:
    """`from ._deferred import heavy` is an access like any other."""
    assert weather.run("from weather._deferred import heavy as h; print(h.__name__)").splitlines() == [
        "heavy runs",
        "heavy",
    ]


def test_a_registry_compiles_nothing(weather: World) -> None:
    """It is plain code: whatever one asks a registry for, nothing in it is compiled while the program runs."""
    code = """
        import sys
        import heavy, weather._deferred
        compiled = []
        sys.addaudithook(lambda event, details: compiled.append(details) if event == "compile" else None)
        from weather._deferred import heavy
        print(hasattr(weather._deferred, "__path__"), len(compiled))
        print(hasattr(weather._deferred, "nothing"), dir(weather._deferred) == [], len(compiled))
    """
    assert weather.run(code).splitlines() == ["heavy runs", "False 0", "False False 0"]


def test_threads_that_race_the_first_access_run_the_module_once(world: World) -> None:
    """Twenty threads that access the same names at once get the same whole objects, and each body runs once."""
    world.write(
        {
            "slow.py": "import time\nprint('slow runs')\ntime.sleep(0.1)\nsize = 3\n",
            "slower.py": "import time\nprint('slower runs')\ntime.sleep(0.1)\nsize = 4\n",
        }
    )
    world.package('imports.slow = "slow"\nimports.slower = "slower"\nimports.size = "slow:size"')
    code = """
        import sys, threading
        from weather import _deferred
        sys.setswitchinterval(1e-6)
        seen, errors, start = [], [], threading.Barrier(20)
        def use():
            try:
                start.wait()
                seen.append((_deferred.slow.size, _deferred.slower.size, _deferred.size))
            except BaseException as error:
                errors.append(error)
        threads = [threading.Thread(target=use) for _ in range(20)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print({*seen}, len(seen), errors)
    """
    for env in ({}, {"PYDEFER_TRACE": "0"}):
        assert world.run(code, env=env).splitlines() == ["slow runs", "slower runs", "{(3, 4, 3)} 20 []"]


def test_wherever_another_thread_is_faster_the_name_is_found(weather: World) -> None:
    """While somebody waits for a watched name another may bind it: just before any line of what looks for it."""
    code = """
        import importlib, sys
        late = []
        for place in range(1, 25):
            sys.modules.pop("weather._deferred", None)
            deferred = importlib.import_module("weather._deferred")
            lines = 0

            def follow(frame, event, detail):
                global lines
                if frame.f_code.co_name == "_resolve" and event == "line":
                    lines += 1
                    if lines == place:
                        sys.settrace(None)
                        late.append(deferred.other)
                return follow

            sys.settrace(follow)
            found = deferred.other
            sys.settrace(None)
            assert found is sys.modules["other"], place
        print(len(late) > 8, {*late} == {found})
    """
    done = weather.start(code, env={"PYDEFER_TRACE": "1"})
    assert done.stdout.splitlines() == ["other runs", "True True"], done.stderr


@pytest.mark.parametrize("version", ["3.8", "3.9"])
def test_packages_may_support_older_pythons_than_we_do(weather: World, version: str) -> None:
    """A wheel built here runs on Python 3.8 and 3.9, too."""
    named = shutil.which(f"python{version}")  # of pyenv it may be a shim that starts nothing
    there = [Path(named)] if named else []
    there += sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
    found = [python for python in there if subprocess.run([python, "-c", ""], check=False).returncode == 0]
    if not found:
        pytest.skip(f"there is no Python {version} on PATH or in ~/.pyenv/versions: what is baked was not tried on it")
    code = """
        from weather import _deferred
        print(_deferred.Thing.size, hasattr(_deferred, "nothing"), "other" in dir(_deferred))
    """
    assert weather.run(code, runtime=False, python=found[0]).splitlines() == ["heavy runs", "3 False True"]


def test_type_checkers_see_real_imports(world: World) -> None:
    """For mypy in its strict mode a name of the registry is what it stands for, and an unknown one is an error."""
    pytest.importorskip("mypy")
    world.package(
        """
        imports.js = "json"
        imports.Decimal = "decimal:Decimal"
        imports.parse = ["tomllib:loads", "json:loads"]
        imports.core = ".core"
        """,
        {
            "core.py": "size: int = 3\n",
            "py.typed": "",
            "cli.py": """
                from weather import _deferred
                from weather._deferred import js as also

                reveal_type(_deferred.js.dumps({}))
                reveal_type(also.dumps({}))
                reveal_type(_deferred.Decimal("1"))
                reveal_type(_deferred.core.size)
                _deferred.nothing
            """,
        },
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-incremental",
        "--cache-dir",
        "/dev/null",
        "-p",
        "weather",
    ]
    done = subprocess.run(command, cwd=world.path, check=False, capture_output=True, text=True)
    notes = [line.partition("Revealed type is ")[2] for line in done.stdout.splitlines() if "Revealed" in line]
    assert [note.strip('"').replace("builtins.", "").split(".")[-1] for note in notes] == [
        "str",
        "str",
        "Decimal",
        "int",
    ]
    assert 'Module has no attribute "nothing"' in done.stdout
    assert "Found 1 error in 1 file" in done.stdout


@pytest.mark.parametrize("value", ["1", "weather", "-weather", "json", "no such thing"])
def test_without_the_runtime_a_variable_is_answered_with_one_warning(weather: World, value: str) -> None:
    """Where a variable asks for what is not installed, the line that imports a registry is told so, once."""
    weather.package('imports.other = "other"', package="second")
    code = """
        import warnings
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            from weather import _deferred
            import second._deferred
            for variable in ("heavy", "nothing", "other"):
                getattr(_deferred, variable, None)
        for warning in caught:
            print(f"{warning.category.__name__}: {warning.message}", warning.filename, warning.lineno)
    """
    text = "is set, but deferred-imports, which obeys it, is not there: install it, or build it in"
    printed = weather.run(code, runtime=False, env={"PYDEFER_EAGER": value, "PYDEFER_TRACE": value}).splitlines()
    assert printed == [
        "heavy runs",
        "other runs",
        f"RuntimeWarning: PYDEFER_EAGER {text} <string> 5",
        f"RuntimeWarning: PYDEFER_TRACE {text} <string> 5",
        f"RuntimeWarning: PYDEFER_EAGER {text} <string> 6",
        f"RuntimeWarning: PYDEFER_TRACE {text} <string> 6",
    ]


@pytest.mark.parametrize("value", ["", "0", "false", "No", " off "])
def test_without_the_runtime_a_variable_that_asks_for_nothing_is_fine(weather: World, value: str) -> None:
    """A variable that is set, but to nothing, is no reason to warn."""
    code = "from weather import _deferred; _deferred.heavy"
    env = {"PYDEFER_EAGER": value, "PYDEFER_TRACE": value}
    assert weather.run(code, runtime=False, env=env) == "heavy runs"


def test_a_runtime_that_fails_is_not_taken_for_one_that_is_absent(weather: World) -> None:
    """An error inside the runtime gets through: only its absence is a reason to go on without it."""
    weather.write({"deferred_imports/__init__.py": "", "deferred_imports/_variables.py": "import nonsuch"})
    done = weather.start("import weather._deferred", runtime=False, env={"PYDEFER_EAGER": "1"})
    assert done.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'nonsuch'"


def test_a_runtime_that_is_there_in_part_counts_as_absent(weather: World) -> None:
    """A freezer may have taken along a part of the runtime: the registry says that it is not installed, and goes on."""
    weather.write({"deferred_imports/__init__.py": ""})
    done = weather.start("import weather._deferred", runtime=False, env={"PYDEFER_EAGER": "1"})
    assert done.returncode == 0
    assert "PYDEFER_EAGER is set, but deferred-imports, which obeys it, is not there" in done.stderr


def test_whatever_part_of_the_runtime_is_absent_is_named(weather: World) -> None:
    """It is what obeys the variable, or what that is built upon; the package is imported all the same."""
    own = {"PYDEFER_EAGER": "_eager", "PYDEFER_TRACE": "_watching", "PYDEFER_PREFETCH": "prefetch"}
    place = weather.path / "deferred_imports"
    place.mkdir()
    for file in (RUNTIME / "deferred_imports").glob("*.py"):
        shutil.copy(file, place)
    said: set[tuple[str, str]] = set()
    for name in (*own.values(), "_cpython", "_entries", "_registries", "_resolution", "_waiting"):
        absent = place / f"{name}.py"
        absent.rename(absent.with_suffix(".gone"))
        env = dict.fromkeys(own, "1")
        done = weather.start("from weather import _deferred; _deferred.other", runtime=False, env=env)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "other runs"), (absent, done.stderr)
        text = f"is set, but deferred_imports.{name}, which obeys it, is not there"
        said.update((variable, name) for variable in own if f"{variable} {text}" in done.stderr)
        absent.with_suffix(".gone").rename(absent)
    assert own.items() <= said


@pytest.mark.parametrize(
    "change",
    [
        """
        real, fake = builtins.__import__, types.ModuleType("heavy")
        builtins.__import__ = lambda name, *a, **k: fake if name == "heavy" else real(name, *a, **k)
        """,
        """
        fake = heavy
        sys.modules = {name: module for name, module in sys.modules.items() if name != "heavy"}
        """,
    ],
    ids=["import hook", "another sys.modules"],
)
def test_no_access_loops_for_ever(weather: World, change: str) -> None:
    """Where `__import__` and `sys.modules` never agree, a name is what the plain statement gives."""
    code = f"""
import builtins, faulthandler, sys, types, weather._deferred, heavy
faulthandler.dump_traceback_later(20, exit=True)
{dedent(change)}
import heavy
print(weather._deferred.heavy is heavy is fake)
from deferred_imports._specs import import_by_name
print(import_by_name("heavy") is heavy)
faulthandler.cancel_dump_traceback_later()
"""
    assert weather.run(code).splitlines()[-2:] == ["True", "True"]


def test_a_circular_import_is_not_told_as_missing(world: World) -> None:
    """What a module that is half imported lacks, it does not lack: the error says what Python says, also optional."""
    world.write(
        {
            "late.py": "from weather import _deferred\ntry:\n    _deferred.value\nexcept ImportError as error:\n"
            "    print(error)\n    raise\nvalue = 1\n"
        }
    )
    world.package('imports.value = { module = "late:value", optional = true }')
    code = """
        import weather._deferred
        from deferred_imports import resolve_now
        report = resolve_now(on_error="report")
        print(report.missing, len(report.broken))
    """
    text = "cannot import name 'value' from partially initialized module 'late' (most likely due to a circular import)"
    assert world.run(code).splitlines() == [text, "[] 1"]


def test_star_import_binds_what_checkers_promise(weather: World) -> None:
    """`from ._deferred import *` binds the names of the table, and nothing else of the registry."""
    code = """
        import sys
        before = {*globals(), "before"}
        from weather._deferred import *
        print(sorted({*globals()} - before))
        weather = sys.modules["weather"]
        exec("from weather._deferred import *", fresh := {})
        print(sorted({*fresh} - {"__builtins__"}))
    """
    names = "['Thing', 'heavy', 'other']"
    assert weather.run(code).splitlines() == ["heavy runs", "other runs", names, names]


def test_it_does_not_depend_on_the_global_package(weather: World) -> None:
    """`__package__` is on its way out of Python; relative names do without."""
    weather.package('imports.core = ".core"', {"core.py": ""})
    code = """
        import weather._deferred as registry
        del registry.__package__
        print(registry.core.__name__)
        from deferred_imports import iter_deferred_imports
        print([entry.package for entry in iter_deferred_imports()])
    """
    assert weather.run(code).splitlines() == ["weather.core", "['weather']"]


def test_any_value_can_be_declared(world: World) -> None:
    """An attribute whose value is `...`, `None` or empty is there."""
    world.write({"dots.py": "ANY = ...\nNOTHING = None\nEMPTY = []\n"})
    world.package('imports = { a = "dots:ANY", b = "dots:NOTHING", c = "dots:EMPTY" }')
    assert world.run("from weather import _deferred as d; print(d.a, d.b, d.c)") == "Ellipsis None []"


def test_a_name_that_was_deleted_comes_back(weather: World) -> None:
    """At the next access, as `resolve_now()` and listings say; while others are pending, and when all were resolved.

    Where a registry takes its `__getattr__` away when all is resolved, something has to ask for what is outstanding.
    """
    code = """
        import weather._deferred as registry
        from deferred_imports import iter_deferred_imports, resolve_now
        def states():
            return [entry.state for entry in iter_deferred_imports() if entry.name == "Thing"]
        registry.Thing
        del registry.Thing
        print(registry.Thing.size)
        resolve_now()
        print("__getattr__" in vars(registry), states())
        for ask in (KEPT, states, resolve_now, lambda: next(iter_deferred_imports()).resolve()):
            del registry.Thing, registry.heavy, registry.other
            ask()
            print(registry.Thing.size, registry.heavy.__name__, registry.other.__name__, states())
        del registry.Thing
        print(len(resolve_now().skipped), states(), registry.Thing.size)
        del registry.Thing, registry.other
        resolve_now()
        del registry.heavy
        print(registry.Thing.size, resolve_now().missing, registry.heavy.__name__)
    """
    lines = weather.run(code.replace("KEPT", "int" if KEEPS_GETATTR else "states")).splitlines()
    assert lines[1:] == [
        "3",
        "other runs",
        f"{KEEPS_GETATTR} ['resolved']",
        *["3 heavy other ['resolved']"] * 4,
        "3 ['resolved'] 3",
        "3 [] heavy",
    ]


def test_what_dir_lists_is_not_private(weather: World) -> None:
    """Tab completion and Python's "did you mean" offer no helper of the registry."""
    code = "from weather import _deferred; print([n for n in dir(_deferred) if n[0] == '_' and n[1] != '_'])"
    assert weather.run(code) == "[]"
