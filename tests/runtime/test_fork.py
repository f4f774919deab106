"""Forking while a background resolution runs: said aloud, and the child does not hang."""

import os

import pytest

from worlds import HELD, World

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

WARNING = (
    "the process forks while deferred imports are being resolved in the background, and the child process will not "
    "inherit the result: call the handle's result() before os.fork()"
)
LOST = (
    "deferred imports were being resolved in the background when this process was forked, and in it they are not: "
    "call result() before os.fork(), or resolve_now() after it"
)
# Forks, lets the child do something, and returns what it printed; whoever hangs is ended.
CHILD = {
    "child.py": """
        import faulthandler, os, signal, sys, traceback, warnings
        faulthandler.dump_traceback_later(200, exit=True)
        # What Python says of its own of forks and threads is not the point here.
        warnings.filterwarnings("ignore", "This process .*is multi-threaded", DeprecationWarning)

        def fork(function):
            sys.stdout.flush()
            child = os.fork()
            if child:
                # Not print(): what is in its buffer when another thread forks would come out twice.
                os.write(1, f"child exits with {os.waitpid(child, 0)[1]}\\n".encode())
                return
            signal.alarm(100)
            try:
                function()
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            os._exit(0)
    """
}
SLOW = {
    "slow.py": "import time; time.sleep(0.3); complete = True",
    "later.py": "import time; time.sleep(0.3); complete = True",
}
TABLE = 'imports = { slow = "slow", later = "later" }'


def test_a_fork_meanwhile_warns_with_the_remedy(world: World) -> None:
    """It is a `RuntimeWarning` at the line that forks."""
    world.write(CHILD | {"slow.py": "", "later.py": ""})
    world.package(TABLE)
    code = """
        import threading, warnings, weather._deferred
        from child import fork
        from deferred_imports import resolve_in_background
        forked = threading.Event()
        resolve_in_background(progress=lambda step: forked.wait())
        with warnings.catch_warnings(record=True) as caught:
            fork(lambda: None)
        forked.set()
        for warning in caught:
            if warning.category is RuntimeWarning:
                print(warning.message, warning.filename.endswith("child.py"))
    """
    assert world.run(code).splitlines() == ["child exits with 0", f"{WARNING} True"]


def test_the_child_imports_what_the_thread_was_importing(world: World) -> None:
    """The fork waits for the import at hand: the child has that module whole, and never hangs on the rest."""
    body = HELD["slow.py"].replace("complete", "import time\ntime.sleep(0.2)\ncomplete")
    world.write(CHILD | HELD | {"slow.py": body, "later.py": "complete = True"})
    world.package('imports = { slow = "slow", later = "later" }')
    code = """
        import gate, os, sys, threading, warnings, weather._deferred
        from child import fork
        from deferred_imports import resolve_in_background, resolve_now
        warnings.simplefilter("ignore", RuntimeWarning)
        forked = threading.Event()
        handle = resolve_in_background("weather", progress=lambda step: step.position == 1 or forked.wait())
        gate.begun.wait()
        os.register_at_fork(before=gate.go.set, after_in_parent=forked.set)  # before ours: the last comes first
        def child():
            print(sys.modules["slow"].complete, "later" in sys.modules)
            import later
            print(later.complete, len(resolve_now().skipped), handle.done)
            try:
                handle.result()
            except RuntimeError as error:
                print(error)
            warnings.simplefilter("error", RuntimeWarning)
            fork(lambda: print("grandchild"))  # the thread is the grandparent's: nothing to warn of
        fork(child)
        print(len(handle.result().resolved))
    """
    assert world.run(code).splitlines() == [
        "True False",
        "True 2 True",
        LOST,
        "grandchild",
        "child exits with 0",
        "child exits with 0",
        "2",
    ]


