"""`PYDEFER_TRACE` and `on_resolve` tell what was resolved, how long it took and which line asked for it."""

import json
import os
import re
import sys
import time

import pytest

from worlds import Golden, World

TRACE = {"PYDEFER_TRACE": "1"}


@pytest.fixture
def weather(world: World) -> World:
    """A package with a module that can be had, one that cannot, and one that fails."""
    world.write({"heavy.py": "size = 3\n", "broken.py": "raise OSError('no\\nlicence')\n"})
    world.package(
        """
        imports.broken = "broken"
        imports.gone = "nonsuch"
        imports.heavy = "heavy"
        imports.size = ["nonsuch:size", "heavy:size"]
        """,
        {
            "cli.py": """
                from weather import _deferred

                def use():
                    return _deferred.heavy

                def attempt(name):
                    try:
                        return getattr(_deferred, name)
                    except Exception as error:
                        return str(error)
            """
        },
    )
    return world


def shown(world: World, stderr: str) -> str:
    """Return what was traced without what differs from one run to the next."""
    return re.sub(r"\d+\.\d ms", "# ms", stderr.replace(str(world.path) + "/", ""))


def test_each_resolution_is_one_line(weather: World, golden: Golden) -> None:
    """The line names the declaration, the time in milliseconds, the line that asked, and what went wrong."""
    code = """
        import importlib, weather.cli
        from deferred_imports import resolve_now
        weather.cli.use(), weather.cli.use()
        from weather._deferred import size
        weather.cli.attempt("gone")
        weather.cli.attempt("broken")
        resolve_now(on_error="report")
        importlib.import_module("weather.cli").attempt("broken")
    """
    done = weather.start(code, env=TRACE)
    assert (done.returncode, done.stdout) == (0, "")
    golden("trace", shown(weather, done.stderr))


def test_time_and_order_are_those_of_the_imports(world: World) -> None:
    """What a module imports through the registry itself is told first, and its time is part of the module's."""
    world.write({"inner.py": "import time\ntime.sleep(0.1)\n", "outer.py": "from weather._deferred import inner\n"})
    world.package('imports.inner = "inner"\nimports.outer = "outer"')
    code = """
        import time
        from weather import _deferred
        begin = time.perf_counter()
        _deferred.outer
        print((time.perf_counter() - begin) * 1000)
    """
    done = world.start(code, env=TRACE)
    lines = done.stderr.splitlines()
    assert [line.split()[2] for line in lines] == ["inner", "outer"]
    inner, outer = (float(line.partition(" ms")[0].split()[-1]) for line in lines)
    assert 100 <= inner <= outer <= float(done.stdout) + 0.1  # they are rounded
    assert lines[0].endswith(f"{world.path / 'outer.py'}:1")


@pytest.mark.parametrize("value", ["", "0", "false", "No", " off "])
def test_a_variable_that_asks_for_nothing_gets_nothing(weather: World, value: str) -> None:
    """The usual words for no mean no."""
    assert weather.run("import weather.cli; weather.cli.use()", env={"PYDEFER_TRACE": value}) == ""


@pytest.mark.parametrize("value", ["1", "true", "YES", " On "])
def test_a_variable_that_asks_for_it_gets_it(weather: World, value: str) -> None:
    """The usual words for yes mean yes."""
    done = weather.start("import weather.cli; weather.cli.use()", env={"PYDEFER_TRACE": value})
    assert shown(weather, done.stderr) == "deferred-imports: weather: heavy = heavy, # ms, weather/cli.py:5\n"


@pytest.mark.parametrize("value", ["2", "jsno", "off:x"])
def test_what_the_variable_may_not_be_is_said_once(weather: World, value: str) -> None:
    """A variable that only tells changes no outcome: what is wrong with it is one line, with its grammar."""
    code = """
        import weather.cli
        from deferred_imports import resolve_now
        print(weather.cli.use().size, len(resolve_now(on_error="report").broken))
    """
    done = weather.start(code, env={"PYDEFER_TRACE": value})
    assert done.stdout == "3 1\n"
    grammar = "expected 1, true, yes or on; json; one of these, a colon and a file; or 0, false, no, off or nothing"
    assert done.stderr == f'deferred-imports: PYDEFER_TRACE="{value}": {grammar}\n'


