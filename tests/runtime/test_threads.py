"""Threads: those that `workers=` asks for, and those of a program in which everybody imports at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from worlds import World

# Modules note here that their body runs, and in which thread.
RUNS = {"runs.py": "import threading\nnames = []\nthreads = {}\n"}


def noting(name: str, more: str = "") -> str:
    thread = f"runs.threads[{name!r}] = runs.threading.current_thread().name"
    return f"import runs, time\nruns.names.append({name!r})\n{thread}\n{more}\n"


def slow(name: str, more: str = "") -> str:
    return noting(name, f"time.sleep(0.05)\n{more}")


# Who asks for the child while somebody who asks for its parent is at the grandparent's body makes them wait for each
# other, up to 3.14: one of them is refused (`_DeadlockError`, python/cpython#83065).
PARENT_AND_CHILD = {
    "pkg/__init__.py": slow("pkg"),
    "pkg/sub/__init__.py": slow("pkg.sub", "from pkg.sub import mod\ncomplete = True"),
    "pkg/sub/mod.py": slow("pkg.sub.mod", "complete = True"),
}
# From the left the cycle works. Begun at both ends, each meets the other half made: both fail, one after the other.
MUTUAL = {
    "left.py": noting("left", "x = 1\ntime.sleep(0.05)\nfrom right import y\ncomplete = True"),
    "right.py": noting("right", "from left import x\ny = 2\ncomplete = True"),
}
# Starts threads, which begin at the same time, and raises whatever one of them raises.
TOGETHER = """
    import threading
    def together(*functions):
        errors, barrier = [], threading.Barrier(len(functions))
        def run(function):
            barrier.wait()
            try:
                function()
            except BaseException as error:
                errors.append(error)
        threads = [threading.Thread(target=run, args=(function,)) for function in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for error in errors:
            raise error
"""


def test_workers_import_at_the_same_time(world: World) -> None:
    """With two workers two modules that wait for each other's thread both come to an end."""
    body = "import barrier\nbarrier.both.wait(100)"
    world.write({"barrier.py": "import threading\nboth = threading.Barrier(2)", "one.py": body, "two.py": body})
    world.package('imports = { one = "one", two = "two" }')
    code = """
        import weather._deferred
        from deferred_imports import resolve_now
        print(len(resolve_now(workers=2).resolved))
    """
    assert world.run(code) == "2"


def test_each_top_level_package_is_imported_by_one_worker_at_a_time(world: World) -> None:
    """Within a package nothing runs at once, parents run before children, and fallbacks tie packages together."""
    world.write(
        {
            "runs.py": """
                import threading, time
                names, running = [], []
                def run(name):
                    names.append(name)
                    running.append(name)
                    time.sleep(0.02)
                    assert not [other for other in running if other != name and other.startswith(("pkg", "tied"))]
                    running.remove(name)
            """,
            **{f"pkg/{name}.py": f"import runs; runs.run('pkg.{name}')" for name in "abc"},
            "pkg/__init__.py": "import runs; runs.run('pkg')",
            "tied.py": "import runs; runs.run('tied')",
            "other.py": "",
        }
    )
    world.package(
        """
        imports.b = "pkg.b"
        imports.a = "pkg.a"
        imports.tied = "tied"
        imports.tie = ["absent", "pkg.c", "tied"]
        imports.other = "other"
        imports.pkg = "pkg"
        """
    )
    code = """
        import runs, weather._deferred
        from deferred_imports import resolve_now
        resolve_now(workers=4)
        print(*runs.names)
    """
    assert world.run(code) == "tied pkg pkg.c pkg.b pkg.a"


def test_workers_report_what_one_worker_reports(world: World) -> None:
    """The same entries are resolved, missing and broken, in the same order, and errors say the same."""
    world.write(
        PARENT_AND_CHILD | RUNS | {"bad.py": "1 / 0", "late.py": "import time; time.sleep(0.05)", "good.py": ""}
    )
    world.package(
        """
        imports.mod = "pkg.sub.mod"
        imports.late = "late"
        imports.absent = "absent"
        imports.bad = "bad"
        imports.good = "good"
        imports.sub = "pkg.sub"
        imports.plot = { module = "plotting", extra = "plot" }
        imports.nothing = "late:nothing"
        """,
        project='optional-dependencies.plot = ["plotting"]',
    )
    code = """
        import re, sys, weather._deferred
        from deferred_imports import resolve_now
        print(re.sub(r"[0-9.]+ ms", "", str(resolve_now(workers=int(sys.argv[1]), on_error="report"))))
    """
    one, *others = [world.run(code, count) for count in ("1", "2", "8")]
    assert len(one.splitlines()) == 9
    assert others == [one, one]


def test_what_fails_in_a_thread_is_tried_again_without(world: World) -> None:
    """A module that needs the main thread fails in a worker, and is imported in the calling thread after that."""
    world.write(RUNS)
    world.write(
        {"needy.py": noting("needy", "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)")}
    )
    world.write({"other.py": noting("other")})
    world.package('imports = { needy = "needy", other = "other" }')
    code = """
        import runs, weather._deferred
        from deferred_imports import resolve_now
        print(len(resolve_now(workers=2).resolved), runs.names.count("needy"), runs.threads["needy"])
    """
    assert world.run(code) == "2 2 MainThread"


def test_modules_that_import_each_other_heal(world: World) -> None:
    """Two workers that import a cycle from both ends fail with both; the second try, in order, succeeds."""
    world.write(MUTUAL | RUNS)
    world.package('imports = { left = "left", right = "right" }')
    code = """
        import runs, sys, weather._deferred
        from deferred_imports import resolve_now
        report = resolve_now(workers=2)
        left, right = sys.modules["left"], sys.modules["right"]
        print(len(report.resolved), left.complete, right.complete, len(runs.names) > 2)
    """
    assert world.run(code) == "2 True True True"


def test_threads_end_with_the_call(world: World) -> None:
    """Workers are gone when the call returns, and with one package or one worker there were none."""
    world.write({"one.py": "", "two.py": "", "three/__init__.py": "", "three/four.py": ""})
    world.package('imports = { one = "one", two = "two" }')
    world.package('imports = { three = "three", four = "three.four" }', package="climate")
    code = """
        import sys, weather._deferred, climate._deferred
        from deferred_imports import resolve_now
        before = "threading" in sys.modules
        resolve_now("climate", workers=8)
        assert ("threading" in sys.modules) == before
        resolve_now("weather", workers=8)
        print(sys.modules["threading"].active_count())
    """
    assert world.run(code) == "1"


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts itself with a signal of Unix")
def test_ctrl_c_while_workers_run_waits_for_what_runs(world: World) -> None:
    """The main thread hands out nothing more, waits for what is being imported, and raises."""
    world.write(
        {"runs.py": RUNS["runs.py"] + "both, over = threading.Barrier(3), threading.Event()\n"}
        | {f"{name}.py": noting(name, "runs.both.wait(100)\nruns.over.wait(100)") for name in ("one", "two")}
        | {"three.py": noting("three")}
    )
    world.package('imports = { one = "one", two = "two", three = ["one", "three"] }')
    code = """
        import os, runs, signal, threading, weather._deferred
        from deferred_imports import iter_deferred_imports, resolve_now
        def interrupt(*_):
            runs.over.set()
            raise KeyboardInterrupt
        signal.signal(signal.SIGUSR1, interrupt)
        def when_both_run():
            runs.both.wait(100)
            os.kill(os.getpid(), signal.SIGUSR1)
        waiting = threading.Thread(target=when_both_run)
        waiting.start()
        try:
            resolve_now(workers=2)
        except KeyboardInterrupt:
            waiting.join()
            assert threading.active_count() == 1
            print(*[entry.state for entry in iter_deferred_imports()], *sorted(runs.names))
        print(len(resolve_now().resolved), len(runs.names))
    """
    assert world.run(code) == "resolved resolved resolved one two\n0 2"


def test_a_module_that_resolves_while_it_is_imported_does_not_hang(world: World) -> None:
    """Workers would wait for the importing thread, and it for them; so there it does without workers."""
    world.write({"one.py": "import weather; weather.ready", "two.py": "import weather; weather.ready"})
    body = """
        import faulthandler
        from . import _deferred
        from deferred_imports import resolve_now
        ready = True
        faulthandler.dump_traceback_later(200, exit=True)
        resolve_now(workers=2)
    """
    world.package('imports = { one = "one", two = "two" }', {"__init__.py": body})
    assert (
        world.run("import weather; print(sorted(vars(weather._deferred).keys() & {'one', 'two'}))") == "['one', 'two']"
    )


def test_twenty_threads_import_each_module_once(world: World) -> None:
    """Whoever resolves, accesses or imports the same modules at once gets them whole, and each body runs once."""
    names = [f"mod{number}" for number in range(5)]
    world.write(RUNS | {f"{name}.py": slow(name, "complete = True") for name in names})
    world.package("".join(f'imports.{name} = "{name}"\n' for name in names))
    world.write({"together.py": TOGETHER})
    code = """
        import importlib, runs, weather._deferred
        from deferred_imports import resolve_now
        from together import together
        names = ["mod0", "mod1", "mod2", "mod3", "mod4"]
        def resolve():
            resolve_now()
            assert all(getattr(weather._deferred, name).complete for name in names)
        def resolve_with_workers():
            resolve_now(workers=3)
            assert all(getattr(weather._deferred, name).complete for name in names)
        def access():
            assert all(getattr(weather._deferred, name).complete for name in reversed(names))
        def plain():
            assert all(importlib.import_module(name).complete for name in names)
        together(*[resolve, resolve_with_workers, access, plain] * 5)
        print(*sorted(runs.names))
    """
    assert world.run(code) == " ".join(names)


@pytest.mark.parametrize("ask", ["resolve_now('weather')", "weather._deferred.bad", "import_module_from_spec(spec)"])
def test_whoever_waits_for_an_import_that_fails_gets_no_remains_of_it(world: World, ask: str) -> None:
    """Up to 3.13 Python hands out the module that failed in another thread; we import it anew, and fail, too."""
    world.write(RUNS | {"bad.py": slow("bad", "1 / 0")})
    world.package('imports.bad = "bad"')
    code = f"""
        import runs, sys, threading, time, weather._deferred
        from importlib.util import find_spec
        from deferred_imports import resolve_now
        from deferred_imports.machinery import import_module_from_spec
        spec = find_spec("bad")
        def plain():
            try:
                import bad
            except ZeroDivisionError:
                pass
        thread = threading.Thread(target=plain)
        thread.start()
        while "bad" not in sys.modules and thread.is_alive():
            time.sleep(0.001)
        try:
            {ask}
        except (ImportError, ZeroDivisionError) as error:
            print(type(error).__name__, len(runs.names))
        thread.join()
    """
    assert world.run(code) in ("DeferredImportError 2", "ZeroDivisionError 2")


@pytest.mark.parametrize("parent", ["resolve_now('weather')", "weather._deferred.sub", "import pkg.sub"])
@pytest.mark.parametrize("child", ["resolve_now('climate')", "climate._deferred.mod"])
def test_whoever_asks_us_for_a_child_disturbs_nobody_who_imports_its_parent(
    world: World, parent: str, child: str
) -> None:
    """Neither is refused, and each body runs once, though somebody may import the parent plainly."""
    assert meet(world, parent, child).split() == ["pkg", "pkg.sub", "pkg.sub.mod"]


@pytest.mark.parametrize("parent", ["resolve_now('weather')", "weather._deferred.sub"])
def test_whoever_asks_us_for_a_parent_is_not_refused(world: World, parent: str) -> None:
    """Where somebody imports its child plainly before it is there to be seen, we are refused, and try again.

    So it is with compiled packages, whose libraries take a while to load before there is a module.
    """
    runs = meet(world, parent, "import pkg.sub.mod", "import pkg; sys.meta_path.insert(0, SlowToCreate)").split()
    assert set(runs) == {"pkg", "pkg.sub", "pkg.sub.mod"}


def meet(world: World, parent: str, child: str, first: str = "pass") -> str:
    """Ask for a parent and, before there is a module to see, for a child; return which bodies ran."""
    world.write(PARENT_AND_CHILD | RUNS | {"together.py": TOGETHER})
    world.package('imports.sub = "pkg.sub"')
    world.package('imports.mod = "pkg.sub.mod"', package="climate")
    return world.run(f"""
        import runs, sys, time, weather._deferred, climate._deferred
        from importlib.machinery import PathFinder
        from deferred_imports import resolve_now
        from together import together
        class SlowToCreate:
            def find_spec(name, path=None, target=None):
                if name == "pkg.sub":
                    spec = PathFinder.find_spec(name, path)
                    spec.loader.create_module = lambda spec: time.sleep(0.05)
                    return spec
        {first}
        def parent():
            {parent}
            assert sys.modules["pkg.sub"].complete
        def child():
            time.sleep(0.02)
            {child}
            assert sys.modules["pkg.sub.mod"].complete
        together(parent, child)
        print(*runs.names)
    """)


def test_two_calls_that_cross_heal(world: World) -> None:
    """Two threads that resolve a cycle, from both ends, both end well."""
    world.write(MUTUAL | RUNS | {"together.py": TOGETHER})
    world.package('imports.left = "left"')
    world.package('imports.right = "right"', package="climate")
    code = """
        import sys, time, weather._deferred, climate._deferred
        from deferred_imports import resolve_now
        from together import together
        together(lambda: resolve_now("weather"), lambda: (time.sleep(0.02), resolve_now("climate")))
        print(sys.modules["left"].complete, sys.modules["right"].complete)
    """
    assert world.run(code) == "True True"


def test_crossing_again_is_tried_again(world: World) -> None:
    """While one thread tries again, others that come from the other end may cross it anew: all end well."""
    world.write(MUTUAL | RUNS | {"together.py": TOGETHER})
    world.package('imports.left = "left"')
    world.package('imports.right = "right"', package="climate")
    code = """
        import runs, sys, threading, time, weather._deferred, climate._deferred
        from deferred_imports import resolve_now
        from together import together
        over = threading.Event()
        def left():
            try:
                resolve_now("weather")
            finally:
                over.set()
        def right(after):
            while runs.names.count("left") < after and not over.is_set():
                time.sleep(0.001)
            resolve_now("climate")
        together(left, lambda: right(1), lambda: right(2), lambda: right(3))
        print(sys.modules["left"].complete, sys.modules["right"].complete)
    """
    assert world.run(code) == "True True"


def test_threads_that_fail_in_step_heal(world: World) -> None:
    """However long the modules take, those who cross do not keep on doing so: one at a time tries again."""
    world.write(MUTUAL | RUNS | {"together.py": TOGETHER})
    world.write({"left.py": MUTUAL["left.py"].replace("0.05", "0.4")})
    world.package('imports.left = "left"')
    world.package('imports.right = "right"', package="climate")
    code = """
        import sys, time, weather._deferred, climate._deferred
        from deferred_imports import resolve_now
        from together import together
        together(lambda: resolve_now("weather"), lambda: (time.sleep(0.02), resolve_now("climate")))
        print(sys.modules["left"].complete, sys.modules["right"].complete)
    """
    assert world.run(code) == "True True"


def test_a_cycle_that_is_broken_for_all_is_given_up_soon(world: World) -> None:
    """With other threads around a cycle is tried once more, for they may be at fault; then it is what it is."""
    world.write(RUNS | {"left.py": noting("left", "from right import y\nx = 1")})
    world.write({"right.py": noting("right", "from left import x\ny = 1")})
    world.package('imports.left = "left"')
    code = """
        import runs, threading, weather._deferred
        from deferred_imports import resolve_now
        end = threading.Event()
        threading.Thread(target=end.wait).start()
        print(len(resolve_now(on_error="report").broken), *runs.names)
        end.set()
    """
    assert world.run(code) == "1 left right left right"


@pytest.mark.parametrize(("first", "second"), [("left", "right"), ("pkg.sub", "pkg.sub.mod")])
def test_what_is_declared_at_run_time_heals_as_well(world: World, first: str, second: str) -> None:
    """Modules that were declared with `deferred_imports.machinery` have no registry, and no other fate."""
    world.write(MUTUAL | PARENT_AND_CHILD | RUNS | {"together.py": TOGETHER})
    code = f"""
        import sys, time
        from deferred_imports import resolve_now
        from deferred_imports.machinery import defer_runtime_import
        from together import together
        defer_runtime_import("{first}", importing_name="weather.cli")
        defer_runtime_import("{second}", importing_name="climate.cli")
        together(lambda: resolve_now("weather"), lambda: (time.sleep(0.02), resolve_now("climate")))
        print(sys.modules["{first}"].complete, sys.modules["{second}"].complete)
    """
    assert world.run(code) == "True True"


# A signal that comes while start() waits for the n-th thread, made to come by replacing start().
AT_START = """
    import faulthandler, threading, weather._deferred, deferred_imports as di
    faulthandler.dump_traceback_later(200, exit=True)
    start, begun = threading.Thread.start, 0
    def interrupted(self):
        global begun
        {when}
    threading.Thread.start = interrupted
    try:
        di.resolve_now(workers=4, on_error="report")
    except KeyboardInterrupt:
        for _ in range(6000):  # a thread that was only just starting ends by itself
            if threading.active_count() == 1:
                break
            threading.Event().wait(0.01)
        print(threading.active_count())
    threading.Thread.start = start
    print(len(di.resolve_now().failures), sorted(vars(weather._deferred).keys() & {{"a", "b", "c", "d"}}))
"""


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize("place", ["before", "after"])
def test_ctrl_c_while_the_threads_start_leaves_none(world: World, nth: int, place: str) -> None:
    """It neither hangs nor leaves a thread, whichever thread was being started; the next call resolves the rest."""
    world.write({f"{name}.py": "" for name in "abcd"})
    world.package("imports = { " + ", ".join(f'{name} = "{name}"' for name in "abcd") + " }")
    stop = f"begun += 1\n        if begun == {nth}: raise KeyboardInterrupt"
    go = "start(self)"
    when = f"{go}\n        {stop}" if place == "after" else f"{stop}\n        {go}"
    assert world.run(AT_START.format(when=when)).splitlines() == ["1", "0 ['a', 'b', 'c', 'd']"]


def test_ctrl_c_while_a_thread_is_about_to_say_that_it_has_started(world: World) -> None:
    """It has a number by then and still cannot be joined: the interrupt gets through, and the thread ends by itself."""
    world.write({f"{name}.py": "" for name in "ab"})
    world.package('imports = { a = "a", b = "b" }')
    code = """
        import threading, weather._deferred
        from deferred_imports import resolve_now
        Event = threading.Event
        known, go = Event(), Event()
        class Started(Event):
            def wait(self, timeout=None):
                known.wait(100)
                raise KeyboardInterrupt
            def set(self):
                known.set()
                go.wait(100)
                super().set()
        threading.Event = Started
        try:
            resolve_now(workers=2)
        except KeyboardInterrupt:
            print("interrupted", [thread.ident is not None for thread in threading._limbo])
        threading.Event = Event
        go.set()
        while threading.active_count() > 1:
            Event().wait(0.01)
        print(len(resolve_now().resolved))
    """
    assert world.run(code) == "interrupted [True]\n2"


@pytest.mark.parametrize("call", ["resolve_now(workers=2)", "resolve_in_background(workers=2).result()"])
def test_threads_get_the_import_lock_that_ctrl_c_has_left_behind(world: World, call: str) -> None:
    """An interrupt inside the import system may leave its lock with the main thread: threads would never import."""
    world.write({f"{name}.py": "" for name in "ab"})
    world.package('imports = { a = "a", b = "b" }')
    code = f"""
        import _imp, faulthandler, weather._deferred
        from deferred_imports import resolve_in_background, resolve_now
        faulthandler.dump_traceback_later(100, exit=True)
        _imp.acquire_lock()
        _imp.acquire_lock()
        print(len({call}.resolved), _imp.lock_held())
    """
    assert world.run(code) == "2 False"


def test_ctrl_c_leaves_no_import_lock(world: World) -> None:
    """Nor does a call that was interrupted in an import keep the threads of the program from importing."""
    world.write({"stop.py": "import _imp\n_imp.acquire_lock()\nraise KeyboardInterrupt\n"})
    world.package('imports.stop = "stop"')
    code = """
        import _imp, weather._deferred
        from deferred_imports import resolve_now
        try:
            resolve_now()
        except KeyboardInterrupt:
            print(_imp.lock_held())
    """
    assert world.run(code) == "False"


@pytest.mark.parametrize("call", ["resolve_now(workers=2)", "resolve_in_background(workers=2).result()"])
def test_the_main_thread_starts_none(world: World, call: str) -> None:
    """Python runs a signal's handler in the main thread, and `Thread.start()` does not survive what that raises."""
    world.write({f"{name}.py": "" for name in "ab"})
    world.package('imports = { a = "a", b = "b" }')
    code = f"""
        import threading, weather._deferred
        from deferred_imports import resolve_in_background, resolve_now
        start, by = threading.Thread.start, set()
        def begin(self):
            by.add(threading.get_ident())
            start(self)
        threading.Thread.start = begin
        print(len({call}.resolved), bool(by), threading.main_thread().ident in by)
    """
    assert world.run(code) == "2 True False"


@pytest.mark.skipif(sys.version_info < (3, 14), reason="threads inherit contexts since Python 3.14")
def test_workers_inherit_the_context_of_the_call(world: World) -> None:
    """With `-X thread_inherit_context=1` a module sees the context variables of the thread that resolves it."""
    world.write({"a.py": "import mine\nmine.seen = mine.var.get()", "b.py": ""})
    world.write({"mine.py": "import contextvars\nvar = contextvars.ContextVar('var', default='none')"})
    world.package('imports = { a = "a", b = "b" }')
    code = """
        import mine, weather._deferred
        from deferred_imports import resolve_now
        mine.var.set("inherited")
        resolve_now(workers=2)
        print(mine.seen)
    """
    assert world.run(code, flags=["-X", "thread_inherit_context=1"]) == "inherited"


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts with a timer of Unix")
def test_ctrl_c_at_any_instant_leaves_nothing_behind() -> None:
    """Twenty rounds of `tests/runtime/interrupts.py`, which anyone can run for a thousand."""
    script = Path(__file__).with_name("interrupts.py")
    done = subprocess.run([sys.executable, str(script), "20"], check=False, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines()[-1:] == ["20 rounds: 0 hangs, 0 threads left, 0 names unbound"], done.stderr
