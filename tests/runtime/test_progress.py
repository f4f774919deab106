"""`progress=` is told where a resolution stands, before and after each import."""

import pytest

from worlds import World

MODULES = {"one.py": "", "two.py": "1 / 0", "three.py": ""}
TABLE = 'imports = { one = "one", two = { module = "two", optional = true }, three = "three" }'


def test_it_is_told_before_and_after_each_import(world: World) -> None:
    """Each event has the entry, its position and the total; after the import also its seconds and its error."""
    world.write(MODULES)
    world.package(TABLE)
    code = """
        import sys, weather._deferred
        from deferred_imports import resolve_now
        def show(step):
            loaded = step.entry.module in sys.modules
            error = type(step.error).__name__
            print(step.position, step.total, step.entry.name, step.done, step.seconds > 0, error, loaded)
        resolve_now(progress=show)
    """
    assert world.run(code).splitlines() == [
        "1 3 one False False NoneType False",
        "1 3 one True True NoneType True",
        "2 3 two False False NoneType False",
        "2 3 two True True ZeroDivisionError False",
        "3 3 three False False NoneType False",
        "3 3 three True True NoneType True",
    ]


def test_the_total_grows_with_what_turns_up(world: World) -> None:
    """What a registry adds that appears while resolving is counted from then on; what is resolved never is."""
    world.package('imports = { climate = "climate", csv = "csv" }')
    world.package('imports.json = "json"', {"__init__.py": "from . import _deferred"}, package="climate")
    code = """
        import weather._deferred
        from deferred_imports import resolve_now
        weather._deferred.csv
        resolve_now(progress=lambda step: print(step.position, step.total, step.entry.name, step.done))
    """
    assert world.run(code).splitlines() == ["1 1 climate False", "1 1 climate True", "2 2 json False", "2 2 json True"]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("done", [False, True])
def test_what_it_raises_gets_through(world: World, *, done: bool, workers: int) -> None:
    """An exception in it ends the call at once; what was imported stays, the rest is pending; threads have ended."""
    world.write({"one.py": "import time; time.sleep(0.05)", "two.py": "import time; time.sleep(0.05)"})
    world.package('imports = { one = "one", two = "two", three = ["one", "three"] }')
    code = f"""
        import sys, threading, weather._deferred
        from deferred_imports import iter_deferred_imports, resolve_now
        def show(step):
            if step.position == 2 and step.done is {done}:
                raise LookupError("enough")
        try:
            resolve_now(progress=show, workers={workers})
        except LookupError as error:
            print(error, threading.active_count())
        for entry in iter_deferred_imports():
            loaded = entry.module in sys.modules
            assert (entry.state == "resolved") == loaded, (entry, loaded)
        print(len(resolve_now().missing), len(resolve_now().skipped))
    """
    assert world.run(code) == "enough 1\n0 3"


@pytest.mark.parametrize("workers", [1, 3])
def test_it_is_called_in_the_calling_thread_once_each(world: World, workers: int) -> None:
    """However many threads import, and though failures are tried again, each import has two events and no thread."""
    world.write(MODULES)
    world.package(TABLE)
    code = f"""
        import threading, weather._deferred
        from deferred_imports import resolve_now
        events = []
        def show(step):
            assert threading.current_thread() is threading.main_thread()
            events.append((step.position, step.done))
        resolve_now(progress=show, workers={workers})
        assert all(events.index((position, False)) < events.index((position, True)) for position in (1, 2, 3))
        print(sorted(events))
    """
    assert world.run(code) == "[(1, False), (1, True), (2, False), (2, True), (3, False), (3, True)]"


def test_an_event_reads_well(world: World) -> None:
    """Whoever just prints events sees where it stands."""
    world.package('imports.c = "colorsys"')
    code = """
        import weather._deferred
        from deferred_imports import resolve_now
        resolve_now(progress=print)
    """
    assert world.run(code).splitlines() == [
        "<Progress: before 1 of 1, <DeferredImport weather: c = colorsys (pending)>>",
        "<Progress: after 1 of 1, <DeferredImport weather: c = colorsys (resolved)>>",
    ]
