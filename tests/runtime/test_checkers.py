"""Programs that have every call checked against its annotations, in all modules: the runtime is among them."""

import sys
from textwrap import dedent

import pytest

from worlds import World

HOOKS = {
    "beartype": "from beartype.claw import beartype_all as check_all",
    "typeguard": "from typeguard import install_import_hook as check_all",
}


@pytest.mark.parametrize("checker", HOOKS)
def test_all_that_the_runtime_does_passes_the_check(world: World, checker: str) -> None:
    """Each call of the API is made below beartype's and typeguard's hook over everything, registries included."""
    pytest.importorskip(checker)
    world.write({"one.py": "", "two.py": "", "bad.py": "1 / 0"})
    table = """
        imports.one = "one"
        imports.two = "two:__name__"
        imports.bad = "bad"
        imports.wave = { module = "wave", groups = ["g"] }
        imports.gone = { module = "nonsuch", optional = true }
    """
    lazy = "lazy import calendar\n" if sys.version_info >= (3, 15) else ""
    body = f"{lazy}from . import _deferred as _deferred\n"
    world.package(table, {"__init__.py": body, "cli.py": "from . import _deferred\n"}, uses=".cli: one")
    world.package('imports.sched = "sched"', {"__init__.py": body}, package="eager")
    code = """
        import asyncio, sys
        import deferred_imports as di
        from deferred_imports import machinery, prefetch, testing
        print(*[entry.state for entry in di.iter_deferred_imports("weather")], di.find_missing("weather"))
        import weather
        print(weather._deferred.one.__name__, di.find_missing("weather", importer="weather.cli"))
        heard, steps = [], []
        end = di.on_resolve(heard.append)
        stop = di.on_load("wave", heard.append)
        print(len(di.resolve_now("weather", group="g", progress=steps.append).resolved))
        print([len(getattr(di.resolve_now(workers=4, on_error="report"), kind)) for kind in ("missing", "broken")])
        print(len(di.resolve_in_background("weather", on_error=heard.append).join() * [1]))
        end()
        print(len(asyncio.run(di.resolve_async("weather", on_error="report")).skipped) > 2, len(steps), len(heard) > 3)
        for wrong in (lambda: di.resolve_now("nonsuch"), lambda: di.resolve_now("weather")):
            try:
                wrong()
            except (LookupError, ImportError) as error:
                print(type(error).__name__, str(error)[:24])
        with di.force_eager("eager"):
            import eager
        print("sched" in vars(eager._deferred))
        machinery.defer_runtime_import("heapq", importing_name="eager.cli")
        print(len([*machinery.iter_deferred_imports()]), machinery.resolve_deferred_import("heapq").__name__)
        print(prefetch.prefetch().status)
        for name in ("gone", "nothing"):
            try:
                getattr(weather._deferred, name)
            except (AttributeError, ImportError) as error:
                print(type(error).__name__)
        testing.reset("weather")
        print("one" in vars(weather._deferred))
    """
    checked = world.run(f"{HOOKS[checker]}\ncheck_all()\n{dedent(code)}")
    assert checked == world.run(code)
    assert checked.endswith("ModuleNotFoundError\nAttributeError\nFalse")