def test_a_fork_after_the_result_says_nothing(world: World) -> None:
    """Joined first, as the rule says, the child has everything and nobody warns; without threads nobody ever does."""
    world.write(CHILD | SLOW)
    world.package(TABLE)
    code = """
        import sys, warnings, weather._deferred
        from child import fork
        from deferred_imports import resolve_in_background
        warnings.simplefilter("error", RuntimeWarning)
        fork(lambda: print("slow" in sys.modules))
        handle = resolve_in_background()
        handle.result()
        fork(lambda: print(sys.modules["slow"].complete, sys.modules["later"].complete, handle.result().seconds > 0))
    """
    assert world.run(code).splitlines() == ["False", "child exits with 0", "True True True", "child exits with 0"]


def test_several_forks_and_workers_at_once(world: World) -> None:
    """Threads that fork at the same time each get a child that works, and the resolution comes to its end."""
    world.write(CHILD | SLOW | {"one.py": "import time; time.sleep(0.3)", "two.py": "import time; time.sleep(0.3)"})
    world.package('imports = { slow = "slow", later = "later", one = "one", two = "two" }')
    code = """
        import threading, time, warnings, weather._deferred
        from child import fork
        from deferred_imports import resolve_in_background
        warnings.simplefilter("ignore", RuntimeWarning)
        handle = resolve_in_background(workers=2)
        time.sleep(0.1)
        def child():
            import slow, later, one, two
            assert slow.complete and later.complete
        threads = [threading.Thread(target=fork, args=(child,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(len(handle.result(60).resolved))
    """
    assert world.run(code).splitlines() == ["child exits with 0"] * 3 + ["4"]


def test_a_module_that_forks_in_the_background_does_not_wait_for_itself(world: World) -> None:
    """The thread that resolves may fork, too, if a module wants to: there is nothing to warn of and to wait for."""
    world.write(CHILD | {"forks.py": "from child import fork\nfork(lambda: print('child'))"})
    world.package('imports.forks = "forks"')
    code = """
        import warnings, weather._deferred
        import deferred_imports._background
        from deferred_imports import resolve_in_background
        warnings.simplefilter("error", RuntimeWarning)
        deferred_imports._background._PATIENCE = 1e6
        print(len(resolve_in_background().result().resolved))
    """
    assert world.run(code).splitlines() == ["child", "child exits with 0", "1"]


def test_a_module_that_forks_does_not_wait_for_those_who_need_it(world: World) -> None:
    """A fork in the body of a module warns and does not wait: the thread may be waiting for that very module."""
    world.write(CHILD | {"gate.py": HELD["gate.py"]})
    world.write({"needs.py": "import gate\ngate.begun.set()\ngate.go.wait()\nimport app\n"})
    body = "import gate, time\ngate.go.set()\ntime.sleep(0.1)\nfrom child import fork\nfork(lambda: print('child'))"
    world.write({"app.py": body})
    world.package('imports.needs = "needs"')
    code = """
        import gate, warnings, weather._deferred
        import deferred_imports._background
        from deferred_imports import resolve_in_background
        deferred_imports._background._PATIENCE = 1e6
        handle = resolve_in_background()
        gate.begun.wait()
        with warnings.catch_warnings(record=True) as caught:
            import app
        print(RuntimeWarning in [warning.category for warning in caught])
        print(len(handle.result().resolved))
    """
    assert world.run(code).splitlines() == ["child", "child exits with 0", "True", "1"]


def test_a_lock_of_the_forking_thread_holds_nobody_up_for_ever(world: World) -> None:
    """If the import at hand needs what the forking thread has, the fork gives up waiting after a while, and goes on."""
    world.write(
        CHILD | {"lock.py": "import threading\nlock = threading.Lock()", "needs.py": "import lock\nlock.lock.acquire()"}
    )
    world.package('imports.needs = "needs"')
    code = """
        import lock, time, warnings, weather._deferred
        import deferred_imports._background
        from child import fork
        from deferred_imports import resolve_in_background
        warnings.simplefilter("ignore", RuntimeWarning)
        deferred_imports._background._PATIENCE = 0.2
        with lock.lock:
            handle = resolve_in_background()
            fork(lambda: print("child"))
        print(len(handle.result().resolved))
    """
    assert world.run(code).splitlines() == ["child", "child exits with 0", "1"]
