"""`force_eager` and `PYDEFER_EAGER` hold for native imports under `__lazy_modules__`, once the package is imported."""

import sys

import pytest

from worlds import World

NATIVE = pytest.mark.skipif(sys.version_info < (3, 15), reason="native lazy imports came with Python 3.15")
EAGER = {"PYDEFER_EAGER": "1"}
BEGIN = """
import sys
from deferred_imports import force_eager
def kinds(module, *names):
    print(*[type(vars(module).get(name)).__name__ for name in names])
"""
LAZY = "from ._deferred import __lazy_modules__\n"
# An import at the declaration would find half a module: "plugins" needs what stands below it.
CYCLE = {
    "__init__.py": "from . import core\nprint('weather is complete')",
    "core.py": f"{LAZY}from plugins import Plugin\nimport alpha\nclass Base: pass",
    "later.py": f"{LAZY}import alpha\nimport beta as b\nprint('later', type(vars()['b']).__name__)",
}
TABLE = 'imports = { alpha = "alpha", beta = { module = "beta", optional = true }, Plugin = "plugins:Plugin" }'


@pytest.fixture
def world(world: World) -> World:
    """A world with a package that has native imports in a circle, and the modules that it imports."""
    world.write(
        {
            "plugins.py": "from weather.core import Base\nprint('runs plugins')\nclass Plugin(Base): pass",
            "alpha.py": "print('runs alpha')",
            "beta.py": "print('runs beta')",
        }
    )
    world.package(TABLE, CYCLE)
    return world


@NATIVE
def test_they_are_resolved_when_the_package_has_been_imported(world: World) -> None:
    """Not at the declaration, where a circle would break; and before `import weather` returns."""
    code = f"{BEGIN}import weather\nprint('imported')\nkinds(weather.core, 'Plugin', 'alpha')"
    lines = world.run(code, env=EAGER).splitlines()
    assert lines[0] == "weather is complete"
    assert set(lines[1:-2]) == {"runs alpha", "runs beta", "runs plugins"}
    assert lines[-2:] == ["imported", "type module"]
    assert world.run(code).splitlines() == ["weather is complete", "imported", "lazy_import lazy_import"]


@NATIVE
@pytest.mark.parametrize("call", [True, False])
def test_modules_that_are_imported_later_are_eager_as_well(world: World, *, call: bool) -> None:
    """Theirs are resolved when they have been imported themselves."""
    begin = f"{BEGIN}force_eager('weather')\n" if call else BEGIN
    code = f"{begin}import weather\nprint('imported')\nimport weather.later\nkinds(weather.later, 'alpha', 'b')"
    lines = world.run(code, env=None if call else {"PYDEFER_EAGER": "weather"}).splitlines()
    assert lines[lines.index("imported") + 1 :] == ["later lazy_import", "module module"]


@NATIVE
def test_what_is_outstanding_is_resolved_by_the_call(world: World) -> None:
    """`force_eager()` resolves what the package has declared by then; other packages stay as they are."""
    world.package('imports.csv = "csv"', {"__init__.py": f"{LAZY}import csv"}, package="climate")
    code = f"""{BEGIN}
import weather, climate
force_eager("weather")
kinds(weather.core, "Plugin", "alpha")
kinds(climate, "csv")
"""
    assert world.run(code).splitlines()[-2:] == ["type module", "lazy_import"]


@NATIVE
def test_a_block_that_ends_makes_them_lazy_again(world: World) -> None:
    """For modules that are imported afterwards; the registry answers as it did before."""
    code = f"""{BEGIN}
with force_eager():
    import weather
    print("alpha" in weather._deferred.__lazy_modules__)
print("alpha" in weather._deferred.__lazy_modules__)
import weather.later
kinds(weather.later, "alpha", "b")
"""
    assert world.run(code).splitlines()[-4:] == ["False", "True", "later lazy_import", "lazy_import lazy_import"]


@NATIVE
def test_what_is_missing_fails_the_import(world: World) -> None:
    """All that is required, at once; the next import starts anew, and works when the cause is cured."""
    world.package('imports.csv = "csv"', {"__init__.py": f"{LAZY}lazy import nowhere"}, package="climate")
    code = f"""{BEGIN}
for _ in range(2):
    try:
        import climate
    except ImportError as error:
        print(str(error).splitlines()[0], "climate" in sys.modules)
    open("nowhere.py", "w").close()
    sys.path_importer_cache.clear()
kinds(climate, "nowhere")
"""
    assert world.run(code, env=EAGER).splitlines() == ["1 deferred import failed: False", "module"]


@NATIVE
def test_what_is_missing_in_a_later_module_fails_that_alone(world: World) -> None:
    """The package and its registry stay; that module can be imported when the cause is cured."""
    world.package(TABLE, {**CYCLE, "needy.py": f"{LAZY}import alpha\nlazy import nowhere"})
    code = f"""{BEGIN}
import weather
registry = weather._deferred
print("imported")
for _ in range(2):
    try:
        import weather.needy
    except ImportError as error:
        print(str(error).splitlines()[0], "weather.needy" in sys.modules, sys.modules["weather._deferred"] is registry)
    open("nowhere.py", "w").close()
    sys.path_importer_cache.clear()
kinds(weather.needy, "nowhere")
"""
    lines = world.run(code, env=EAGER).splitlines()
    assert lines[lines.index("imported") + 1 :] == ["1 deferred import failed: False True", "module"]


def test_the_registry_says_what_holds(world: World) -> None:
    """Its `__lazy_modules__` holds nothing when the package is eager, and all modules of the table when it is not."""
    world.package(TABLE, {"__init__.py": "from . import _deferred", "core.py": "class Base: pass"})
    code = """
        import weather
        lazy = weather._deferred.__lazy_modules__
        print([name in lazy for name in ("alpha", "plugins", "json")], sorted(lazy), len(lazy))
    """
    names = "['alpha', 'beta', 'plugins'] 3"
    assert world.run(code, env=EAGER).splitlines()[-1] == f"[False, False, False] {names}"
    assert world.run(code, env={"PYDEFER_EAGER": "json"}).splitlines() == [f"[True, True, False] {names}"]
    assert world.run(code) == f"[True, True, False] {names}"


@NATIVE
def test_threads_that_import_an_eager_package_find_it_complete(world: World) -> None:
    """Whoever imports a module of it, no proxy under `__lazy_modules__` is left when all have."""
    world.package(TABLE, {**CYCLE, **{f"m{number}.py": f"{LAZY}import beta" for number in range(8)}})
    code = f"""{BEGIN}
import importlib, threading
errors, start = [], threading.Barrier(8)
def work(number):
    try:
        start.wait()
        importlib.import_module(f"weather.m{{number}}")
        import weather
        kinds(weather.core, "Plugin")
    except BaseException as error:
        errors.append(error)
threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(errors, *[type(vars(sys.modules[f"weather.m{{number}}"])["beta"]).__name__ for number in range(8)])
"""
    lines = world.run(code, env=EAGER).splitlines()
    assert lines[-1] == f"[] {' '.join(['module'] * 8)}"
    assert lines.count("type") == 8
