"""A library that defers imports must not be heavy: what it loads, and when."""

import pytest

import deferred_imports
from worlds import World

# Prints what a statement loads; `prepare` comes before.
LOADS = """
import sys
{prepare}
before = set(sys.modules)
{statement}
print(*sorted(set(sys.modules) - before - set(sys.builtin_module_names)))
"""

OURS = "deferred_imports"


def loads(world: World, statement: str, prepare: str = "pass") -> list[str]:
    """Return what a statement adds to `sys.modules` that is not part of the interpreter's own binary."""
    return world.run(LOADS.format(prepare=prepare, statement=statement)).split()


def test_each_name_loads_only_what_it_needs(world: World) -> None:
    """Importing the package loads one file, and each name brings the modules of its own; none of them is Python's."""
    assert loads(world, "import deferred_imports") == [OURS]
    assert loads(world, "from deferred_imports import resolve_now") == [OURS, f"{OURS}._now"]
    for name in deferred_imports.__all__:
        loaded = loads(world, f"from deferred_imports import {name}")
        assert [module for module in loaded if not module.startswith(OURS)] == []


@pytest.mark.parametrize(
    "statement",
    [
        "resolve_now()",
        "resolve_now('weather')",
        "list(iter_deferred_imports('weather'))",
        "find_missing()",
        "find_missing('weather')",
        "force_eager()",
        "on_resolve(print)()",
    ],
)
def test_what_is_done_loads_nothing_of_python_either(world: World, statement: str) -> None:
    """Resolving, listing, finding and forcing bring what the package declares, and nothing that is not ours."""
    world.write({"heavy.py": ""})
    world.package('imports.heavy = "heavy"', {"__init__.py": "from weather import _deferred"})
    prepare = "import weather\nfrom deferred_imports import *"
    ours = {"heavy"} if "resolve_now" in statement or "force" in statement else set()
    loaded = loads(world, statement, prepare)
    assert {module for module in loaded if not module.startswith(OURS)} == ours


def test_threads_and_asyncio_come_with_the_calls_that_need_them(world: World) -> None:
    """`threading` is loaded by the first call that starts a thread, `asyncio` by the first that awaits."""
    world.write({"heavy.py": "", "light.py": ""})
    world.package('imports.heavy = "heavy"\nimports.light = "light"', {"__init__.py": "from weather import _deferred"})
    prepare = "import weather\nfrom deferred_imports import *"
    assert {"asyncio", "threading"}.isdisjoint(loads(world, "resolve_now()", prepare))
    for statement in ("resolve_now(workers=2)", "resolve_in_background().result()"):
        assert "asyncio" not in loads(world, statement, prepare)
        assert world.run(f"{prepare}\n{statement}\nimport sys\nprint('threading' in sys.modules)") == "True"


def test_an_error_may_load_what_it_likes_but_not_more(world: World) -> None:
    """A failure is reported without `traceback` and its kind; a selector that matches nothing looks for near misses."""
    world.package('imports.gone = "nonsuch"', {"__init__.py": "from weather import _deferred"})
    prepare = "import weather\nfrom deferred_imports import *"
    assert [name for name in loads(world, "resolve_now(on_error='report')", prepare) if not name.startswith(OURS)] == []
    attempt = "try:\n    resolve_now(group='web')\nexcept LookupError:\n    pass"
    assert [name for name in loads(world, attempt, prepare) if not name.startswith(OURS)] == []
