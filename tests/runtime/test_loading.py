"""`on_load`: called once when a module has been loaded, however; no import is harmed, and none pays unless asked."""

import pytest

from worlds import World

ASK = "import sys; from deferred_imports import on_load; calls = []\n"


def test_whoever_imports_it(world: World) -> None:
    """A plain import, `from`, importlib and a registry: once, before the statement returns."""
    world.write({"plain.py": "x = 1", "taken.py": "x = 1", "pack/__init__.py": "", "pack/inner.py": "", "heavy.py": ""})
    world.package('imports.heavy = "heavy"')
    code = (
        ASK
        + """
import importlib
for name in ("plain", "taken", "pack.inner", "heavy"):
    on_load(name, lambda module: calls.append((module.__name__, sys.modules[module.__name__] is module)))
import plain
assert calls.pop() == ("plain", True)
from taken import x
assert calls.pop() == ("taken", True)
importlib.import_module("pack.inner")
assert calls.pop() == ("pack.inner", True)
from weather import _deferred
assert not calls
_deferred.heavy
assert calls.pop() == ("heavy", True)
import plain, taken, heavy
print(calls, [type(finder).__module__ for finder in sys.meta_path if "deferred" in type(finder).__module__])
"""
    )
    assert world.start(code).stdout == "[] []\n"


def test_what_is_there_already(world: World) -> None:
    """For a module that is loaded the call is made at once, and no hook is installed."""
    code = (
        ASK + "before = sys.meta_path[:]; on_load('sys', calls.append); print(calls == [sys], sys.meta_path == before)"
    )
    assert world.start(code).stdout == "True True\n"


def test_a_module_that_is_being_imported(world: World) -> None:
    """Asked for by the module itself, or by what it imports, the call comes when its import ends."""
    world.write(
        {
            "outer.py": "import inner\nstate = 'done'\n",
            "inner.py": "from deferred_imports import on_load\nimport outer\n"
            "on_load('outer', lambda module: print('called', module.state))\nprint('asked')\n",
        }
    )
    assert world.start("import outer; print('imported')").stdout == "asked\ncalled done\nimported\n"


def test_several_in_their_order_and_one_that_fails(world: World) -> None:
    """All are called in their order; one that raises is printed, and fails neither the import nor the others."""
    world.write({"target.py": "x = 1"})
    code = (
        ASK
        + """
on_load("target", lambda module: calls.append(1))
on_load("target", lambda module: 1 / 0)
on_load("target", lambda module: calls.append(3))
import target
print(calls, target.x)
"""
    )
    done = world.start(code)
    assert done.stdout == "[1, 3] 1\n"
    assert "ZeroDivisionError" in done.stderr


def test_a_wish_that_is_taken_back(world: World) -> None:
    """What is taken back is not called, the others are; with the last wish the hook goes."""
    world.write({"target.py": "", "other.py": ""})
    code = (
        ASK
        + """
same = calls.append
ends = [on_load("target", same), on_load("target", same), on_load("other", same)]
ends[0](); ends[0](); ends[2]()
import target, other
ends[1]()
print([module.__name__ for module in calls], len([f for f in sys.meta_path if "deferred" in type(f).__module__]))
"""
    )
    assert world.start(code).stdout == "['target'] 0\n"


def test_an_import_that_fails_may_succeed_later(world: World) -> None:
    """A module that fails has not been loaded: the call comes when an import succeeds; what is missing stays so."""
    world.write({"flaky.py": "import os\nif 'READY' not in os.environ: raise RuntimeError('not yet')\n"})
    code = (
        ASK
        + """
import os
on_load("flaky", lambda module: calls.append(module.__name__))
on_load("nowhere", calls.append)
for name in ("flaky", "nowhere"):
    try:
        __import__(name)
    except (RuntimeError, ModuleNotFoundError) as error:
        print(type(error).__name__, calls)
os.environ["READY"] = "1"
import flaky
print(calls)
"""
    )
    assert world.start(code).stdout == "RuntimeError []\nModuleNotFoundError []\n['flaky']\n"


def test_the_module_is_as_it_would_be(world: World) -> None:
    """Loader, spec, source and resources are those of the module; reload, `-m` and compiled modules work."""
    world.write({"target.py": "x = 1\n", "run.py": "print(__name__, __spec__.name)"})
    code = (
        ASK
        + """
import importlib, importlib.machinery, importlib.util, inspect, runpy
on_load("target", calls.append)
on_load("run", calls.append)
on_load("_lsprof", lambda module: calls.append(module))
import target
assert type(target.__loader__) is type(target.__spec__.loader) is importlib.machinery.SourceFileLoader
assert type(target.__spec__) is importlib.machinery.ModuleSpec
assert inspect.getsource(target) == "x = 1\\n"
importlib.reload(target)
import _lsprof
assert importlib.util.find_spec("run").loader.get_filename("run").endswith("run.py")
runpy.run_module("run", run_name="__main__")
print([module.__name__ for module in calls])
"""
    )
    assert world.start(code).stdout == "__main__ run\n['target', '_lsprof']\n"


def test_loaded_by_its_spec(world: World) -> None:
    """Who loads a module by its spec, without the import statement, is heard, too."""
    world.write({"target.py": "x = 1"})
    code = (
        ASK
        + """
import importlib.util
on_load("target", lambda module: calls.append(module.x))
spec = importlib.util.find_spec("target")
module = sys.modules["target"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(calls)
"""
    )
    assert world.start(code).stdout == "[1]\n"


def test_from_many_threads(world: World) -> None:
    """When several threads import it at once, one call is made, and all of them find the module configured."""
    world.write({"target.py": "import time\ntime.sleep(0.05)\nvalue = 0\n"})
    code = (
        ASK
        + """
import threading
def configure(module):
    calls.append(module)
    module.value = 1
on_load("target", configure)
seen = []
def work():
    import target
    seen.append(target.value)
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print(len(calls), seen == [1] * 8)
"""
    )
    assert world.start(code).stdout == "1 True\n"


@pytest.mark.parametrize("name", ["", ".x", "a..b", "a b"])
def test_what_is_no_name(name: str, world: World) -> None:
    """A name that is not absolute is refused."""
    done = world.run_python(f"from deferred_imports import on_load; on_load({name!r}, print)", check=False)
    assert done.stderr.endswith(f'ValueError: on_load: expected the absolute name of a module, got "{name}"\n')


def test_other_imports_pay_one_look(world: World) -> None:
    """While something is waited for, the finder asks nobody about other modules: one look into a dictionary."""
    world.write({"target.py": "", "other.py": ""})
    code = (
        ASK
        + """
on_load("target", calls.append)
finder = sys.meta_path[0]
asked = []
class Other:
    @staticmethod
    def find_spec(name, path=None, target=None):
        asked.append(name)
sys.meta_path.insert(1, Other)
print(finder.find_spec("other"), asked)
import other, target
print(asked)
"""
    )
    assert world.start(code).stdout == "None []\n['other', 'target']\n"
