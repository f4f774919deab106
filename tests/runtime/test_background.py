"""`resolve_in_background` resolves in a thread that was asked for, and its failures disturb nobody else."""

import sys

import pytest

from worlds import HELD, World


def test_the_program_goes_on_meanwhile(world: World) -> None:
    """The handle comes back at once, and is done when all is resolved; its result is the report."""
    world.write(HELD)
    world.package('imports.slow = "slow"')
    code = """
        import gate, sys, weather._deferred
        from deferred_imports import resolve_in_background
        handle = resolve_in_background("weather")
        print(handle.done)
        gate.go.set()
        report = handle.result()
        print(handle.done, len(report.resolved), sys.modules["slow"].complete)
    """
    assert world.run(code) == "False\nTrue 1 True"


def test_there_is_one_daemon_thread_and_only_when_asked_for(world: World) -> None:
    """Importing the function starts nothing; calling it starts one thread, which ends with the resolution."""
    world.write(HELD | {"one.py": ""})
    world.package('imports = { slow = "slow", one = "one" }')
    code = """
        import gate, threading, weather._deferred
        from deferred_imports import resolve_in_background
        assert threading.active_count() == 1
        handle = resolve_in_background()
        print(*[(thread.name, thread.daemon) for thread in threading.enumerate()[1:]])
        gate.go.set()
        handle.join()
        print(threading.active_count())
    """
    assert world.run(code) == "('deferred-imports', True)\n1"


def test_the_program_ends_without_waiting(world: World) -> None:
    """A program that has nothing more to do ends, however long the import at hand would take."""
    world.write(HELD | {"endless.py": "import gate, threading\ngate.begun.set()\nthreading.Event().wait()"})
    world.package('imports.endless = "endless"')
    code = """
        import gate, weather._deferred
        from deferred_imports import resolve_in_background
        resolve_in_background()
        gate.begun.wait()
        print("end")
    """
    assert world.run(code) == "end"


def test_a_failure_is_kept_for_the_result(world: World) -> None:
    """Whoever asks for the result gets the error, as often as they ask; with "report" they get the report."""
    world.write({"bad.py": "raise SystemExit(1)"})
    world.package('imports.bad = "bad"')
    code = """
        import weather._deferred
        from deferred_imports import DeferredImportError, resolve_in_background
        handle = resolve_in_background()
        print(handle.join())
        for _ in range(2):
            try:
                handle.result()
            except DeferredImportError as error:
                print(error.failures[0])
        print(len(resolve_in_background(on_error="report").result().broken))
    """
    assert world.run(code) == "True\n" + "weather: bad = bad: SystemExit: 1\n" * 2 + "1"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("'wether'", 'LookupError: package: expected "weather", got "wether"; did you mean "weather"?'),
        ("group='nope'", 'LookupError: group: expected one with deferred imports, got "nope"; there is none'),
        ("importer='nope'", 'LookupError: importer: expected one with deferred imports, got "nope"; there is none'),
        ("['weather']", "ValueError: package: expected the name of an import package, got ['weather']"),
        ("native='al'", 'ValueError: native: expected True, False or "all", got "al"'),
        ("workers=0", "ValueError: workers: expected 1 or more, got 0"),
    ],
)
def test_what_is_wrong_with_the_call_is_raised_by_the_call(world: World, arguments: str, error: str) -> None:
    """A misspelt selector is not left to a result that may never be asked for; no thread is started for it."""
    world.package('imports.late = "wave"')
    code = f"""
        import threading
        threading.Thread.start = None
        import weather._deferred
        from deferred_imports import resolve_in_background
        resolve_in_background({arguments})
    """
    assert world.error(code) == error


def test_what_is_only_known_by_its_file_is_imported_in_the_thread(world: World) -> None:
    """To look at what is asked for, the call imports nothing itself."""
    world.package('imports.late = "wave"', {"__init__.py": "import threading\nthread = threading.current_thread()\n"})
    code = """
        import sys
        from deferred_imports import resolve_in_background
        print(len(resolve_in_background("weather").result().resolved), sys.modules["weather"].thread.name)
    """
    assert world.run(code) == "1 deferred-imports"


def test_on_error_is_called_with_the_failure(world: World) -> None:
    """A callable is told, in the thread, and may look at the handle; without failures it is not called."""
    world.write({"bad.py": "1 / 0", "good.py": ""})
    world.package('imports.bad = "bad"')
    world.package('imports.good = "good"', package="climate")
    code = """
        import threading, weather._deferred, climate._deferred
        from deferred_imports import DeferredImportError, resolve_in_background
        def on_error(error):
            print(type(error).__name__, threading.current_thread().name, handles[0].done)
            try:
                handles[0].result()
            except DeferredImportError as same:
                print(same is error)
        handles, begin = [], threading.Event()
        handles.append(resolve_in_background("weather", on_error=on_error, progress=lambda step: begin.wait()))
        begin.set()
        handles[0].join()
        resolve_in_background("climate", on_error=on_error).result()
    """
    assert world.run(code) == "DeferredImportError deferred-imports True\nTrue"