@pytest.mark.parametrize("word", ["1", "json"])
def test_the_trace_can_go_to_a_file(weather: World, word: str) -> None:
    """After a colon stands the file to append to; one that cannot be written is said once, and nothing fails."""
    code = "import weather.cli; weather.cli.use(); weather.cli.attempt('gone')"
    assert weather.run(code, env={"PYDEFER_TRACE": f"{word}:trace.txt"}) == ""
    assert weather.run(code, env={"PYDEFER_TRACE": f"{word}:trace.txt"}) == ""
    assert len((weather.path / "trace.txt").read_text("utf-8").splitlines()) == 4
    os.mkfifo(weather.path / "pipe")  # somebody may read it later: nothing waits for that
    for path in ("nowhere/trace.txt", ".", "pipe"):
        done = weather.start(code, env={"PYDEFER_TRACE": f"{word}:{path}"})
        assert (done.returncode, done.stderr.count("expected a file that can be written")) == (0, 1)


def test_an_error_that_cannot_be_read_keeps_its_type(weather: World) -> None:
    """A trace changes nothing, whatever an exception does when it is asked what it says."""
    weather.write({"broken.py": "class E(Exception):\n    def __str__(self): return [] + 1\nraise E\n"})
    done = weather.start("from weather import _deferred; _deferred.broken", env=TRACE)
    assert "broken.E" in done.stderr.splitlines()[-1]
    assert "E: (an error that has no readable message)" in done.stderr.splitlines()[0]


def test_a_callback_may_be_registered_twice(weather: World) -> None:
    """Two libraries may register the same function: each ends its own registration."""
    code = """
        import weather._deferred
        from deferred_imports import on_resolve
        seen = []
        first, second = on_resolve(seen.append), on_resolve(seen.append)
        first(), first()
        weather._deferred.heavy
        print(len(seen))
        second()
        weather._deferred.size
        print(len(seen))
    """
    assert weather.run(code).split() == ["1", "1"]


def test_registries_that_are_gone_are_freed(weather: World) -> None:
    """To have told of a resolution keeps no registry alive."""
    code = """
        import gc, sys, weakref, weather
        from deferred_imports import on_resolve
        on_resolve(lambda event: None)
        gone = []
        for _ in range(5):
            sys.modules.pop("weather._deferred", None)
            vars(weather).pop("_deferred", None)
            import weather._deferred
            weather._deferred.heavy
            gone.append(weakref.ref(weather._deferred))
        gc.collect()
        print(sum(reference() is not None for reference in gone))
    """
    assert int(weather.run(code)) <= 2


def test_workers_are_traced_to_the_line_that_called(weather: World) -> None:
    """A thread that only imports does it for the line that has started it."""
    code = """
        import weather._deferred
        from deferred_imports import resolve_now

        resolve_now(workers=4, on_error="report")
    """
    lines = shown(weather, weather.start(code, env=TRACE).stderr).splitlines()
    assert {line.split(", ", 2)[2].partition(": ")[0] for line in lines} == {"<string>:5"}


def test_what_workers_fail_at_is_told_once(weather: World) -> None:
    """It is tried again in the calling thread, and that is the outcome; what a module fails at itself is told, too."""
    weather.write({"curious.py": "from weather import cli\ncli.attempt('gone')\nraise OSError\n"})
    weather.package('imports.curious = "curious"', package="other")
    code = """
        import weather.cli, other._deferred
        from deferred_imports import on_resolve, resolve_now
        told = []
        on_resolve(lambda event: told.append((event.entry.name, event.error is None)))
        report = resolve_now(workers=4, on_error="report")
        print(sorted(told))
        weather.cli.attempt("broken")
        print(told[-1])
    """
    told = [("broken", False), ("curious", False), *[("gone", False)] * 3, ("heavy", True), ("size", True)]
    assert weather.run(code).splitlines() == [str(told), "('broken', False)"]