def test_a_consumer_is_neither_blocked_nor_deceived_by_a_failure(world: World) -> None:
    """What failed in the background fails, or works, anew where it is needed, with its own error."""
    world.write({"cure.py": "done = False", "ill.py": "import cure\nassert cure.done, 'ill'"})
    world.package('imports.ill = "ill"')
    code = """
        import cure, weather._deferred
        from deferred_imports import resolve_in_background
        resolve_in_background().join()
        try:
            weather._deferred.ill
        except AssertionError as error:
            print(error)
        cure.done = True
        print(weather._deferred.ill.__name__)
    """
    assert world.run(code) == "ill\nill"


def test_a_consumer_gets_a_whole_module_meanwhile(world: World) -> None:
    """Importing or accessing what the thread is importing waits for that one module, and its body runs once."""
    slow = "import time\ntime.sleep(0.2)\ncomplete = True"
    world.write({"slow.py": slow, "later.py": "import threading\nthreading.Event().wait()"})
    world.package('imports = { slow = "slow", later = "later" }')
    code = """
        import threading, weather._deferred
        from deferred_imports import resolve_in_background
        begun = threading.Event()
        handle = resolve_in_background(progress=lambda step: begun.set())
        begun.wait()
        import slow
        print(slow.complete, weather._deferred.slow is slow, handle.done)
    """
    assert world.run(code) == "True True False"


def test_waiting_has_a_limit(world: World) -> None:
    """`result` and `join` wait as long as they are told; the resolution goes on."""
    world.write(HELD)
    world.package('imports.slow = "slow"')
    code = """
        import gate, weather._deferred
        from deferred_imports import resolve_in_background
        handle = resolve_in_background()
        print(handle.join(0.01))
        try:
            handle.result(timeout=0.01)
        except TimeoutError as error:
            print(error)
        gate.go.set()
        print(len(handle.result(timeout=60).resolved))
    """
    assert world.run(code) == "False\ndeferred imports are still being resolved after 0.01 seconds\n1"


def test_asking_from_within_does_not_hang(world: World) -> None:
    """What the thread itself calls cannot wait for the thread: it is told that there is no result yet."""
    world.write({"slow.py": ""})
    world.package('imports.slow = "slow"')
    code = """
        import threading, weather._deferred
        from deferred_imports import resolve_in_background
        handles, begin = [], threading.Event()
        def progress(step):
            begin.wait()
            try:
                handles[0].result()
            except TimeoutError:
                print("no result yet")
        handles.append(resolve_in_background(progress=progress))
        begin.set()
        print(len(handles[0].result().resolved))
    """
    assert world.run(code) == "no result yet\nno result yet\n1"


def test_progress_and_workers_work_as_in_the_foreground(world: World) -> None:
    """All arguments of `resolve_now` reach it; what progress raises ends the resolution and is kept for the result."""
    world.write({"one.py": "", "two.py": ""})
    world.package('imports = { one = { module = "one", groups = ["a"] }, two = { module = "two", groups = ["a"] } }')
    code = """
        import weather._deferred
        from deferred_imports import resolve_in_background
        def enough(step):
            raise ArithmeticError
        try:
            resolve_in_background("weather", group="a", progress=enough).result()
        except ArithmeticError:
            print("enough")
        steps = []
        report = resolve_in_background("weather", group="a", workers=2, progress=steps.append).result()
        print(len(report.resolved), len(steps))
    """
    assert world.run(code) == "enough\n2 4"


def test_keyboard_interrupt_of_a_module_reaches_the_result(world: World) -> None:
    """It gets through here, too: to whoever asks for the result."""
    world.write({"stop.py": "raise KeyboardInterrupt"})
    world.package('imports.stop = "stop"')
    code = """
        import weather._deferred
        from deferred_imports import resolve_in_background
        try:
            resolve_in_background().result()
        except KeyboardInterrupt:
            print("interrupted")
    """
    assert world.run(code) == "interrupted"


def test_a_forgotten_handle_is_freed(world: World) -> None:
    """A failed resolution that nobody has any more keeps nothing alive."""
    world.write({"bad.py": "1 / 0"})
    world.package('imports.bad = "bad"')
    code = """
        import gc, weakref, weather._deferred
        from deferred_imports import resolve_in_background
        class Bar:
            def show(self, step):
                pass
        def call():
            bar = Bar()
            resolve_in_background(progress=bar.show).join()
            return weakref.ref(bar)
        gc.disable()
        print(call()())
    """
    assert world.run(code) == "None"


def test_no_thread_no_resolution(world: World) -> None:
    """Where no thread can be started the call says so, and leaves nothing behind that a fork would wait for."""
    world.package('imports.wave = "wave"')
    code = """
        import os, threading, weather._deferred
        from deferred_imports import resolve_in_background, resolve_now
        def refuse(*arguments, **options):
            raise RuntimeError("can't start new thread")
        threading.Thread.start = refuse
        try:
            resolve_in_background()
        except RuntimeError as error:
            print(error)
        if hasattr(os, "fork"):
            child = os.fork()
            if not child:
                os._exit(0)
            os.waitpid(child, 0)
        print(len(resolve_now().resolved))
    """
    # Python 3.12 cannot wait for the very end of the thread that would have started it, and then warns of the fork.
    flags = ["-W", "ignore:This process:DeprecationWarning"] if sys.version_info[:2] == (3, 12) else []
    assert world.run(code, flags=flags) == "can't start new thread\n1"