def test_machines_get_json(weather: World) -> None:
    """With `PYDEFER_TRACE=json` each line is a JSON object, in ASCII, whatever names and messages contain."""
    weather.write({'Größe \U0001f600 "\\.py': "def use(cli):\n    cli._deferred.heavy\n"})
    code = """
        import pathlib, runpy, weather.cli
        runpy.run_path(next(str(path) for path in pathlib.Path().glob("Gr*")))["use"](weather.cli)
        weather.cli.attempt("broken")
        weather.cli.attempt("size")
        from deferred_imports.machinery import defer_runtime_import
        defer_runtime_import("csv", importing_name="weather.cli")
        from deferred_imports import resolve_now
        resolve_now(importer="weather.cli")
    """
    began, begin = time.time(), time.perf_counter()
    done = weather.start(code, env={"PYDEFER_TRACE": "json"}, flags=["-X", "utf8"])
    took = time.perf_counter() - begin
    assert done.returncode == 0, done.stderr
    assert done.stderr.isascii()
    cli = weather.path / "weather" / "cli.py"
    heavy, broken, size, runtime = map(json.loads, done.stderr.splitlines())
    assert (heavy["pid"] > 0, heavy["thread"], began - 1 < heavy["time"] < time.time() + 1) == (
        True,
        "MainThread",
        True,
    )
    keys = ["time", "pid", "thread", "package", "name", "targets", "milliseconds", "file", "line", "error"]
    assert [list(item) for item in (heavy, broken, size, runtime)] == [keys] * 4
    assert (heavy["package"], heavy["name"], heavy["targets"]) == ("weather", "heavy", ["heavy"])
    assert 0 < heavy["milliseconds"] < took * 1000
    assert (heavy["file"], heavy["line"], heavy["error"]) == ('Größe \U0001f600 "\\.py', 2, None)
    assert (broken["file"], broken["line"], broken["error"]) == (str(cli), 9, "OSError: no licence")
    assert (size["targets"], size["line"]) == (["nonsuch:size", "heavy:size"], 9)
    assert (runtime["package"], runtime["name"], runtime["targets"], runtime["line"]) == ("weather", None, ["csv"], 9)


def test_it_loads_nothing_itself(weather: World) -> None:
    """What tracing adds to `sys.modules` are modules of ours."""
    code = """
        import sys, weather.cli
        before = set(sys.modules)
        weather.cli.use()
        weather.cli.attempt("broken")
        new = {name for name in set(sys.modules) - before if not name.startswith("deferred_imports")}
        print(new)
    """
    for value in ("1", "json"):
        assert weather.start(code, env={"PYDEFER_TRACE": value}, flags=["-S"]).stdout == "{'heavy'}\n"


def test_eager_packages_are_traced_to_the_import_statement(weather: World) -> None:
    """What an eager package loads, the line that imports the package has asked for."""
    weather.write({"weather/__init__.py": "from weather import _deferred\n", "app.py": "\n\nimport weather\n"})
    weather.package('imports.heavy = "heavy"', {"__init__.py": "from weather import _deferred\n"})
    done = weather.start("import app", env={**TRACE, "PYDEFER_EAGER": "1"})
    assert shown(weather, done.stderr) == "deferred-imports: weather: heavy = heavy, # ms, app.py:3\n"


def test_other_threads_are_traced_to_what_runs_in_them(weather: World) -> None:
    """In a thread of the program it is the program's line, in one that only imports the one that has started it."""
    code = """
        import threading, weather.cli
        from deferred_imports import resolve_in_background
        thread = threading.Thread(target=weather.cli.use)
        thread.start()
        thread.join()
        resolve_in_background(on_error="report").result()
    """
    lines = shown(weather, weather.start(code, env=TRACE).stderr).splitlines()
    assert [line.split(", ", 2)[2].partition(": ")[0] for line in lines] == [
        "weather/cli.py:5",
        *["<string>:7"] * 3,
    ]


def test_a_stderr_that_is_closed_disturbs_nobody(weather: World) -> None:
    """Programs without a console have no stderr, and daemons have closed it."""
    code = """
        import sys, weather.cli
        real, sys.stderr = sys.stderr, None
        print(weather.cli.use().size)
        sys.stderr = open("log", "w")
        sys.stderr.close()
        print(weather.cli.attempt("size"))
        sys.stderr = real
    """
    assert weather.run(code, env=TRACE).split() == ["3", "3"]


@pytest.mark.parametrize("stderr", ["object()", "type('Window', (), {'write': lambda self, text: 1 / 0})()"])
def test_a_stderr_of_the_programs_own_disturbs_nobody(weather: World, stderr: str) -> None:
    """What a program has put there may fail in any way: a trace changes no outcome."""
    code = f"""
        import sys, weather.cli
        real, sys.stderr = sys.stderr, {stderr}
        print(weather.cli.use().size)
        sys.stderr = real
    """
    assert weather.run(code, env=TRACE) == "3"


def test_callbacks_get_each_resolution(weather: World) -> None:
    """`on_resolve` reaches registries that are loaded and those to come, failures, and what resolve_now imports."""
    weather.package('imports.cs = "csv"', package="other")
    code = """
        import weather.cli
        from deferred_imports import ResolveEvent, on_resolve, resolve_now
        def told(event):
            assert isinstance(event, ResolveEvent) and event.seconds > 0
            kind = None if event.error is None else type(event.error).__name__
            print(event.entry.package, event.entry.name, kind, event.is_missing, event.lineno)
        end = on_resolve(told)
        weather.cli.use()
        weather.cli.attempt("gone")
        import other._deferred
        other._deferred.cs
        resolve_now(on_error="report")
        end()
        weather.cli.attempt("gone")
        end()
    """
    assert weather.run(code).splitlines() == [
        "weather heavy None False 5",
        "weather gone ModuleNotFoundError True 9",
        "other cs None False 12",
        "weather broken OSError False 13",
        "weather gone ModuleNotFoundError True 13",
        "weather size None False 13",
    ]


def test_what_a_callback_raises_is_printed_and_disturbs_nobody(weather: World) -> None:
    """The import has succeeded, other callbacks are called, and the error can be read; Ctrl+C gets through."""
    code = """
        import weather.cli
        from deferred_imports import on_resolve
        def fails(event): raise ZeroDivisionError("of the callback")
        def interrupts(event): raise KeyboardInterrupt
        on_resolve(fails)
        on_resolve(lambda event: print("told"))
        print(weather.cli.use().size)
        on_resolve(interrupts)
        try:
            weather.cli.attempt("size")
        except KeyboardInterrupt:
            print("interrupted", weather.cli.attempt("size"))
    """
    done = weather.start(code)
    assert done.stdout.split() == ["told", "3", "told", "interrupted", "3"]
    assert done.stderr.count("ZeroDivisionError: of the callback") == 2


def test_a_callback_may_use_what_is_deferred(weather: World) -> None:
    """What a callback resolves itself it is not told, so that it cannot run in circles; tracing shows it."""
    code = """
        import weather.cli
        from deferred_imports import on_resolve
        def told(event):
            print(event.entry.name, weather.cli.attempt("gone") is not None, weather.cli.attempt("size"))
        on_resolve(told)
        weather.cli.use()
        weather.cli.attempt("broken")
    """
    done = weather.start(code, env=TRACE)
    assert done.stdout.splitlines() == ["heavy True 3", "broken True 3"]
    names = [line.split(": ")[2].split()[0] for line in done.stderr.splitlines()]
    assert names == ["heavy", "gone", "size", "broken", "gone"]


def test_threads_that_wait_for_one_import_tell_it_once(world: World) -> None:
    """Twenty threads that race for a name make one event."""
    world.write({"slow.py": "import time\ntime.sleep(0.1)\n"})
    world.package('imports.slow = "slow"')
    code = """
        import threading
        from weather import _deferred
        from deferred_imports import on_resolve
        on_resolve(lambda event: print(event.entry.name))
        threads = [threading.Thread(target=lambda: _deferred.slow) for _ in range(20)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    """
    assert world.run(code) == "slow"


def test_a_registry_that_has_been_replaced_is_watched_all_the_same(weather: World) -> None:
    """Whoever still has the old module of a registry resolves through it, and is told of."""
    code = """
        import sys
        from weather import _deferred as old
        del sys.modules["weather._deferred"]
        old.heavy
        import weather._deferred
        old.size
    """
    lines = weather.start(code, env=TRACE).stderr.splitlines()
    assert [line.split(": ")[2].split()[0] for line in lines] == ["heavy", "size"]


@pytest.mark.skipif(sys.version_info < (3, 15), reason="native lazy imports are of 3.15")
def test_native_imports_are_told_when_they_are_resolved_for_the_program(weather: World) -> None:
    """What `resolve_now` resolves natively makes an event like any other."""
    weather.write({"weather/__init__.py": "lazy import heavy\n"})
    code = """
        import weather, weather._deferred
        from deferred_imports import on_resolve, resolve_now
        on_resolve(lambda event: print(event.entry.name, event.entry.importers, event.lineno))
        resolve_now("weather", on_error="report")
    """
    assert "heavy ('weather',) 5" in weather.run(code).splitlines()


def test_a_trace_may_be_asked_for_late(world: World) -> None:
    """`resolve_now()` looks for the variable whenever it is called; after it or `on_resolve()`, accesses do so, too."""
    world.write({"heavy.py": "", "light.py": ""})
    world.package('imports.heavy = "heavy"')
    world.package('imports.light = "light"', package="other")
    code = """
        import os, weather._deferred, other._deferred
        import deferred_imports
        os.environ["PYDEFER_TRACE"] = "1"
        ASK
        other._deferred.light
    """
    for ask, names in (("resolve_now('weather')", ["heavy", "light"]), ("on_resolve(id)", ["light"])):
        lines = world.start(code.replace("ASK", f"deferred_imports.{ask}")).stderr.splitlines()
        assert [line.split()[2] for line in lines] == names
